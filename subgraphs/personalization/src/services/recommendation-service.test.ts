import {
  type AssignmentSnapshot,
  assign,
  decodeExposureContext,
  EMPTY_EXPOSURE_CONTEXT,
  encodeExposureContext,
  exposureEventId,
  exposureEventSchema,
  type IngestEvent,
  readSlateId,
  type SnapshotExperiment,
} from '@bulkhead/contracts'
import { createMetrics } from '@bulkhead/service/metrics'
import { captureLog } from '@bulkhead/service/testing/captured-log'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { openPersonalizationStore } from '../datastore/open.ts'
import type { PersonalizationStore } from '../datastore/port.ts'
import { sampleInteraction } from '../datastore/testing/samples.ts'
import type { LoadedModel } from '../domain/pipeline/query.ts'
import {
  catalogue,
  failingModel,
  items,
  loadedModel,
  rankingModel,
} from '../domain/pipeline/testing/builders.ts'
import type { Slate } from '../domain/slate.ts'
import { createLoadedModels } from './loaded-models.ts'
import { createOutboxGate } from './outbox-gate.ts'
import { systemRandom } from './random.ts'
import {
  createRecommendationService,
  type RecommendationRequest,
  type RecommendationServiceDeps,
} from './recommendation-service.ts'
import { createServedLedger } from './served-ledger.ts'
import { createSnapshotHolder } from './snapshot-holder.ts'

const HYDRATION_DEADLINE_MS = 30
const COMMIT_DEADLINE_MS = 60
const ids = items(60).map(({ id }) => id)

function experiment(key: string, overrides: Partial<SnapshotExperiment> = {}): SnapshotExperiment {
  return {
    key,
    version: 3,
    status: 'RUNNING',
    unitType: 'userId',
    seed: key,
    hashVersion: 2,
    surfaces: [],
    layer: null,
    coverage: 1,
    condition: null,
    forced: {},
    trigger: 'SERVE',
    variants: [
      { key: 'control', weight: 0.5, payload: null },
      { key: 'treatment', weight: 0.5, payload: { exploration: { epsilon: 0.5 } } },
    ],
    ...overrides,
  }
}

/** An experiment whose only variant sets `payload`. */
const treating = (key: string, payload: SnapshotExperiment['variants'][number]['payload']) =>
  experiment(key, { variants: [{ key: 'treatment', weight: 1, payload }] })

function snapshot(...experiments: SnapshotExperiment[]): AssignmentSnapshot {
  return {
    version: 12,
    publishedAt: '2026-01-15T12:00:00.000Z',
    layers: [],
    holdouts: [],
    experiments,
    decisions: [],
    keyId: 'tests',
    signature: '',
  }
}

function fixture(options: {
  readonly store: RecommendationServiceDeps['store']
  readonly experiments?: readonly SnapshotExperiment[]
  readonly model?: LoadedModel | null
  readonly pinned?: readonly LoadedModel[]
  readonly outboxLimit?: number
}) {
  const { store, model = loadedModel(rankingModel(ids)) } = options
  const models = createLoadedModels()
  models.replace(model, options.pinned ?? [])
  const snapshots = createSnapshotHolder()
  if (options.experiments !== undefined) snapshots.replace(snapshot(...options.experiments))
  const outboxGate = createOutboxGate({ limit: options.outboxLimit ?? 1000 })
  const ledger = createServedLedger()
  const metrics = createMetrics({ service: 'test' })
  const captured = captureLog()
  const service = createRecommendationService({
    store,
    index: { ...catalogue(items(60), ids.toReversed()), ready: () => true },
    models,
    snapshots,
    outboxGate,
    ledger,
    clock: { now: () => Date.now() },
    random: systemRandom,
    log: captured.log,
    metrics,
    limits: { hydrationDeadlineMs: HYDRATION_DEADLINE_MS, commitDeadlineMs: COMMIT_DEADLINE_MS },
  })
  return {
    recommend: (overrides: Partial<RecommendationRequest> = {}) =>
      service.recommend({
        userId: 'u1',
        surface: 'home',
        size: 5,
        exclude: [],
        attributes: { device: 'tv' },
        ...overrides,
      }),
    models,
    snapshots,
    outboxGate,
    ledger,
    lines: captured.lines,
    metric: async (name: string) => (await metrics.registry.getSingleMetric(name)?.get())?.values ?? [],
  }
}

function expectUnassigned(slate: Slate): void {
  expect(slate.assignments).toEqual([])
  expect(slate.snapshotVersion).toBeNull()
  expect(slate.exposureContext).toBe(encodeExposureContext(EMPTY_EXPOSURE_CONTEXT))
  expect(slate.items).toHaveLength(5)
}

let store: PersonalizationStore
let saved: { slate: Slate; events: readonly IngestEvent[] }[]
/** The real store, whose slates a test can look at. */
let watched: RecommendationServiceDeps['store']

beforeEach(async () => {
  store = await openPersonalizationStore('sqlite::memory:')
  await store.importInteractions([sampleInteraction('event-1', { itemId: 'i7' })])
  saved = []
  watched = {
    recentInteractions: store.recentInteractions,
    async saveSlate(slate, events) {
      await store.saveSlate(slate, events)
      saved.push({ slate, events })
    },
  }
})

afterEach(async () => {
  vi.useRealTimers()
  await store.close()
})

describe('a slate under assignments', () => {
  test('is stored as it is served, with the exposures that are due', async () => {
    const { recommend, ledger, outboxGate } = fixture({ store: watched, experiments: [experiment('a')] })
    const slate = await recommend()
    expect(await store.slatesByIds([slate.id])).toEqual([slate])
    expect(slate).toMatchObject({
      userId: 'u1',
      surface: 'home',
      servedBy: { rung: 'MODEL', cause: null },
      modelVersionId: 'item-to-item-v1',
      snapshotVersion: 12,
      attributes: { device: 'tv' },
    })
    expect(slate.policy.seed).toMatch(/^[0-9a-f]{32}$/)
    expect(readSlateId(slate.id)?.createdAt).toBe(slate.createdAt)
    expect(slate.items.map(({ itemId }) => itemId)).not.toContain('i7')

    const [expected] = assign(snapshot(experiment('a')), { userId: 'u1' }, {}, 'home')
    const variantKey = expected?.variant?.key ?? ''
    expect(slate.assignments).toEqual([
      {
        experimentKey: 'a',
        experimentVersion: 3,
        variantKey,
        unit: 'u1',
        forced: false,
        applied: true,
        exposure: 'ON_SERVE',
      },
    ])
    const event = saved[0]?.events[0]
    expect(exposureEventSchema.parse(event)).toEqual({
      kind: 'exposure',
      eventId: exposureEventId(slate.id, 'a'),
      experimentKey: 'a',
      experimentVersion: 3,
      variantKey,
      unit: 'u1',
      surface: 'home',
      applied: true,
      forced: false,
      snapshotVersion: 12,
      slateId: slate.id,
      modelVersionId: 'item-to-item-v1',
      rung: 'MODEL',
      attributes: { device: 'tv' },
      occurredAt: new Date(slate.createdAt).toISOString(),
    })
    expect(decodeExposureContext(slate.exposureContext)).toEqual({
      type: 'context',
      context: {
        snapshotVersion: 12,
        assignments: [{ experimentKey: 'a', experimentVersion: 3, variantKey, unit: 'u1', applied: true }],
      },
    })
    expect(ledger.counts()).toMatchObject([{ experimentKey: 'a', rung: 'MODEL', count: 1 }])
    expect([ledger.oldestInFlight(), ledger.dropped(), outboxGate.size()]).toEqual([null, 0, 1])
  })

  test('before the first snapshot has no assignments and no snapshot version, and is stored', async () => {
    const { recommend, ledger } = fixture({ store: watched })
    const slate = await recommend()
    expectUnassigned(slate)
    expect(saved).toEqual([{ slate, events: [] }])
    expect(ledger.dropped()).toBe(0)
  })

  test('each request gets a slate of its own', async () => {
    const { recommend } = fixture({ store: watched })
    const slates = await Promise.all(Array.from({ length: 20 }, () => recommend()))
    expect(new Set(slates.map(({ id }) => id)).size).toBe(20)
    expect(new Set(slates.map(({ policy }) => policy.seed)).size).toBe(20)
  })

  test('a PAUSED experiment reaches nobody, forced units neither', async () => {
    const paused = experiment('a', { status: 'PAUSED', forced: { u1: 'treatment' } })
    const slate = await fixture({ store: watched, experiments: [paused] }).recommend()
    expect(slate.assignments).toEqual([])
    expect(slate.snapshotVersion).toBe(12)
  })

  test('a STOPPED experiment keeps its treatment, and exposes nobody', async () => {
    const stopped = { ...treating('a', { sources: [{ name: 'popular', weight: 1 }] }), status: 'STOPPED' }
    const slate = await fixture({ store: watched, experiments: [stopped] }).recommend()
    expect(slate.items.map(({ source }) => source)).toEqual(Array(5).fill('popular'))
    expect(slate.assignments).toMatchObject([{ experimentKey: 'a', exposure: 'NONE', applied: true }])
    expect(saved[0]?.events).toEqual([])
    expect(decodeExposureContext(slate.exposureContext)).toMatchObject({ context: { assignments: [] } })
  })

  test('an exposure on impression is in the context, and no event yet', async () => {
    const onImpression = experiment('a', { trigger: 'IMPRESSION' })
    const slate = await fixture({ store: watched, experiments: [onImpression] }).recommend()
    expect(slate.assignments).toMatchObject([{ exposure: 'ON_IMPRESSION' }])
    expect(saved[0]?.events).toEqual([])
    expect(decodeExposureContext(slate.exposureContext)).toMatchObject({
      context: { assignments: [{ experimentKey: 'a' }] },
    })
  })

  test('a forced unit is served its variant, and says so', async () => {
    const experiments = ['control', 'treatment'].map((key, at) => experiment(`e${at}`, { forced: { u1: key } }))
    const slate = await fixture({ store: watched, experiments }).recommend()
    expect(slate.assignments).toMatchObject([
      { variantKey: 'control', forced: true },
      { variantKey: 'treatment', forced: true },
    ])
    expect(slate.policy.id).toBe('epsilon-greedy-v1')
    expect(saved[0]?.events).toMatchObject([{ forced: true }, { forced: true }])
  })

  test('an experiment on another surface does not reach the slate', async () => {
    const elsewhere = experiment('a', { surfaces: ['search'] })
    expect((await fixture({ store: watched, experiments: [elsewhere] }).recommend()).assignments).toEqual([])
  })
})

describe('applied', () => {
  test('is false where a payload does not parse, conflicts, or pins a model that is not loaded', async () => {
    const slate = await fixture({
      store: watched,
      experiments: [
        treating('unparsable', { exploration: { epsilon: 'much' } }),
        treating('first', { diversity: { maxPerCreator: 3 } }),
        treating('second', { diversity: { maxPerCreator: 4 } }),
        treating('absent', { modelVersionId: 'item-to-item-v9' }),
        treating('nothing', null),
      ],
    }).recommend()
    expect(slate.assignments.map(({ experimentKey, applied }) => [experimentKey, applied])).toEqual([
      ['unparsable', false],
      ['first', true],
      ['second', false],
      ['absent', false],
      ['nothing', true],
    ])
    expect(saved[0]?.events).toHaveLength(5)
  })

  test('is true for a pinned model, which serves in place of the one in production', async () => {
    const pinned = loadedModel(rankingModel(['i42']), 'item-to-item-v2')
    const slate = await fixture({
      store: watched,
      pinned: [pinned],
      experiments: [treating('a', { modelVersionId: 'item-to-item-v2' })],
    }).recommend()
    expect(slate.items[0]).toMatchObject({ itemId: 'i42', source: 'model' })
    expect(slate.modelVersionId).toBe('item-to-item-v2')
    expect(slate.assignments).toMatchObject([{ applied: true }])
  })

  test('is true where the payload itself leaves the model out', async () => {
    const slate = await fixture({
      store: watched,
      experiments: [treating('a', { sources: [{ name: 'popular', weight: 1 }] })],
    }).recommend()
    expect(slate.servedBy).toEqual({ rung: 'POPULAR', cause: 'MODEL_NOT_IN_MIX' })
    expect(slate.assignments).toMatchObject([{ applied: true }])
    expect(slate.modelVersionId).toBeNull()
  })

  test('is false for every assignment of a slate that stands lower than intended', async () => {
    const slate = await fixture({
      store: watched,
      model: loadedModel(failingModel()),
      experiments: [treating('a', null), treating('b', { diversity: { maxPerCreator: 3 } })],
    }).recommend()
    expect(slate.servedBy).toEqual({ rung: 'POPULAR', cause: 'MODEL_FAILED' })
    expect(slate.assignments.map(({ applied }) => applied)).toEqual([false, false])
    expect(saved[0]?.events).toMatchObject([{ applied: false }, { applied: false }])
  })
})

describe('degradation', () => {
  test('an unknown user is a cold start', async () => {
    const slate = await fixture({ store: watched }).recommend({ userId: 'nobody' })
    expect(slate.servedBy).toEqual({ rung: 'POPULAR', cause: 'COLD_START' })
  })

  test.each([
    ['fails', () => Promise.reject(new Error('no history'))],
    ['never answers', () => new Promise<never>(() => undefined)],
  ])('a history that %s costs the personal touch, not the slate', async (_, recentInteractions) => {
    const { recommend, metric } = fixture({ store: { ...watched, recentInteractions } })
    const slate = await recommend()
    expect(slate.servedBy).toEqual({ rung: 'POPULAR', cause: 'HISTORY_UNAVAILABLE' })
    expect(slate.items).toHaveLength(5)
    expect(saved).toHaveLength(1)
    expect(await metric('bulkhead_pipeline_stage_failures_total')).toMatchObject([
      { labels: { stage: 'hydration' }, value: 1 },
    ])
  })

  test('rungs, causes and failed stages are counted; the log does not repeat itself', async () => {
    const { recommend, metric, lines } = fixture({ store: watched, model: loadedModel(failingModel()) })
    for (let request = 0; request < 3; request++) await recommend()
    expect(await metric('bulkhead_slates_total')).toMatchObject([
      { labels: { rung: 'POPULAR', cause: 'MODEL_FAILED' }, value: 3 },
    ])
    expect(await metric('bulkhead_pipeline_stage_failures_total')).toMatchObject([
      { labels: { stage: 'source_model' }, value: 3 },
    ])
    expect(lines.filter(({ kind }) => kind === 'source_model')).toHaveLength(1)
  })
})

describe('what cannot be recorded is not treated', () => {
  const treatment = treating('a', { sources: [{ name: 'popular', weight: 1 }] })

  test('with a full outbox slates are served unassigned, and stored without events', async () => {
    const { recommend, ledger, outboxGate, metric } = fixture({
      store: watched,
      experiments: [treatment],
      outboxLimit: 1,
    })
    expect((await recommend()).assignments).toHaveLength(1)
    const slate = await recommend()
    expectUnassigned(slate)
    expect(slate.servedBy.rung).toBe('MODEL')
    expect(saved.at(-1)).toEqual({ slate, events: [] })
    expect([ledger.dropped(), outboxGate.size()]).toEqual([1, 1])
    expect(await metric('bulkhead_slates_unassigned_total')).toMatchObject([
      { labels: { reason: 'OUTBOX_FULL' }, value: 1 },
    ])
    outboxGate.measured({ size: 0, oldest: null })
    expect((await recommend()).assignments).toHaveLength(1)
  })

  test('a slate that cannot be stored is served again, unassigned and under another id', async () => {
    const tried: Slate[] = []
    const { recommend, ledger, outboxGate } = fixture({
      store: {
        ...watched,
        async saveSlate(slate) {
          tried.push(slate)
          throw new Error('the disk is full')
        },
      },
      experiments: [treatment],
    })
    const slate = await recommend()
    expectUnassigned(slate)
    expect(slate.servedBy.rung).toBe('MODEL')
    expect(tried.map(({ id }) => id)).not.toContain(slate.id)
    expect([ledger.dropped(), ledger.counts(), ledger.oldestInFlight(), outboxGate.size()]).toEqual([1, [], null, 0])
  })

  test('a frozen datastore costs a few requests the deadline, and then nobody', async () => {
    let writes = 0
    let reads = 0
    const { recommend, ledger, metric } = fixture({
      store: {
        recentInteractions() {
          reads++
          return new Promise(() => undefined)
        },
        saveSlate() {
          writes++
          return new Promise(() => undefined)
        },
      },
      experiments: [treatment],
    })
    const early = await Promise.all(Array.from({ length: 5 }, () => recommend()))
    const started = performance.now()
    const late: Slate[] = []
    for (let request = 0; request < 20; request++) late.push(await recommend())
    expect(performance.now() - started).toBeLessThan(HYDRATION_DEADLINE_MS * 10)
    for (const slate of [...early, ...late]) {
      expectUnassigned(slate)
      expect(slate.servedBy).toEqual({ rung: 'POPULAR', cause: 'HISTORY_UNAVAILABLE' })
    }
    expect([writes, reads]).toEqual([5, 5])
    expect(ledger.dropped()).toBe(25)
    // What may still become durable is in flight, whatever the deadline says.
    expect(ledger.oldestInFlight()).not.toBeNull()
    expect(await metric('bulkhead_slates_unassigned_total')).toMatchObject([
      { labels: { reason: 'COMMIT_TIMED_OUT' }, value: 5 },
      { labels: { reason: 'DATASTORE_UNAVAILABLE' }, value: 20 },
    ])
  })

  test('a datastore that is back is found out by an unassigned slate that nobody waits for', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    let lost = true
    const { recommend, lines } = fixture({
      store: {
        ...watched,
        saveSlate: (slate, events) =>
          lost ? Promise.reject(new Error('connection refused')) : watched.saveSlate(slate, events),
      },
      experiments: [treatment],
    })
    for (let request = 0; request < 6; request++) expectUnassigned(await recommend())
    lost = false
    expectUnassigned(await recommend())
    expect(saved).toEqual([])
    vi.setSystemTime(Date.now() + 1001)
    const probe = await recommend()
    expectUnassigned(probe)
    await vi.waitFor(() => expect(saved).toEqual([{ slate: probe, events: [] }]))
    await vi.waitFor(async () => expect((await recommend()).assignments).toHaveLength(1))
    expect(lines.filter(({ msg }) => String(msg).includes('cannot be stored'))).toHaveLength(1)
    expect(lines.filter(({ msg }) => String(msg).includes('stored again'))).toHaveLength(1)
  })

  test('a write that succeeds after its deadline is counted as served when it does', async () => {
    const gate = Promise.withResolvers<void>()
    const { recommend, ledger, outboxGate } = fixture({
      store: {
        ...watched,
        async saveSlate(slate, events) {
          await gate.promise
          await watched.saveSlate(slate, events)
        },
      },
      experiments: [treatment],
    })
    expectUnassigned(await recommend())
    expect([ledger.counts(), outboxGate.size()]).toEqual([[], 0])
    expect(ledger.oldestInFlight()).not.toBeNull()
    gate.resolve()
    await vi.waitFor(() => expect(ledger.oldestInFlight()).toBeNull())
    expect(ledger.counts()).toMatchObject([{ experimentKey: 'a', count: 1 }])
    expect(outboxGate.size()).toBe(1)
  })

  test('more assignments than a context can hold leave the slate unassigned', async () => {
    const many = Array.from({ length: 65 }, (_, at) => treating(`e${at}`, null))
    const { recommend, metric } = fixture({ store: watched, experiments: many })
    expectUnassigned(await recommend())
    expect(saved).toMatchObject([{ events: [] }])
    expect(await metric('bulkhead_slates_unassigned_total')).toMatchObject([
      { labels: { reason: 'CONTEXT_TOO_LARGE' }, value: 1 },
    ])
  })
})

describe('requests', () => {
  test.each([0, 501, 1.5, Number.NaN])('a size of %d is a bug of the caller', async (size) => {
    await expect(fixture({ store: watched }).recommend({ size })).rejects.toThrow(RangeError)
  })

  test('what the caller excludes and the user has consumed is left out, and the slate stays full', async () => {
    const slate = await fixture({ store: watched }).recommend({ size: 50, exclude: ids.slice(0, 9) })
    const served = slate.items.map(({ itemId }) => itemId)
    expect(served).toHaveLength(50)
    expect(served.filter((id) => ids.indexOf(id) < 9)).toEqual([])
  })
})
