import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { openExperimentationStore } from '../datastore/open.ts'
import type { ExperimentationStore } from '../datastore/port.ts'
import type { VariantDraft } from '../domain/validate-experiment.ts'
import { NOON, sampleDraft, sampleIncoming, sampleStageChange } from '../testing/samples.ts'
import {
  approveExperiment,
  defineSampleMetrics,
  openTestStore,
  type Replica,
  startExperiment,
  startTestReplica,
} from '../testing/test-app.ts'

const folder = await mkdtemp(join(tmpdir(), 'experimentation-'))
afterAll(() => rm(folder, { recursive: true, force: true }))

function start({ experiments }: Replica, key: string, revision = 3) {
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

test('every step that alters assignment publishes a snapshot, which this replica serves at once', async () => {
  const replica = await startTestReplica(await openTestStore())
  await approveExperiment(replica)
  const seen = [replica.snapshots.current().snapshot.version]
  for (const [index, action] of (['start', 'pause', 'resume', 'stop'] as const).entries()) {
    await replica.experiments.step({ key: 'mix', action, revision: index + 3, reason: action, by: 'ben' })
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
  const step = { key: 'mix', action: 'pause', revision: 4, reason: 'r', by: 'ben' } as const
  expect(await refusalOf({ ...step, key: 'none' })).toMatchObject({ type: 'experiment-not-found' })
  expect(await refusalOf({ ...step, action: 'stop', revision: 1 })).toEqual({
    type: 'revision-conflict',
    sent: 1,
    current: 4,
  })
  expect(await refusalOf({ ...step, reason: ' ' })).toMatchObject({ type: 'invalid-input' })
  expect(await refusalOf({ ...step, action: 'resume' })).toMatchObject({ type: 'illegal-transition' })
  expect(replica.snapshots.current().snapshot.version).toBe(2)
})

test('a pause switches off at whatever revision the experiment is, and only what runs', async () => {
  const replica = await startTestReplica(await openTestStore())
  await startExperiment(replica)
  const request = { key: 'mix', revision: 4, reason: 'r', by: 'ben' }
  await replica.experiments.edit({ ...request, edit: { name: 'New' } })
  const pause = { ...request, action: 'pause', by: 'ana' } as const
  expect(await replica.experiments.step(pause)).toMatchObject({
    type: 'accepted',
    experiment: { status: 'PAUSED', revision: 6, name: 'New' },
  })
  expect(await replica.experiments.step(pause)).toMatchObject({ refusal: { type: 'illegal-transition' } })
})

test('an edit keeps what a holdback holds back', async () => {
  const replica = await startTestReplica(await openTestStore())
  const { experiments } = replica
  await startExperiment(replica, { metrics: await defineSampleMetrics(replica) })
  const facts = { key: 'mix', reason: 'r', by: 'ana' }
  const [control, treatment] = sampleDraft().variants
  if (control === undefined || treatment === undefined) throw new Error('the sample has two variants')
  await experiments.step({ ...facts, action: 'stop', revision: 4 })
  const decision = { outcome: 'SHIP', variantKey: treatment.key, rationale: 'r' } as const
  await experiments.recordDecision({ ...facts, revision: 5, decision })
  await experiments.reviewDecision({ ...facts, by: 'ben', revision: 6, approved: true, comment: 'r' })
  await experiments.create(sampleDraft({ key: 'kept', kind: 'HOLDBACK', holdbackOf: 'mix' }), 'ana')
  const edit = (variants: readonly VariantDraft[]) =>
    experiments.edit({ ...facts, key: 'kept', revision: 1, edit: { variants } })
  const other = { ...treatment, payload: { exploration: { epsilon: 1 } } }
  expect(await edit([control, other])).toMatchObject({
    refusal: { type: 'invalid-input', problems: [{ path: ['variants'] }] },
  })
  expect(await edit([control, { ...treatment, name: 'Shipped' }])).toMatchObject({ type: 'accepted' })
})

test('a later start is refused beside an experiment that runs, pauses or was stopped while it ran, with its name', async () => {
  const replica = await startTestReplica(await openTestStore())
  await startExperiment(replica)
  await approveExperiment(replica, { key: 'late' })
  const expected = {
    type: 'refused',
    refusal: {
      type: 'parameter-conflicts',
      conflicts: [{ experimentKey: 'mix', parameters: ['sources'] }],
    },
  }
  expect(await start(replica, 'late')).toEqual(expected)
  const steps = ['pause', 'resume', 'stop'] as const
  for (const [index, action] of steps.entries()) {
    await replica.experiments.step({ key: 'mix', action, revision: 4 + index, reason: 'r', by: 'ben' })
    expect(await start(replica, 'late')).toEqual(expected)
  }
})

test('an experiment that was stopped while it was paused leaves the snapshot and blocks nobody', async () => {
  const replica = await startTestReplica(await openTestStore())
  await startExperiment(replica)
  await approveExperiment(replica, { key: 'late' })
  for (const [index, action] of (['pause', 'stop'] as const).entries()) {
    await replica.experiments.step({ key: 'mix', action, revision: 4 + index, reason: 'r', by: 'ben' })
  }
  expect(await storedKeys(replica.store)).toEqual([])
  expect(await start(replica, 'late')).toMatchObject({ type: 'accepted' })
  expect(await storedKeys(replica.store)).toEqual(['late'])
})

test('a draft, a name and a review make no snapshot', async () => {
  const replica = await startTestReplica(await openTestStore())
  await startExperiment(replica)
  const { version } = replica.snapshots.current().snapshot
  await approveExperiment(replica, { key: 'late' })
  const edited = await replica.experiments.edit({
    key: 'mix',
    revision: 4,
    edit: { name: 'New', hypothesis: 'New' },
    reason: 'r',
    by: 'ana',
  })
  expect(edited).toMatchObject({ type: 'accepted', experiment: { revision: 5, version: 1 } })
  expect((await replica.store.latestSnapshot())?.version).toBe(version)
  const changed = await replica.experiments.edit({
    key: 'mix',
    revision: 5,
    edit: { coverage: 0.5 },
    reason: 'r',
    by: 'ana',
  })
  expect(changed).toMatchObject({ type: 'accepted', experiment: { version: 2 } })
  expect(replica.snapshots.current().snapshot).toMatchObject({
    version: version + 1,
    experiments: [{ version: 2, seed: 'mix:v2', coverage: 0.5 }],
  })
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
    for (const key of keys) await approveExperiment(replicas[0], { key, surfaces })
    const results = await Promise.all([start(replicas[0], keys[0]), start(replicas[1], keys[1])])
    expect(results.map(({ type }) => type).sort()).toEqual(['accepted', 'refused'])
    expect(results.find(({ type }) => type === 'refused')).toMatchObject({
      refusal: { type: 'parameter-conflicts' },
    })
  }
  expect((await replicas[0].store.latestSnapshot())?.experiments).toHaveLength(10)
  for (const { store } of replicas) await store.close()
})

test('many starts at once that do not conflict are all published together', async () => {
  const replica = await startTestReplica(await openTestStore())
  const keys = ['a', 'b', 'c', 'd', 'e', 'f']
  for (const key of keys) await approveExperiment(replica, { key, surfaces: [key] })
  const results = await Promise.all(keys.map((key) => start(replica, key)))
  expect(results.map(({ type }) => type)).toEqual(keys.map(() => 'accepted'))
  expect(await storedKeys(replica.store)).toEqual(keys)
  expect(replica.snapshots.current().snapshot.version).toBe(2)
})

/** The store; `interrupt` sets what happens once, after the next call of this read. */
function interrupted(
  store: ExperimentationStore,
  read: 'changeHead' | 'experimentsByKeys' | 'assigningExperiments',
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
    changeHead: () => after('changeHead', store.changeHead()),
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

test.each(['changeHead', 'experimentsByKeys', 'assigningExperiments'] as const)(
  'a change that another replica stores right after this one has read %s is not lost',
  async (read) => {
    const other = await startTestReplica(await openTestStore())
    await approveExperiment(other)
    const { store, interrupt } = interrupted(other.store, read)
    const replica = await startTestReplica(store)
    interrupt(() => startExperiment(other, { key: 'other', surfaces: ['search'] }))
    expect(await start(replica, 'mix')).toMatchObject({ type: 'accepted' })
    expect(await storedKeys(other.store)).toEqual(['mix', 'other'])
    expect(replica.snapshots.current().snapshot.version).toBe(3)
  },
)

test('a metric is versioned under its key, and an experiment keeps the version that it named', async () => {
  const { definitions, experiments } = await startTestReplica(await openTestStore())
  const plays = {
    key: 'plays',
    name: 'Plays',
    kind: 'COUNT',
    event: 'PLAY',
    windowHours: 24,
    lowerIsBetter: false,
  } as const
  expect(await definitions.define(plays, 'ana')).toMatchObject({ metric: { version: 1, createdBy: 'ana' } })
  const metrics = [{ metricKey: 'plays', role: 'SUCCESS', margin: 0.01 }] as const
  const created = await experiments.create(sampleDraft({ metrics }), 'ana')
  expect(created).toMatchObject({ experiment: { metrics: [{ metricVersion: 1, margin: 0.01 }] } })
  const defined = await Promise.all([1, 2, 3].map(() => definitions.define(plays, 'ben')))
  expect(defined).toMatchObject([2, 3, 4].map((version) => ({ metric: { version } })))
  const edited = await experiments.edit({
    key: 'mix',
    revision: 1,
    edit: { metrics },
    reason: 'r',
    by: 'ana',
  })
  expect(edited).toMatchObject({ experiment: { metrics: [{ metricVersion: 4 }] } })
  expect(await definitions.define({ ...plays, kind: 'RATIO' }, 'ana')).toMatchObject({
    refusal: { type: 'invalid-input', problems: [{ path: ['denominatorEvent'] }] },
  })
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
  await approveExperiment(replica, { variants })
  await store.ingest([sampleIncoming(sampleStageChange())])
  expect(await start(replica, 'mix')).toEqual({
    type: 'refused',
    refusal: { type: 'models-absent', modelVersionIds: ['item-to-item-v2'] },
  })
  await store.ingest([sampleIncoming(sampleStageChange({ modelVersionId: 'item-to-item-v2' }))])
  expect(await start(replica, 'mix')).toMatchObject({ type: 'accepted', experiment: { status: 'RUNNING' } })
  const edit = { variants: [pinned(control, 'item-to-item-v1'), pinned(treatment, 'item-to-item-v3')] }
  const edited = await replica.experiments.edit({ key: 'mix', revision: 4, edit, reason: 'r', by: 'ana' })
  expect(edited).toEqual({
    type: 'refused',
    refusal: { type: 'models-absent', modelVersionIds: ['item-to-item-v3'] },
  })
})

test('a holdback is an experiment about what another one has shipped', async () => {
  const replica = await startTestReplica(await openTestStore())
  const { experiments } = replica
  const holdback = sampleDraft({
    key: 'held',
    kind: 'HOLDBACK',
    holdbackOf: 'mix',
    variants: sampleDraft().variants.map((variant) => ({
      ...variant,
      weight: variant.isControl ? 0.05 : 0.95,
    })),
  })
  const refused = { refusal: { type: 'invalid-input', problems: [{ path: ['holdbackOf'] }] } }
  expect(await experiments.create(holdback, 'ana')).toMatchObject(refused)
  await startExperiment(replica, { metrics: await defineSampleMetrics(replica) })
  expect(await experiments.create(holdback, 'ana')).toMatchObject(refused)
  await experiments.step({ key: 'mix', action: 'stop', revision: 4, reason: 'r', by: 'ana' })
  const decision = { outcome: 'SHIP', variantKey: 'treatment', rationale: 'r' } as const
  await experiments.recordDecision({ key: 'mix', revision: 5, decision, by: 'ana' })
  expect(await experiments.create(holdback, 'ana')).toMatchObject(refused)
  await experiments.reviewDecision({ key: 'mix', revision: 6, approved: true, comment: 'c', by: 'ben' })

  const other = { variants: holdback.variants.map((variant) => ({ ...variant, payload: null })) }
  expect(await experiments.create({ ...holdback, ...other }, 'ana')).toMatchObject({
    refusal: { problems: [{ path: ['variants'] }] },
  })
  expect(await experiments.create({ ...holdback, kind: 'STANDARD' }, 'ana')).toMatchObject(refused)
  expect(await experiments.create({ ...holdback, holdbackOf: null }, 'ana')).toMatchObject(refused)
  await approveExperiment(replica, holdback)
  expect(await start(replica, 'held')).toMatchObject({
    experiment: { status: 'RUNNING', kind: 'HOLDBACK', holdbackOf: 'mix' },
  })
})
