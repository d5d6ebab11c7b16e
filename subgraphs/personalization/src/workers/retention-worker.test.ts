import type { AssignmentSnapshot } from '@bulkhead/contracts'
import { createLogger } from '@bulkhead/service/logging'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openPersonalizationStore } from '../datastore/open.ts'
import type { PersonalizationStore } from '../datastore/port.ts'
import { sampleSnapshot, sampleTreatment } from '../testing/samples/experiments.ts'
import { sampleModelVersion } from '../testing/samples/models.ts'
import { sampleExposure, sampleSlate } from '../testing/samples/slates.ts'
import { NOON } from '../testing/samples/time.ts'
import { serveModel } from '../testing/serving-model.ts'
import { createTestMetrics } from '../testing/test-metrics.ts'
import { createRetentionWorker, type Retention } from './retention-worker.ts'

const DAY_MS = 86_400_000
const FOR_EVER: Retention = { slatesMs: 0, deadLettersMs: 0, artefactsMs: 0, maxDeadLetters: 1_000_000 }

let store: PersonalizationStore
beforeEach(async () => {
  store = await openPersonalizationStore('sqlite::memory:')
  for (let at = 0; at < 1_201; at++) void store.saveSlate(sampleSlate(`old-${at}`, { createdAt: NOON }), [])
  await store.saveSlate(sampleSlate('young', { createdAt: NOON + DAY_MS }), [])
  const letters = Array.from({ length: 1_001 }, (_, at) => ({
    event: sampleExposure(`e${at}`),
    at: NOON + at,
  }))
  await store.addDeadLetters(letters.map((letter) => ({ ...letter, code: 'NO', message: 'no' })))
})
afterEach(() => store.close())

const NOW = NOON + DAY_MS + 500

async function runOnce(
  retention: Partial<Retention>,
  snapshot: AssignmentSnapshot | null = null,
  confirmedAt: number | null = NOW,
) {
  const metrics = createTestMetrics()
  const worker = createRetentionWorker({
    store,
    snapshots: { current: () => snapshot, confirmedAt: () => confirmedAt },
    retention: { ...FOR_EVER, ...retention },
    clock: { now: () => NOW },
    random: { next: () => 0.5 },
    log: createLogger({ service: 'test', level: 'silent' }),
    metrics,
  })
  worker.start()
  await worker.wake()
  await worker.stop()
  const gauge = await metrics.registry.getSingleMetric('bulkhead_dead_letters')?.get()
  const slates = await store.slatesByIds(['old-0', 'old-700', 'old-1200', 'young'])
  return { slates: slates.length, letters: await store.deadLetterCount(), gauge: gauge?.values[0]?.value }
}

test('zero keeps everything for ever, and the dead letters are counted', async () => {
  expect(await runOnce({})).toEqual({ slates: 4, letters: 1_001, gauge: 1_001 })
})

test('what is older than it is to be kept goes, in as many steps as it takes', async () => {
  expect(await runOnce({ slatesMs: DAY_MS, deadLettersMs: DAY_MS })).toEqual({
    slates: 1,
    letters: 501,
    gauge: 501,
  })
})

test('dead letters are bounded: the oldest go', async () => {
  expect(await runOnce({ maxDeadLetters: 10 })).toEqual({ slates: 4, letters: 10, gauge: 10 })
  const left = await store.listDeadLetters({ limit: 20, after: null })
  expect(left[0]?.event.eventId).toBe('e991')
})

test('artefacts of retired versions go, but for those that experiments pin or that may stand in, and while nobody knows which', async () => {
  const ids = ['pinned-v1', 'old-v1', 'before-v1', 'previous-v1', 'serving-v1']
  for (const [at, id] of ids.entries()) {
    await store.saveModelVersion(sampleModelVersion(id), new Uint8Array([1]))
    await serveModel(store, { id }, { at: NOON + at, by: 'eve', reason: 'a test' })
  }
  const left = async () => (await Promise.all(ids.map(store.modelArtefact))).map((one) => one !== null)
  await runOnce({ artefactsMs: DAY_MS })
  expect(await left()).toEqual(Array(5).fill(true))
  const snapshot = sampleSnapshot(sampleTreatment('pins', { modelVersionId: 'pinned-v1' }))
  await runOnce({}, snapshot)
  expect(await left()).toEqual(Array(5).fill(true))
  // Kept from before, and not the newest any more.
  await runOnce({ artefactsMs: DAY_MS }, snapshot, null)
  await runOnce({ artefactsMs: DAY_MS }, snapshot, NOW - 60_001)
  expect(await left()).toEqual(Array(5).fill(true))
  await runOnce({ artefactsMs: DAY_MS }, snapshot)
  expect(await left()).toEqual([true, false, true, true, true])
})
