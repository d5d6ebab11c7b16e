import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sampleCatalogue, sampleItemIds, sampleItems } from '../../testing/samples/catalogue.ts'
import { sampleSnapshot, sampleTreatment } from '../../testing/samples/experiments.ts'
import { sampleHistory, samplePlays } from '../../testing/samples/interactions.ts'
import { sampleFailingModel, sampleLoadedModel, sampleRankingModel } from '../../testing/samples/models.ts'
import { sampleMix, sampleQuery, sampleRequest } from '../../testing/samples/serving.ts'
import { NOON } from '../../testing/samples/time.ts'
import { createTestObserver } from '../../testing/test-observer.ts'
import { createTestPipeline, serveQuery } from '../../testing/test-pipeline.ts'
import { withReasons } from '../../testing/with-reasons.ts'
import { isOffered } from '../availability.ts'
import { groupOf } from '../item.ts'
import { createAssignmentStage } from './assignment/assignment-stage.ts'
import { DEFAULT_PARAMETERS } from './assignment/serving-parameters.ts'
import { unknownHistory } from './hydration/user-history.ts'
import { runPipeline, runUnassigned } from './pipeline.ts'
import type { LoadedModel, Query } from './query.ts'

const WINDOWS = {
  open: { availableFrom: NOON, availableUntil: NOON + 1 },
  early: { availableFrom: NOON + 1 },
  late: { availableUntil: NOON },
  abroad: { markets: ['SE'] },
  home: { markets: ['SE', 'NL'] },
}

function isExcluded({ catalogue, exclude, history, now, market }: Query, itemId: string): boolean {
  const item = catalogue.itemById(itemId)
  return (
    item === undefined ||
    !isOffered(item, { now, market }) ||
    exclude.has(itemId) ||
    history.consumed.has(itemId) ||
    history.blocked.items.has(itemId) ||
    (item.creator !== null && history.blocked.creators.has(item.creator))
  )
}

function renamed(loaded: LoadedModel | null): LoadedModel | null {
  return loaded === null ? null : { ...loaded, version: { ...loaded.version, id: 'item-to-item-v0' } }
}

/** Any catalogue, any model, any history, any experiment. */
const anyQuery = fc
  .record({
    count: fc.integer({ min: 0, max: 60 }),
    unavailable: fc.uniqueArray(fc.nat({ max: 59 }), { maxLength: 20 }),
    ranked: fc.uniqueArray(fc.nat({ max: 70 }), { maxLength: 60 }),
    popular: fc.uniqueArray(fc.nat({ max: 70 }), { maxLength: 60 }),
    exclude: fc.uniqueArray(fc.nat({ max: 70 }), { maxLength: 20 }),
    interactions: fc.array(
      fc.tuple(
        fc.nat({ max: 70 }).map((index) => `i${index}`),
        fc.constantFrom('PLAY', 'CLICK', 'LIKE', 'SKIP', 'HIDE', 'DISLIKE'),
        fc.option(fc.constantFrom('c0', 'c1'), { nil: undefined }),
      ),
      { maxLength: 20 },
    ),
    historyKnown: fc.boolean(),
    windows: fc.array(fc.constantFrom('open', 'early', 'late', 'abroad', 'home'), {
      minLength: 1,
      maxLength: 9,
    }),
    market: fc.constantFrom('NL', null),
    model: fc.constantFrom('none', 'ranking', 'failing', 'careless'),
    standIn: fc.constantFrom('none', 'ranking', 'failing', 'careless'),
    mix: fc.constantFrom(
      ['model'],
      ['popular'],
      ['model', 'popular'],
      ['new', 'model', 'trending', 'popular'],
    ),
    maxPerCreator: fc.option(fc.integer({ min: 1, max: 3 })),
    epsilon: fc.constantFrom(0, 0.2, 1),
    grouped: fc.boolean(),
    reranked: fc.record({
      mmrLambda: fc.constantFrom(1, 0.5),
      creatorDecay: fc.constantFrom(1, 0.5),
      calibration: fc.constantFrom(0, 0.5),
    }),
    size: fc.integer({ min: 1, max: 70 }),
  })
  .map((one): Query => {
    const name = (index: number) => `i${index}`
    const all = sampleItems(one.count, (index) => ({
      available: !one.unavailable.includes(index),
      creator: index % 7 === 0 ? null : `c${index % 5}`,
      categories: index % 3 === 0 ? ['a', 'b'] : index % 3 === 1 ? ['b'] : [],
      attributes: one.grouped && index % 4 !== 0 ? { group: `g${index % 9}` } : null,
      ...WINDOWS[one.windows[index % one.windows.length] ?? 'open'],
    }))
    const history = sampleHistory(one.interactions)
    const ranking = sampleRankingModel(one.ranked.map(name))
    const models = {
      none: null,
      ranking: sampleLoadedModel(ranking),
      failing: sampleLoadedModel(sampleFailingModel()),
      // Asks no filter, repeats itself and gives a score that is not a number.
      careless: sampleLoadedModel({
        ...ranking,
        recommend: (history) => [
          ...ranking.recommend(history, 1000),
          { itemId: 'i1', score: Number.NaN, becauseOf: null },
          ...ranking.recommend(history, 1000),
        ],
      }),
    }
    return sampleQuery({
      size: one.size,
      exclude: new Set(one.exclude.map(name)),
      history: one.historyKnown ? history : unknownHistory(history.blocked),
      now: NOON,
      market: one.market,
      parameters: {
        ...sampleMix(...one.mix),
        maxPerCreator: one.maxPerCreator,
        epsilon: one.epsilon,
        ...one.reranked,
      },
      model: models[one.model],
      standInModel: renamed(models[one.standIn]),
      catalogue: sampleCatalogue(all, one.popular.map(name), one.ranked.map(name)),
    })
  })

/** Any load, from none to the highest. */
const anyLoad = fc
  .constantFrom(1, 0.5, 1 / 16)
  .map((qualityFactor) => ({ qualityFactor: () => qualityFactor }))

describe('every slate', () => {
  test('holds no item twice, nor one that is unknown, unavailable, consumed, blocked or excluded', async () => {
    await fc.assert(
      fc.asyncProperty(anyQuery, anyLoad, async (one, load) => {
        const { items } = await serveQuery(one, load)
        expect(new Set(items.map(({ itemId }) => itemId)).size).toBe(items.length)
        const groups = items.map(({ itemId }) => groupOf(one.catalogue.itemById(itemId)) ?? itemId)
        expect(new Set(groups).size).toBe(groups.length)
        expect(items.filter(({ itemId }) => isExcluded(one, itemId))).toEqual([])
        expect(items.filter(({ score }) => !Number.isFinite(score))).toEqual([])
      }),
      { numRuns: 300 },
    )
  })

  test('is full whenever the catalogue has enough eligible items', async () => {
    await fc.assert(
      fc.asyncProperty(anyQuery, anyLoad, async (one, load) => {
        const eligible = [...one.catalogue.staticItems()].filter((id) => !isExcluded(one, id))
        const { items } = await serveQuery(one, load)
        const things = new Set(eligible.map((id) => groupOf(one.catalogue.itemById(id)) ?? id))
        expect(items.length).toBe(Math.min(one.size, things.size))
      }),
      { numRuns: 300 },
    )
  })

  test('is made again from the same query and width, candidates hash included', async () => {
    await fc.assert(
      fc.asyncProperty(anyQuery, anyLoad, async (one, load) => {
        const { ofModel: first, query, ...serving } = await serveQuery(one, load)
        const { ofModel: again, query: queryAgain, ...servedAgain } = await serveQuery(one, load)
        expect(servedAgain).toEqual(serving)
        // Each slate has a memory of its own of the one catalogue.
        expect({ ...queryAgain, catalogue: null }).toEqual({ ...query, catalogue: null })
        expect(withReasons(again)).toEqual(withReasons(first))
      }),
    )
  })

  test('says what each source brought, how much of it is the model’s, and with which width it was made', async () => {
    await fc.assert(
      fc.asyncProperty(anyQuery, anyLoad, async (one, load) => {
        const { items, sources, modelShare, policy } = await serveQuery(one, load)
        const brought = (name: string) => items.filter(({ source }) => source === name).length
        expect(new Set(sources.map(({ name }) => name)).size).toBe(sources.length)
        for (const { name, outcome, candidates, items: count } of sources) {
          expect(count).toBe(brought(name))
          expect(candidates).toBeGreaterThanOrEqual(count)
          if (outcome !== 'ANSWERED') expect(candidates).toBe(0)
        }
        expect(sources.reduce((sum, { items: count }) => sum + count, 0)).toBe(items.length)
        for (const { name } of one.parameters.mix)
          expect(sources.map((source) => source.name)).toContain(name)
        const byModels = brought('model') + brought('previous_model')
        expect(modelShare).toBe(items.length === 0 ? 0 : byModels / items.length)
        const full = Math.max(80, 4 * one.size)
        expect(policy.candidateWidth).toBeLessThanOrEqual(full)
        expect(policy.candidateWidth).toBeGreaterThanOrEqual(one.size)
        expect(policy.id.startsWith('reduced-')).toBe((policy.candidateWidth ?? 0) < full)
      }),
    )
  })

  test('is served from MODEL exactly where the model brought an item in, and has a cause exactly below it', async () => {
    await fc.assert(
      fc.asyncProperty(anyQuery, async (one) => {
        const { items, served, modelVersionId } = await serveQuery(one)
        const byModel = items.some(({ source }) => source === 'model')
        const byPrevious = items.some(({ source }) => source === 'previous_model')
        expect(byModel && byPrevious).toBe(false)
        expect(served.rung === 'MODEL').toBe(byModel)
        expect(served.rung === 'PREVIOUS_MODEL').toBe(byPrevious)
        expect(served.cause === null).toBe(byModel)
        expect(modelVersionId).toBe(byModel ? 'item-to-item-v1' : byPrevious ? 'item-to-item-v0' : null)
        // Below the top rung only by design; on it, unless another source of the mix brought nothing.
        if (!byModel) expect(served.degraded).toBe(served.cause !== 'MODEL_NOT_IN_MIX')
        else if (one.parameters.mix.length === 1) expect(served.degraded).toBe(false)
      }),
      { numRuns: 300 },
    )
  })

  test('is full though a large part of a large catalogue is excluded', async () => {
    const all = sampleItemIds(2000)
    const { items } = await serveQuery({
      size: 500,
      exclude: new Set(all.slice(1000)),
      catalogue: sampleCatalogue(sampleItems(2000), all.slice(1000)),
    })
    expect(items).toHaveLength(500)
  })
})

describe('stages', () => {
  const catalogue = sampleCatalogue(sampleItems(30), sampleItemIds(30))
  const model = sampleLoadedModel(sampleRankingModel(sampleItemIds(30)))

  test('are observed by name and in order, the ones that have nothing to do are not', async () => {
    const observer = createTestObserver()
    await serveQuery({ catalogue, history: samplePlays() }, { observer })
    // The filters run once for the model, which is not asked, and once for the popular items.
    expect(observer.stages).toEqual([
      'hydration',
      'assignment',
      'filters',
      'source_popular',
      'filters',
      'selection',
    ])
  })

  test('a slate whose hydration fails is served without the history, with the parameters of its assignments', async () => {
    const observer = createTestObserver()
    const { served, history, policy } = await serveQuery(
      { catalogue, model, parameters: { ...DEFAULT_PARAMETERS, epsilon: 0.5 } },
      {
        observer,
        hydration: {
          name: 'hydration',
          enabled: () => true,
          run: () => Promise.reject(new Error('no history')),
          without: () => unknownHistory(),
        },
      },
    )
    expect(served).toEqual({ rung: 'POPULAR', cause: 'HISTORY_UNAVAILABLE', degraded: true })
    expect(history).toEqual(unknownHistory())
    expect(policy.id).toBe('epsilon-greedy-v2')
    expect(observer.failures).toEqual(['hydration'])
  })

  test('exploration is marked as such, with its policy and propensities', async () => {
    const { items, policy } = await serveQuery({
      catalogue: sampleCatalogue(sampleItems(100), sampleItemIds(100)),
      model: sampleLoadedModel(sampleRankingModel(sampleItemIds(100))),
      parameters: { ...DEFAULT_PARAMETERS, epsilon: 0.5 },
    })
    expect(policy.id).toBe('epsilon-greedy-v2')
    const explored = items.filter(({ reason }) => reason?.kind === 'EXPLORATION')
    expect(explored.length).toBeGreaterThan(0)
    for (const { propensity } of explored) expect(propensity).toBeLessThan(0.01)
    for (const one of items.filter((other) => !explored.includes(other)))
      expect(one.propensity).toBeGreaterThan(0.5)
  })
})

describe('what cannot be recorded is not treated', () => {
  const query = sampleQuery({
    catalogue: sampleCatalogue(sampleItems(30), sampleItemIds(30)),
    model: sampleLoadedModel(sampleRankingModel(sampleItemIds(30))),
    parameters: sampleMix('popular'),
  })
  const assignment = createAssignmentStage({
    snapshots: { current: () => sampleSnapshot(sampleTreatment('a', { exploration: { epsilon: 0.5 } })) },
    models: { byVersionId: () => null, isAwaited: () => false },
  })

  test('an assignment that could not be recorded is not made: the slate has the default parameters', async () => {
    const observer = createTestObserver()
    const { unassigned, assignments, snapshotVersion, policy } = await serveQuery(query, {
      assignment,
      whyUnrecordable: () => 'OUTBOX_FULL',
      observer,
    })
    expect({ unassigned, assignments, snapshotVersion }).toEqual({
      unassigned: 'OUTBOX_FULL',
      assignments: [],
      snapshotVersion: null,
    })
    expect(policy.id).toBe('greedy-v2')
    expect(observer.stages).not.toContain('assignment')
  })

  test('what stands in the way of recording is asked for once the history has been read', async () => {
    const asked: string[] = []
    await serveQuery(query, {
      hydration: {
        name: 'hydration',
        enabled: () => true,
        async run() {
          await Promise.resolve()
          asked.push('history')
          return query.history
        },
        without: () => unknownHistory(),
      },
      whyUnrecordable() {
        asked.push('outbox and datastore')
        return null
      },
    })
    expect(asked).toEqual(['history', 'outbox and datastore'])
  })

  test('the second pass has the history of the first, the default parameters and another seed', async () => {
    const observer = createTestObserver()
    const seeds = ['1'.repeat(32), '2'.repeat(32)]
    const pipeline = createTestPipeline(query, {
      assignment,
      observer,
      createSeed: () => seeds.shift() ?? expect.unreachable(),
    })
    const request = sampleRequest()
    const first = await runPipeline(request, pipeline)
    expect(first).toMatchObject({
      unassigned: null,
      snapshotVersion: 12,
      assignments: [{ experimentKey: 'a', applied: true }],
      policy: { id: 'epsilon-greedy-v2', seed: '1'.repeat(32) },
    })
    const before = observer.stages.length
    const second = await runUnassigned(request, first, 'COMMIT_FAILED', pipeline)
    expect(second).toMatchObject({
      unassigned: 'COMMIT_FAILED',
      snapshotVersion: null,
      assignments: [],
      served: { rung: 'MODEL', cause: null, degraded: false },
      policy: { id: 'greedy-v2', seed: '2'.repeat(32) },
    })
    expect(second.history).toBe(first.history)
    expect(observer.stages.slice(before)).toEqual(['source_model', 'filters', 'selection'])
  })
})
