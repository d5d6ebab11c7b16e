import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { openExperimentationStore } from '../datastore/open.ts'
import type { ExperimentationStore } from '../datastore/port.ts'
import { NOON, sampleDraft, sampleIncoming, sampleStageChange } from '../testing/samples.ts'
import { openTestStore, type Replica, startExperiment, startTestReplica } from '../testing/test-app.ts'

const folder = await mkdtemp(join(tmpdir(), 'experimentation-'))
afterAll(() => rm(folder, { recursive: true, force: true }))

function start({ experiments }: Replica, key: string, revision = 1) {
  return experiments.step({ key, action: 'start', revision, reason: 'test', by: 'ben' })
}

async function storedKeys(store: ExperimentationStore): Promise<readonly string[] | undefined> {
  return (await store.latestSnapshot())?.experiments.map(({ key }) => key)
}

test('creating stores a draft that no snapshot shows, and a key is taken once', async () => {
  const replica = await startTestReplica(await openTestStore())
  const created = await replica.experiments.create(sampleDraft(), 'ana')
  expect(created).toMatchObject({
    type: 'accepted',
    experiment: { status: 'DRAFT', createdAt: NOON, createdBy: 'ana' },
  })
  expect(replica.snapshots.current().snapshot.experiments).toEqual([])
  expect(await replica.experiments.create(sampleDraft(), 'ana')).toEqual({
    type: 'refused',
    refusal: { type: 'experiment-exists', key: 'mix' },
  })
})

test('every step publishes a snapshot of its own, which this replica serves at once', async () => {
  const replica = await startTestReplica(await openTestStore())
  await replica.experiments.create(sampleDraft(), 'ana')
  const seen = [replica.snapshots.current().snapshot.version]
  for (const [index, action] of (['start', 'pause', 'resume', 'stop'] as const).entries()) {
    await replica.experiments.step({ key: 'mix', action, revision: index + 1, reason: action, by: 'ben' })
    const { version, experiments } = replica.snapshots.current().snapshot
    seen.push(version)
    expect(experiments[0]?.status).toBe(['RUNNING', 'PAUSED', 'RUNNING', 'STOPPED'][index])
  }
  expect(seen).toEqual([1, 2, 3, 4, 5])
})

test('an unknown key, a stale revision, an empty reason and an illegal step are refused as values', async () => {
  const replica = await startTestReplica(await openTestStore())
  await startExperiment(replica)
  const { experiments } = replica
  async function refusalOf(step: Parameters<typeof experiments.step>[0]) {
    const result = await experiments.step(step)
    return result.type === 'refused' ? result.refusal : null
  }
  const step = { key: 'mix', action: 'pause', revision: 2, reason: 'r', by: 'ben' } as const
  expect(await refusalOf({ ...step, key: 'none' })).toMatchObject({ type: 'experiment-not-found' })
  expect(await refusalOf({ ...step, revision: 1 })).toEqual({
    type: 'revision-conflict',
    sent: 1,
    current: 2,
  })
  expect(await refusalOf({ ...step, reason: ' ' })).toMatchObject({ type: 'invalid-input' })
  expect(await refusalOf({ ...step, action: 'resume' })).toMatchObject({ type: 'illegal-transition' })
  expect(replica.snapshots.current().snapshot.version).toBe(2)
})

test('a later start is refused beside an experiment that runs, pauses or has stopped, with its name', async () => {
  const replica = await startTestReplica(await openTestStore())
  await startExperiment(replica)
  await replica.experiments.create(sampleDraft({ key: 'late' }), 'ana')
  const expected = {
    type: 'refused',
    refusal: {
      type: 'parameter-conflicts',
      conflicts: [{ experimentKey: 'mix', parameters: ['sources'] }],
    },
  }
  expect(await start(replica, 'late')).toEqual(expected)
  await replica.experiments.step({ key: 'mix', action: 'pause', revision: 2, reason: 'r', by: 'ben' })
  expect(await start(replica, 'late')).toEqual(expected)
  await replica.experiments.step({ key: 'mix', action: 'stop', revision: 3, reason: 'r', by: 'ben' })
  expect(await start(replica, 'late')).toEqual(expected)
})

test('of two starts that conflict, on two replicas at the same moment, exactly one wins', async () => {
  const url = `sqlite:${join(folder, 'race.db')}`
  const replicas = [
    await startTestReplica(await openExperimentationStore(url)),
    await startTestReplica(await openExperimentationStore(url)),
  ] as const
  for (let round = 0; round < 10; round++) {
    const surfaces = [`surface-${round}`]
    const keys = [`a-${round}`, `b-${round}`] as const
    for (const key of keys) await replicas[0].experiments.create(sampleDraft({ key, surfaces }), 'ana')
    const results = await Promise.all([start(replicas[0], keys[0]), start(replicas[1], keys[1])])
    expect(results.map(({ type }) => type).sort()).toEqual(['accepted', 'refused'])
    expect(results.find(({ type }) => type === 'refused')).toMatchObject({
      refusal: { type: 'parameter-conflicts' },
    })
  }
  expect((await replicas[0].store.latestSnapshot())?.experiments).toHaveLength(10)
  for (const { store } of replicas) await store.close()
})

test('many starts at once that do not conflict are all published, one version each', async () => {
  const replica = await startTestReplica(await openTestStore())
  const keys = ['a', 'b', 'c', 'd', 'e', 'f']
  for (const key of keys) await replica.experiments.create(sampleDraft({ key, surfaces: [key] }), 'ana')
  const results = await Promise.all(keys.map((key) => start(replica, key)))
  expect(results.map(({ type }) => type)).toEqual(keys.map(() => 'accepted'))
  expect(await storedKeys(replica.store)).toEqual(keys)
  expect(replica.snapshots.current().snapshot.version).toBe(1 + keys.length)
})

/** The store; `interrupt` sets what happens once, after the next call of this read. */
function interrupted(
  store: ExperimentationStore,
  read: 'latestSnapshot' | 'experimentsByKeys' | 'assigningExperiments',
) {
  let meanwhile: (() => Promise<void>) | null = null
  async function after<T>(name: typeof read, result: Promise<T>): Promise<T> {
    const value = await result
    const interruption = name === read ? meanwhile : null
    if (interruption !== null) {
      meanwhile = null
      await interruption()
    }
    return value
  }
  const wrapped: ExperimentationStore = {
    ...store,
    latestSnapshot: () => after('latestSnapshot', store.latestSnapshot()),
    experimentsByKeys: (keys) => after('experimentsByKeys', store.experimentsByKeys(keys)),
    assigningExperiments: () => after('assigningExperiments', store.assigningExperiments()),
  }
  return {
    store: wrapped,
    interrupt(interruption: () => Promise<void>) {
      meanwhile = interruption
    },
  }
}

test.each(['latestSnapshot', 'experimentsByKeys', 'assigningExperiments'] as const)(
  'a change that another replica publishes right after this one has read %s is not lost',
  async (read) => {
    const other = await startTestReplica(await openTestStore())
    const { store, interrupt } = interrupted(other.store, read)
    const replica = await startTestReplica(store)
    await replica.experiments.create(sampleDraft(), 'ana')
    interrupt(() => startExperiment(other, { key: 'other', surfaces: ['search'] }))
    expect(await start(replica, 'mix')).toMatchObject({ type: 'accepted' })
    expect(await storedKeys(other.store)).toEqual(['mix', 'other'])
    expect(replica.snapshots.current().snapshot.version).toBe(3)
  },
)

test('if other changes are faster in every attempt, the error says to try again', async () => {
  const store = await openTestStore()
  const replica = await startTestReplica({ ...store, publish: async () => 'conflict' }).catch(() => null)
  expect(replica).toBeNull()
  const working = await startTestReplica(store)
  await working.experiments.create(sampleDraft(), 'ana')
  const beaten = await startTestReplica({ ...store, publish: async () => 'conflict' })
  await expect(start(beaten, 'mix')).rejects.toMatchObject({ code: 'PUBLISH_CONTENTION', retryable: true })
})

test('a start waits until personalization has told of every model version that the variants name', async () => {
  const store = await openTestStore()
  const replica = await startTestReplica(store)
  const [control, treatment] = sampleDraft().variants
  const pinned = (variant: typeof control, modelVersionId: string) => ({
    ...(variant ?? expect.unreachable()),
    payload: { modelVersionId },
  })
  const variants = [pinned(control, 'item-to-item-v1'), pinned(treatment, 'item-to-item-v2')]
  await replica.experiments.create(sampleDraft({ variants }), 'ana')
  await store.ingest([sampleIncoming(sampleStageChange())])
  expect(await start(replica, 'mix')).toEqual({
    type: 'refused',
    refusal: { type: 'models-absent', modelVersionIds: ['item-to-item-v2'] },
  })
  await store.ingest([sampleIncoming(sampleStageChange({ modelVersionId: 'item-to-item-v2' }))])
  expect(await start(replica, 'mix')).toMatchObject({ type: 'accepted', experiment: { status: 'RUNNING' } })
})
