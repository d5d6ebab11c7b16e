import { captureLog } from '@bulkhead/service/testing/captured-log'
import { expect, test } from 'vitest'
import type { ModelVersion } from '../domain/model-version.ts'
import { createLoadedModels } from '../state/loaded-models.ts'
import { sampleLoadedModel, sampleRankingModel } from '../testing/samples/models.ts'
import { createProductionSwitch } from './production-switch.ts'

function loaded(id: string) {
  return sampleLoadedModel(sampleRankingModel(['i1']), id)
}

async function after(
  registry: ModelVersion | null,
  { isRead = true }: { readonly isRead?: boolean } = {},
): Promise<readonly (string | null)[]> {
  const models = createLoadedModels()
  if (isRead) {
    const pinned = [loaded('pinned-v1')]
    const [production, previous] = [loaded('current-v2'), loaded('before-v1')]
    models.replace({ production, previous, pinned, unloadable: new Set() })
  }
  const worker = createProductionSwitch({
    store: { productionModelVersion: async () => registry },
    models,
    intervalMs: 86_400_000,
    random: { next: () => 0.5 },
    log: captureLog().log,
  })
  worker.start()
  await worker.wake()
  await worker.stop()
  return [models.production()?.version.id ?? null, models.previous()?.version.id ?? null]
}

test('a rollback puts the version before into production, and what was rolled back does not stand in', async () => {
  expect(await after(loaded('before-v1').version)).toEqual(['before-v1', null])
  expect(await after(null)).toEqual([null, null])
})

test('a promotion of a version that experiments pin takes effect too, and what it replaces stands in', async () => {
  expect(await after(loaded('pinned-v1').version)).toEqual(['pinned-v1', 'current-v2'])
})

test('a version that has to be read first, or is there already, changes nothing, and nor does anything before the first read', async () => {
  expect(await after(loaded('new-v3').version)).toEqual(['current-v2', 'before-v1'])
  expect(await after(loaded('current-v2').version)).toEqual(['current-v2', 'before-v1'])
  expect(await after(loaded('before-v1').version, { isRead: false })).toEqual([null, null])
})
