import type { Metrics } from '@bulkhead/service/metrics'
import { captureLog } from '@bulkhead/service/testing/captured-log'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openPersonalizationStore } from '../datastore/open.ts'
import type { CanaryPart, PersonalizationStore } from '../datastore/port.ts'
import { createModelGuardrails } from '../state/model-guardrails.ts'
import { sampleArm, sampleCanaryPart } from '../testing/samples/canary.ts'
import { SAMPLE_ARTEFACT, sampleProductionVersion } from '../testing/samples/models.ts'
import { NOON } from '../testing/samples/time.ts'
import { saveServing } from '../testing/serving-model.ts'
import { createTestMetrics, metricLines } from '../testing/test-metrics.ts'
import { createCanaryWorker } from './canary-worker.ts'

let store: PersonalizationStore
let metrics: Metrics
beforeEach(async () => {
  store = await openPersonalizationStore('sqlite::memory:')
  await saveServing(store, sampleProductionVersion('item-to-item-v1'), SAMPLE_ARTEFACT)
})
afterEach(() => store.close())

const FAILING = { canary: sampleArm(120, { failed: true, itemIds: ['x'] }), champion: sampleArm(120) }

/** A process that has counted this. */
async function runWith(part: CanaryPart | null, over: Partial<PersonalizationStore> = {}) {
  metrics = createTestMetrics()
  const guardrails = createModelGuardrails()
  const worker = createCanaryWorker({
    store: { ...store, ...over },
    canary: { counted: () => part && { versionId: 'ease-v3', ...part } },
    guardrails,
    random: { next: () => 0.5 },
    log: captureLog().log,
    metrics,
  })
  worker.start()
  await worker.wake()
  await worker.wake()
  await worker.stop()
  return guardrails.check()
}

test('what was counted is stored, and a canary that does as well stays', async () => {
  expect(await runWith(null)).toEqual([])
  expect(await store.canaryOf(['ease-v3'])).toEqual([])
  const part = sampleCanaryPart()
  expect(await runWith(part)).toEqual([])
  expect(await store.canaryOf(['ease-v3'])).toEqual([{ versionId: 'ease-v3', counts: part.counts }])
})

test('one that does worse is switched off, as soon as all replicas together know enough', async () => {
  const part = sampleCanaryPart(120, FAILING)
  expect(await runWith(part)).toEqual([])
  const found = await runWith({ ...part, source: 'replica-2' })
  expect(found).toEqual([
    { versionId: 'ease-v3', problem: expect.stringMatching(/100\.0 % of its canary's lists failed/) },
  ])
})

test('what was counted beside another champion than the one in production is not judged', async () => {
  const later = { ...FAILING, since: NOON + 1_000 }
  await store.addCanary('ease-v3', {
    ...sampleCanaryPart(200, { ...later, championId: 'former-v1' }),
    source: 'r2',
  })
  expect(await runWith(sampleCanaryPart())).toEqual([])
  await store.addCanary('ease-v3', { ...sampleCanaryPart(200, later), source: 'r3' })
  expect(await runWith({ ...sampleCanaryPart(200, { championId: 'former-v1' }), source: 'r4' })).toEqual([])
  expect(await runWith({ ...sampleCanaryPart(201), source: 'r5' })).toHaveLength(1)
})

test('what is the same as before is not written again', async () => {
  let writes = 0
  await runWith(sampleCanaryPart(), {
    async addCanary(...args) {
      writes++
      await store.addCanary(...args)
    },
  })
  expect(writes).toBe(1)
})

test('a gauge shows how many lists the two have, and that there is no canary', async () => {
  const lists = (canary: number, champion: number) => [
    `bulkhead_canary_lists{arm="canary",service="test"} ${canary}`,
    `bulkhead_canary_lists{arm="champion",service="test"} ${champion}`,
  ]
  await runWith(null)
  expect(await metricLines(metrics, 'bulkhead_canary_lists')).toEqual(lists(0, 0))
  await runWith(sampleCanaryPart(3, { champion: sampleArm(5) }))
  expect(await metricLines(metrics, 'bulkhead_canary_lists')).toEqual(lists(3, 5))
})
