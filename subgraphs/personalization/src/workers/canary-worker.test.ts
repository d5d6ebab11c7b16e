import { captureLog } from '@bulkhead/service/testing/captured-log'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openPersonalizationStore } from '../datastore/open.ts'
import type { CanaryPart, PersonalizationStore } from '../datastore/port.ts'
import { createModelGuardrails } from '../state/model-guardrails.ts'
import { sampleArm, sampleCanaryPart } from '../testing/samples/canary.ts'
import { createCanaryWorker } from './canary-worker.ts'

let store: PersonalizationStore
beforeEach(async () => {
  store = await openPersonalizationStore('sqlite::memory:')
})
afterEach(() => store.close())

const FAILING = { canary: sampleArm(120, { failed: true, itemIds: ['x'] }), champion: sampleArm(120) }

/** A process that has counted this. */
async function runWith(part: CanaryPart | null, over: Partial<PersonalizationStore> = {}) {
  const guardrails = createModelGuardrails()
  const worker = createCanaryWorker({
    store: { ...store, ...over },
    canary: { counted: () => part && { versionId: 'ease-v3', ...part } },
    guardrails,
    random: { next: () => 0.5 },
    log: captureLog().log,
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
