import {
  assign,
  decodeExposureContext,
  exposureEventId,
  exposureEventSchema,
  readSlateId,
} from '@bulkhead/contracts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { loggedLists, selectAgain } from '../domain/off-policy/logged-policy.ts'
import { candidatesHash } from '../domain/pipeline/selection/selection.ts'
import { sampleExperiment, sampleSnapshot, sampleTreatment } from '../testing/samples/experiments.ts'
import { sampleInteraction } from '../testing/samples/interactions.ts'
import { sampleFailingModel, sampleLoadedModel, sampleRankingModel } from '../testing/samples/models.ts'
import { NOON } from '../testing/samples/time.ts'
import {
  createTestRecommendationService,
  expectUnassigned,
  ITEM_IDS,
  openWatchedStore,
  PRODUCER,
  type WatchedStore,
} from '../testing/test-recommendation-service.ts'

let opened: WatchedStore
let watched: WatchedStore['watched']
let saved: WatchedStore['saved']

beforeEach(async () => {
  opened = await openWatchedStore()
  watched = opened.watched
  saved = opened.saved
})

afterEach(async () => {
  await opened.store.close()
})

describe('a slate under assignments', () => {
  test('is stored as it is served, with the exposures that are due', async () => {
    const { recommend, ledger, outboxGate } = createTestRecommendationService({
      store: watched,
      experiments: [sampleExperiment('a')],
    })
    const slate = await recommend()
    expect(await opened.store.slatesByIds([slate.id])).toEqual([slate])
    expect(slate).toMatchObject({
      userId: 'u1',
      surface: 'home',
      servedBy: { rung: 'MODEL', cause: null },
      modelVersionId: 'item-to-item-v1',
      snapshotVersion: 12,
      attributes: { device: 'tv' },
    })
    expect(slate.servedBy.sources).toEqual([{ name: 'model', outcome: 'ANSWERED', candidates: 59, items: 5 }])
    expect([slate.servedBy.modelShare, slate.policy.candidateWidth]).toEqual([1, 80])
    expect(slate.policy.seed).toMatch(/^[0-9a-f]{32}$/)
    expect(readSlateId(slate.id)?.createdAt).toBe(slate.createdAt)
    expect(slate.items.map(({ itemId }) => itemId)).not.toContain('i7')

    const [expected] = assign(sampleSnapshot(sampleExperiment('a')), { userId: 'u1' }, {}, 'home')
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
      producer: PRODUCER,
      occurredAt: new Date(slate.createdAt).toISOString(),
    })
    expect(decodeExposureContext(slate.exposureContext)).toEqual({
      type: 'context',
      context: {
        snapshotVersion: 12,
        assignments: [{ experimentKey: 'a', experimentVersion: 3, variantKey, unit: 'u1', applied: true }],
      },
    })
    expect(ledger.report(NOON).served).toMatchObject([{ experimentKey: 'a', rung: 'MODEL', count: 1 }])
    expect([ledger.oldestInFlight(), ledger.report(NOON).dropped, outboxGate.size()]).toEqual([null, 0, 1])
  })

  test('before the first snapshot has no assignments and no snapshot version, and is stored', async () => {
    const { recommend, ledger } = createTestRecommendationService({ store: watched })
    const slate = await recommend()
    expectUnassigned(slate)
    expect(saved).toEqual([{ slate, events: [] }])
    expect(ledger.report(NOON).dropped).toBe(0)
  })

  test('each request gets a slate of its own', async () => {
    const { recommend } = createTestRecommendationService({ store: watched })
    const slates = await Promise.all(Array.from({ length: 20 }, () => recommend()))
    expect(new Set(slates.map(({ id }) => id)).size).toBe(20)
    expect(new Set(slates.map(({ policy }) => policy.seed)).size).toBe(20)
  })

  test('a PAUSED experiment reaches nobody, forced units neither', async () => {
    const paused = sampleExperiment('a', { status: 'PAUSED', forced: { u1: 'treatment' } })
    const slate = await createTestRecommendationService({ store: watched, experiments: [paused] }).recommend()
    expect(slate.assignments).toEqual([])
    expect(slate.snapshotVersion).toBe(12)
  })

  test('a STOPPED experiment keeps its treatment, and exposes nobody', async () => {
    const stopped = {
      ...sampleTreatment('a', { sources: [{ name: 'popular', weight: 1 }] }),
      status: 'STOPPED',
    }
    const slate = await createTestRecommendationService({
      store: watched,
      experiments: [stopped],
    }).recommend()
    expect(slate.items.map(({ source }) => source)).toEqual(Array(5).fill('popular'))
    expect(slate.assignments).toMatchObject([{ experimentKey: 'a', exposure: 'NONE', applied: true }])
    expect(saved[0]?.events).toEqual([])
    expect(decodeExposureContext(slate.exposureContext)).toMatchObject({ context: { assignments: [] } })
  })

  test('an exposure on impression is in the context; the only event is that the unit was served', async () => {
    const onImpression = sampleExperiment('a', { trigger: 'IMPRESSION' })
    const slate = await createTestRecommendationService({
      store: watched,
      experiments: [onImpression],
    }).recommend()
    expect(slate.assignments).toMatchObject([{ exposure: 'ON_IMPRESSION' }])
    expect(saved[0]?.events).toMatchObject([{ kind: 'served', experimentKey: 'a', producer: PRODUCER }])
    expect(decodeExposureContext(slate.exposureContext)).toMatchObject({
      context: { assignments: [{ experimentKey: 'a' }] },
    })
  })

  test('a forced unit is served its variant, and says so', async () => {
    const experiments = ['control', 'treatment'].map((key, at) =>
      sampleExperiment(`e${at}`, { forced: { u1: key } }),
    )
    const slate = await createTestRecommendationService({ store: watched, experiments }).recommend()
    expect(slate.assignments).toMatchObject([
      { variantKey: 'control', forced: true },
      { variantKey: 'treatment', forced: true },
    ])
    expect(slate.policy.id).toBe('epsilon-greedy-v2')
    expect(saved[0]?.events).toMatchObject([{ forced: true }, { forced: true }])
  })

  test('an experiment on another surface does not reach the slate', async () => {
    const elsewhere = sampleExperiment('a', { surfaces: ['search'] })
    expect(
      (await createTestRecommendationService({ store: watched, experiments: [elsewhere] }).recommend())
        .assignments,
    ).toEqual([])
  })
})

describe('applied', () => {
  test('is false where a payload does not parse, conflicts, or pins a model that cannot be loaded', async () => {
    const slate = await createTestRecommendationService({
      store: watched,
      experiments: [
        sampleTreatment('unparsable', { exploration: { epsilon: 'much' } }),
        sampleTreatment('first', { diversity: { maxPerCreator: 3 } }),
        sampleTreatment('second', { diversity: { maxPerCreator: 4 } }),
        sampleTreatment('absent', { modelVersionId: 'item-to-item-v9' }),
        sampleTreatment('nothing', null),
      ],
      unloadable: ['item-to-item-v9'],
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
    const pinned = sampleLoadedModel(sampleRankingModel(['i42']), 'item-to-item-v2')
    const slate = await createTestRecommendationService({
      store: watched,
      pinned: [pinned],
      experiments: [sampleTreatment('a', { modelVersionId: 'item-to-item-v2' })],
    }).recommend()
    expect(slate.items[0]).toMatchObject({ itemId: 'i42', source: 'model' })
    expect(slate.modelVersionId).toBe('item-to-item-v2')
    expect(slate.assignments).toMatchObject([{ applied: true }])
  })

  test('is true where the payload itself leaves the model out', async () => {
    const slate = await createTestRecommendationService({
      store: watched,
      experiments: [sampleTreatment('a', { sources: [{ name: 'popular', weight: 1 }] })],
    }).recommend()
    expect(slate.servedBy).toMatchObject({ rung: 'POPULAR', cause: 'MODEL_NOT_IN_MIX' })
    expect(slate.assignments).toMatchObject([{ applied: true }])
    expect(slate.modelVersionId).toBeNull()
  })

  test('is false for every assignment of a slate from a lower rung than its parameters ask for', async () => {
    const slate = await createTestRecommendationService({
      store: watched,
      model: sampleLoadedModel(sampleFailingModel()),
      experiments: [sampleTreatment('a', null), sampleTreatment('b', { diversity: { maxPerCreator: 3 } })],
    }).recommend()
    expect(slate.servedBy).toMatchObject({ rung: 'POPULAR', cause: 'MODEL_FAILED' })
    expect(slate.assignments.map(({ applied }) => applied)).toEqual([false, false])
    expect(saved[0]?.events).toMatchObject([{ applied: false }, { applied: false }])
  })
})

describe('the version that was in production before', () => {
  const previous = sampleLoadedModel(sampleRankingModel(['i42']), 'item-to-item-v0')
  const failing = sampleLoadedModel(sampleFailingModel())

  test.each([
    ['NO_MODEL', null],
    ['MODEL_FAILED', failing],
  ] as const)(
    'serves in the event of %s: slate and exposure name it, and no assignment is applied',
    async (cause, model) => {
      const { recommend, metric } = createTestRecommendationService({
        store: watched,
        model,
        previous,
        experiments: [sampleTreatment('a', null)],
      })
      const slate = await recommend()
      expect(slate).toMatchObject({
        servedBy: { rung: 'PREVIOUS_MODEL', cause },
        modelVersionId: 'item-to-item-v0',
        assignments: [{ applied: false }],
      })
      expect(slate.items[0]).toMatchObject({ itemId: 'i42', source: 'previous_model' })
      expect(saved[0]?.events).toMatchObject([
        { applied: false, rung: 'PREVIOUS_MODEL', modelVersionId: 'item-to-item-v0' },
      ])
      expect(await metric('bulkhead_slates_total')).toMatchObject([
        { labels: { rung: 'PREVIOUS_MODEL', cause }, value: 1 },
      ])
    },
  )

  test('does not pass for a pinned version: the one in production stands in for that, and the payload is not applied', async () => {
    const pinned = { ...failing, version: { ...failing.version, id: 'item-to-item-v2' } }
    const slate = await createTestRecommendationService({
      store: watched,
      previous,
      pinned: [pinned],
      experiments: [sampleTreatment('a', { modelVersionId: 'item-to-item-v2' })],
    }).recommend()
    expect(slate).toMatchObject({
      servedBy: { rung: 'PREVIOUS_MODEL', cause: 'MODEL_FAILED' },
      modelVersionId: 'item-to-item-v1',
      assignments: [{ applied: false }],
    })
  })

  test('stands in for a version that is pinned and in production, which cannot stand in for itself', async () => {
    const slate = await createTestRecommendationService({
      store: watched,
      model: failing,
      previous,
      experiments: [sampleTreatment('a', { modelVersionId: failing.version.id })],
    }).recommend()
    expect(slate).toMatchObject({
      servedBy: { rung: 'PREVIOUS_MODEL', cause: 'MODEL_FAILED' },
      modelVersionId: 'item-to-item-v0',
      assignments: [{ applied: false }],
    })
  })

  test('answers what is similar to an item', async () => {
    const { similarItems } = createTestRecommendationService({ store: watched, model: null, previous })
    const found = await similarItems({ itemId: 'i1', userId: null, first: 3, attributes: null })
    expect(found?.map(({ item }) => item.id)).toEqual(['i42'])
  })
})

describe('degradation', () => {
  test('an unknown user is a cold start', async () => {
    const slate = await createTestRecommendationService({ store: watched }).recommend({ userId: 'nobody' })
    expect(slate.servedBy).toMatchObject({ rung: 'POPULAR', cause: 'COLD_START' })
  })

  test.each([
    ['fails', () => Promise.reject(new Error('no history'))],
    ['never answers', () => new Promise<never>(() => undefined)],
  ])('a history that %s costs the personal touch, not the slate', async (_, servingHistory) => {
    const { recommend, metric } = createTestRecommendationService({ store: { ...watched, servingHistory } })
    const slate = await recommend()
    expect(slate.servedBy).toMatchObject({ rung: 'POPULAR', cause: 'HISTORY_UNAVAILABLE' })
    expect(slate.items).toHaveLength(5)
    expect(saved).toHaveLength(1)
    expect(await metric('bulkhead_pipeline_stage_failures_total')).toMatchObject([
      { labels: { stage: 'hydration' }, value: 1 },
    ])
  })

  test('rungs, causes and failed stages are counted; the log does not repeat itself', async () => {
    const { recommend, metric, lines } = createTestRecommendationService({
      store: watched,
      model: sampleLoadedModel(sampleFailingModel()),
    })
    for (let request = 0; request < 3; request++) await recommend()
    expect(await metric('bulkhead_slates_total')).toMatchObject([
      { labels: { rung: 'POPULAR', cause: 'MODEL_FAILED' }, value: 3 },
    ])
    expect(await metric('bulkhead_pipeline_stage_failures_total')).toMatchObject([
      { labels: { stage: 'source_model' }, value: 3 },
    ])
    expect(lines.filter(({ reason }) => reason === 'source_model')).toHaveLength(1)
  })
})

describe('a long history', () => {
  test('however many impressions follow, what was hidden stays away and what was played still speaks', async () => {
    const interactions = [
      sampleInteraction('hidden', { itemId: 'i3', type: 'HIDE', occurredAt: NOON }),
      sampleInteraction('played', { itemId: 'i7', occurredAt: NOON }),
      ...Array.from({ length: 1_000 }, (_, at) =>
        sampleInteraction(`impression-${at}`, { type: 'IMPRESSION', occurredAt: NOON + at }),
      ),
    ]
    for (let at = 0; at < interactions.length; at += 500) {
      const rows = interactions.slice(at, at + 500).map((row) => ({ ...row, userId: 'scroller' }))
      await opened.store.importInteractions(rows)
    }
    const slate = await createTestRecommendationService({ store: watched }).recommend({
      userId: 'scroller',
      size: 60,
    })
    expect(slate.servedBy).toMatchObject({ rung: 'MODEL', cause: null })
    const served = slate.items.map(({ itemId }) => itemId)
    expect(served.toSorted()).toEqual(ITEM_IDS.filter((id) => id !== 'i3' && id !== 'i7').toSorted())
  })
})

describe('requests', () => {
  test.each([0, 501, 1.5, Number.NaN])('a size of %d is a bug of the caller', async (size) => {
    await expect(createTestRecommendationService({ store: watched }).recommend({ size })).rejects.toThrow(
      RangeError,
    )
  })

  test('what the caller excludes and the user has consumed is left out, and the slate stays full', async () => {
    const slate = await createTestRecommendationService({ store: watched }).recommend({
      size: 50,
      exclude: ITEM_IDS.slice(0, 9),
    })
    const served = slate.items.map(({ itemId }) => itemId)
    expect(served).toHaveLength(50)
    expect(served.filter((id) => ITEM_IDS.indexOf(id) < 9)).toEqual([])
  })
})

describe('the candidates of an explored slate', () => {
  const explored = sampleTreatment('a', { exploration: { epsilon: 0.5 } })

  test('are kept with it, and give it and its hash again', async () => {
    const { recommend } = createTestRecommendationService({
      ...{ store: watched, experiments: [explored], candidateLogRate: 1 },
    })
    const slate = await recommend()
    const [logged] = await opened.store.scanLoggedSlates({ after: null, limit: 10 })
    const { candidates } = logged ?? expect.unreachable()
    expect(logged?.slate).toEqual(slate)
    const again = selectAgain(candidates, slate.policy.seed)
    expect(again.map(({ candidate }) => candidate.itemId)).toEqual(slate.items.map(({ itemId }) => itemId))
    expect(candidatesHash(loggedLists(candidates))).toBe(slate.policy.candidatesHash)
  })

  test('are not kept of slates outside of the sample, nor of those without exploration', async () => {
    await createTestRecommendationService({ store: watched, experiments: [explored] }).recommend()
    const plain = createTestRecommendationService({ store: watched, candidateLogRate: 1 })
    await plain.recommend()
    expect(saved).toHaveLength(2)
    expect(await opened.store.scanLoggedSlates({ after: null, limit: 10 })).toEqual([])
  })
})
