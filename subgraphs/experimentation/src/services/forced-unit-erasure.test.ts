import { createMetrics } from '@bulkhead/service/metrics'
import { expect, test } from 'vitest'
import type { ExperimentationStore } from '../datastore/port.ts'
import type { Experiment } from '../domain/experiment.ts'
import { sampleDraft } from '../testing/samples.ts'
import {
  approveExperiment,
  fixedClock,
  openTestStore,
  signing,
  silentLog,
  startExperiment,
  startTestReplica,
} from '../testing/test-app.ts'
import { verifyAudit } from './audit-verification.ts'
import { createChangeQueue } from './changes/change-queue.ts'
import { createForcedUnitErasure } from './forced-unit-erasure.ts'
import { createSigner } from './signer.ts'

const FORCED = [
  { unit: 'u1', variantKey: 'control' },
  { unit: 'u2', variantKey: 'treatment' },
]

async function forcedUnits(store: ExperimentationStore): Promise<Record<string, readonly string[]>> {
  const experiments = (await store.experimentsByKeys([
    'draft',
    'approved',
    'running',
    'other',
  ])) as Experiment[]
  return Object.fromEntries(experiments.map(({ key, forced }) => [key, forced.map(({ unit }) => unit)]))
}

test('a unit is taken out of every forced list, with an entry for each experiment, and out of the next snapshot', async () => {
  const store = await openTestStore()
  const replica = await startTestReplica(store)
  await replica.experiments.create({ ...sampleForced('draft'), forced: FORCED }, 'ana')
  await approveExperiment(replica, { ...sampleForced('approved'), forced: FORCED })
  await startExperiment(replica, { ...sampleForced('running'), forced: FORCED })
  await approveExperiment(replica, { ...sampleForced('other'), forced: FORCED.slice(1) })
  const before = await store.changeHead()

  const eraseForced = createForcedUnitErasure({ store, changes: queueOn(store, replica) })
  await eraseForced(['u1', 'unknown'])
  expect(await forcedUnits(store)).toEqual({
    draft: ['u2'],
    approved: ['u2'],
    running: ['u2'],
    other: ['u2'],
  })
  const [approved] = await store.experimentsByKeys(['approved'])
  expect(approved?.status).toBe('APPROVED')
  const snapshot = await store.latestSnapshot()
  expect(JSON.stringify(snapshot)).not.toContain('"u1"')
  expect(snapshot?.version).toBe(before.snapshotVersion + 1)
  const { entries } = await store.findAuditEntries({ filter: {}, limit: 100, after: before.sequence })
  expect(entries.map(({ action, by, subject }) => [action, by, subject])).toEqual([
    ['eraseUnit', 'experimentation', 'experiment:approved'],
    ['eraseUnit', 'experimentation', 'experiment:draft'],
    ['eraseUnit', 'experimentation', 'experiment:running'],
  ])
  // An entry has what it replaced, so the log, which is for ever, still names the unit.
  expect(entries.map(({ before: replaced, after }) => [replaced?.forced, after?.forced])).toEqual(
    entries.map(() => [FORCED, FORCED.slice(1)]),
  )
  expect((await verifyAudit(store)).problems).toEqual([])

  await eraseForced(['u1'])
  expect((await store.changeHead()).sequence).toBe(before.sequence + 3)
})

function sampleForced(key: string) {
  return { ...sampleDraft({ key, surfaces: [key] }) }
}

function queueOn(store: ExperimentationStore, { snapshots }: Awaited<ReturnType<typeof startTestReplica>>) {
  return createChangeQueue({
    store,
    snapshots,
    sign: createSigner(signing).sign,
    clock: fixedClock(),
    random: { next: () => 0.5 },
    log: silentLog,
    metrics: createMetrics({ service: 'experimentation' }),
  })
}

test('an experiment that cannot be changed keeps the erasure waiting', async () => {
  const store = await openTestStore()
  await startExperiment(await startTestReplica(store), { forced: FORCED })
  const refusing = {
    run: async () => ({ type: 'refused', refusal: { type: 'snapshot-full', limit: 1 } }) as const,
  }
  const eraseForced = createForcedUnitErasure({ store, changes: refusing })
  await expect(eraseForced(['u1'])).rejects.toThrow('mix still forces erased units: snapshot-full')
})
