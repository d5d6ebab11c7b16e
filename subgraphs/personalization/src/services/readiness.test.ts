import { expect, test } from 'vitest'
import { createLoadedModels } from '../state/loaded-models.ts'
import { createServingIndex } from '../state/serving-index.ts'
import { sampleLoadedModel, sampleRankingModel } from '../testing/samples/models.ts'
import { createReadiness } from './readiness.ts'

test('a process is ready once it has its catalogue and knows its models, be there none', async () => {
  const index = createServingIndex()
  const models = createLoadedModels()
  const check = createReadiness({
    store: { ping: async () => {} },
    index,
    models,
    snapshots: { current: () => null },
  })
  expect(await check()).toMatchObject({ ready: false, checks: { servingIndex: { ok: false } } })
  index.markRead()
  expect(await check()).toMatchObject({
    ready: false,
    checks: { servingIndex: { ok: true }, model: { ok: false, detail: 'not loaded yet' } },
  })
  const none = { production: null, previous: null, pinned: [], unloadable: new Set<string>() }
  models.replace(none)
  expect(await check()).toMatchObject({
    ready: true,
    checks: { model: { ok: false, detail: 'none; serving what is popular' } },
  })
  models.replace({ ...none, previous: sampleLoadedModel(sampleRankingModel([]), 'item-to-item-v1') })
  expect(await check()).toMatchObject({
    ready: true,
    checks: { model: { ok: false, detail: 'none; item-to-item-v1 stands in' } },
  })
})
