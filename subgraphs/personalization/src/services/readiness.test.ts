import { expect, test } from 'vitest'
import { createLoadedModels } from '../state/loaded-models.ts'
import { createServingIndex } from '../state/serving-index.ts'
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
  models.replace(null, [], new Set())
  expect(await check()).toMatchObject({ ready: true, checks: { model: { ok: false } } })
})
