import { createMetrics } from '@bulkhead/service/metrics'
import { expect, test } from 'vitest'
import type { ExperimentationStore } from '../../datastore/port.ts'
import { sampleDraft } from '../../testing/samples.ts'
import {
  fixedClock,
  openTestStore,
  type Replica,
  signing,
  silentLog,
  startExperiment,
  startTestReplica,
} from '../../testing/test-app.ts'
import { createExperimentService } from '../experiment-service.ts'
import { createSigner } from '../signer.ts'
import { createChangeQueue } from './change-queue.ts'

/** Another replica on this store, without a snapshot service. */
function createReplica(store: ExperimentationStore, contentionLimitMs = 30_000) {
  const { sign, signDecision } = createSigner(signing)
  const changes = createChangeQueue({
    store,
    snapshots: { accept: () => undefined },
    sign,
    clock: fixedClock(),
    random: { next: () => 0.5 },
    log: silentLog,
    metrics: createMetrics({ service: 'experimentation' }),
    contentionLimitMs,
  })
  return createExperimentService({ store, changes, quorum: 1, signDecision })
}

/** A store whose next commit waits until `release` is called. */
function heldUp(store: ExperimentationStore) {
  const gate = Promise.withResolvers<void>()
  const reached = Promise.withResolvers<void>()
  const held: ExperimentationStore = {
    ...store,
    async commit(batch) {
      reached.resolve()
      await gate.promise
      return store.commit(batch)
    },
  }
  return { store: held, reached: reached.promise, release: () => gate.resolve() }
}

function create(experiments: Replica['experiments'], key: string) {
  return experiments.create(sampleDraft({ key, surfaces: [key] }), 'ana')
}

const PAUSE = { key: 'mix', action: 'pause', revision: 4, reason: 'r', by: 'ana' } as const

test('a pause goes before everything that waits, and is stored on its own', async () => {
  const inner = await openTestStore()
  await startExperiment(await startTestReplica(inner))
  const { store, reached, release } = heldUp(inner)
  const experiments = createReplica(store)
  const first = create(experiments, 'first')
  await reached
  const waiting = Array.from({ length: 500 }, (_, index) => create(experiments, `e${index}`))
  const paused = experiments.step(PAUSE)
  release()
  expect(await paused).toMatchObject({ type: 'accepted', experiment: { status: 'PAUSED' } })
  const { entries } = await inner.findAuditEntries({ filter: {}, limit: 600, after: 4 })
  expect(entries.slice(0, 2).map(({ subject, action }) => [subject, action])).toEqual([
    ['experiment:first', 'createExperiment'],
    ['experiment:mix', 'pauseExperiment'],
  ])
  expect((await first).type).toBe('accepted')
  expect((await Promise.all(waiting)).every(({ type }) => type === 'accepted')).toBe(true)
})

test('too many waiting changes are refused and can be tried again, and a pause is still taken', async () => {
  const inner = await openTestStore()
  await startExperiment(await startTestReplica(inner))
  const { store, reached, release } = heldUp(inner)
  const experiments = createReplica(store)
  const first = create(experiments, 'first')
  await reached
  const waiting = Array.from({ length: 1_000 }, (_, index) => create(experiments, `e${index}`))
  await expect(create(experiments, 'late')).rejects.toMatchObject({
    code: 'CHANGES_OVERLOADED',
    retryable: true,
  })
  const paused = experiments.step(PAUSE)
  release()
  expect((await paused).type).toBe('accepted')
  await Promise.all([first, ...waiting])
  expect((await create(experiments, 'late')).type).toBe('accepted')
})

test('a change that loses to other replicas for its time is given up, and a pause is not', async () => {
  const inner = await openTestStore()
  await startExperiment(await startTestReplica(inner))
  let conflicts = 0
  let isContended = true
  const experiments = createReplica(
    {
      ...inner,
      async commit(batch) {
        conflicts += 1
        return isContended ? 'conflict' : inner.commit(batch)
      },
    },
    50,
  )
  await expect(create(experiments, 'late')).rejects.toMatchObject({
    code: 'PUBLISH_CONTENTION',
    retryable: true,
  })
  expect(conflicts).toBeGreaterThan(1)
  const paused = experiments.step(PAUSE)
  const before = conflicts
  await expect.poll(() => conflicts).toBeGreaterThan(before + 20)
  isContended = false
  expect((await paused).type).toBe('accepted')
})

test('an outage is everybody’s who waits for that write, and the next change works', async () => {
  const inner = await openTestStore()
  let isAway = true
  const experiments = createReplica({
    ...inner,
    commit: (batch) =>
      isAway
        ? Promise.reject(Object.assign(new Error('away'), { name: 'DatastoreUnavailableError' }))
        : inner.commit(batch),
  })
  const results = await Promise.allSettled(['a', 'b'].map((key) => create(experiments, key)))
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  isAway = false
  expect((await create(experiments, 'a')).type).toBe('accepted')
})

test('a change asked for in the moment in which the queue becomes empty is stored', async () => {
  const experiments = createReplica(await openTestStore())
  for (let index = 0; index < 50; index++) {
    expect((await create(experiments, `e${index}`)).type).toBe('accepted')
  }
})

test('what is listed is read once, and after that only what other replicas changed', async () => {
  const inner = await openTestStore()
  const other = await startTestReplica(inner)
  const reads: string[] = []
  const experiments = createReplica({
    ...inner,
    assigningExperiments() {
      reads.push('all')
      return inner.assigningExperiments()
    },
    experimentsByKeys(keys) {
      reads.push(keys.join())
      return inner.experimentsByKeys(keys)
    },
  })
  await create(experiments, 'a')
  await create(experiments, 'b')
  await startExperiment(other)
  expect((await experiments.step(PAUSE)).type).toBe('accepted')
  expect(reads).toEqual(['all', 'a', 'b', 'mix'])
  expect((await inner.latestSnapshot())?.experiments).toMatchObject([{ key: 'mix', status: 'PAUSED' }])
})

test('what a release without an audit log has changed is found', async () => {
  const inner = await openTestStore()
  const other = await startTestReplica(inner)
  await startExperiment(other)
  const experiments = createReplica(inner)
  await create(experiments, 'a')
  const { sign } = createSigner(signing)
  const snapshot = await inner.latestSnapshot()
  const expected = await inner.changeHead()
  const next = { ...snapshot, version: expected.snapshotVersion + 1 }
  const [mix] = await inner.experimentsByKeys(['mix'])
  if (snapshot === null || mix === undefined) throw new Error('there is a snapshot with an experiment')
  await inner.commit({
    expected,
    entries: [],
    experiments: [{ experiment: { ...mix, revision: 5 }, expectedRevision: 4 }],
    metrics: [],
    definitions: [],
    snapshot: sign({ ...snapshot, version: next.version }),
  })
  expect(await experiments.step({ ...PAUSE, revision: 5 })).toMatchObject({ type: 'accepted' })
})
