import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  createRecordingObserver,
  failingModel,
  rankingModel,
  sampleCatalogue,
  sampleHistory,
  sampleItem,
  sampleItems,
  sampleLoadedModel,
  samplePlays,
  sampleQuery,
} from '../../testing/samples/serving.ts'
import { DEFAULT_PARAMETERS } from './assignment/serving-parameters.ts'
import { UNKNOWN_HISTORY } from './hydration/user-history.ts'
import { runPipeline } from './pipeline.ts'
import type { Query } from './query.ts'

const run = (overrides: Partial<Query>, observer = createRecordingObserver()) =>
  runPipeline(sampleQuery(overrides), observer)
const ids = (count: number) => sampleItems(count).map(({ id }) => id)
const itemIds = async (overrides: Partial<Query>) => (await run(overrides)).items.map(({ itemId }) => itemId)

const popularOnly = { ...DEFAULT_PARAMETERS, mix: [{ name: 'popular', weight: 1 }] as const }
const mixed = {
  ...DEFAULT_PARAMETERS,
  mix: [
    { name: 'model', weight: 1 },
    { name: 'popular', weight: 1 },
  ] as const,
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
      ),
      { maxLength: 20 },
    ),
    historyKnown: fc.boolean(),
    model: fc.constantFrom('none', 'ranking', 'failing', 'careless'),
    mix: fc.constantFrom(DEFAULT_PARAMETERS.mix, popularOnly.mix, mixed.mix),
    maxPerCreator: fc.option(fc.integer({ min: 1, max: 3 })),
    epsilon: fc.constantFrom(0, 0.2, 1),
    size: fc.integer({ min: 1, max: 70 }),
  })
  .map((one): Query => {
    const name = (index: number) => `i${index}`
    const all = sampleItems(one.count, (index) => ({
      available: !one.unavailable.includes(index),
      creator: index % 7 === 0 ? null : `c${index % 5}`,
    }))
    const ranking = rankingModel(one.ranked.map(name))
    const models = {
      none: null,
      ranking: sampleLoadedModel(ranking),
      failing: sampleLoadedModel(failingModel()),
      // Asks no one, repeats itself and gives scores that are none.
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
      history: one.historyKnown ? sampleHistory(one.interactions) : UNKNOWN_HISTORY,
      parameters: {
        modelVersionId: null,
        mix: one.mix,
        maxPerCreator: one.maxPerCreator,
        epsilon: one.epsilon,
      },
      model: models[one.model],
      catalogue: sampleCatalogue(all, one.popular.map(name)),
    })
  })

describe('every slate', () => {
  test('holds no item twice, nor one that is unknown, unavailable, consumed, blocked or excluded', async () => {
    await fc.assert(
      fc.asyncProperty(anyQuery, async (one) => {
        const { items: served } = await runPipeline(one, createRecordingObserver())
        expect(new Set(served.map(({ itemId }) => itemId)).size).toBe(served.length)
        for (const { itemId } of served) {
          expect(one.catalogue.isAvailable(itemId)).toBe(true)
          expect(one.exclude.has(itemId)).toBe(false)
          expect(one.history.consumed.has(itemId)).toBe(false)
          expect(one.history.blocked.has(itemId)).toBe(false)
        }
      }),
      { numRuns: 300 },
    )
  })

  test('is full whenever the catalogue has enough eligible items', async () => {
    await fc.assert(
      fc.asyncProperty(anyQuery, async (one) => {
        const { exclude, history } = one
        const eligible = one.catalogue
          .staticItems()
          .filter((id) => !exclude.has(id) && !history.consumed.has(id) && !history.blocked.has(id))
        const { items: served } = await runPipeline(one, createRecordingObserver())
        expect(served.length).toBe(Math.min(one.size, eligible.length))
      }),
      { numRuns: 300 },
    )
  })

  test('is made again from the same query, candidates hash included', async () => {
    await fc.assert(
      fc.asyncProperty(anyQuery, async (one) => {
        const first = await runPipeline(one, createRecordingObserver())
        expect(await runPipeline(one, createRecordingObserver())).toEqual(first)
      }),
    )
  })

  test('stands on MODEL exactly where the model brought an item in, and has a cause exactly below it', async () => {
    await fc.assert(
      fc.asyncProperty(anyQuery, async (one) => {
        const { items: served, standing, modelVersionId } = await runPipeline(one, createRecordingObserver())
        const byModel = served.some(({ source }) => source === 'model')
        expect(standing.rung === 'MODEL').toBe(byModel)
        expect(standing.cause === null).toBe(byModel)
        expect(modelVersionId).toBe(byModel ? 'item-to-item-v1' : null)
        // Below the top rung only by design; on it, unless another source of the mix brought nothing.
        if (!byModel) expect(standing.degraded).toBe(standing.cause !== 'MODEL_NOT_IN_MIX')
        else if (one.parameters.mix.length === 1) expect(standing.degraded).toBe(false)
      }),
      { numRuns: 300 },
    )
  })

  test('is full though a large part of a large catalogue is excluded', async () => {
    const all = ids(2000)
    const served = await itemIds({
      size: 500,
      exclude: new Set(all.slice(1000)),
      catalogue: sampleCatalogue(sampleItems(2000), all.slice(1000)),
    })
    expect(served).toHaveLength(500)
  })
})

describe('the ladder', () => {
  const all = sampleCatalogue(sampleItems(50), ids(50))
  const model = sampleLoadedModel(rankingModel(ids(50)))

  test('MODEL: the model fills the slate, best first, and says why', async () => {
    const {
      items: served,
      standing,
      policy,
    } = await run({ catalogue: all, model, history: samplePlays('i3'), size: 3 })
    expect(standing).toEqual({ rung: 'MODEL', cause: null, degraded: false })
    expect(policy.id).toBe('greedy-v1')
    expect(served.map(({ itemId, source, propensity }) => [itemId, source, propensity])).toEqual([
      ['i0', 'model', 1],
      ['i1', 'model', 1],
      ['i2', 'model', 1],
    ])
    expect(served[0]?.reason).toEqual({
      kind: 'BECAUSE_OF_ITEM',
      itemId: 'i3',
      text: 'Because you chose “Title of i3”',
    })
  })

  test('MODEL: popular items fill up what the model does not', async () => {
    const { items: served, standing } = await run({
      catalogue: all,
      model: sampleLoadedModel(rankingModel(['i9'])),
      size: 3,
    })
    expect(standing.rung).toBe('MODEL')
    expect(served.map(({ itemId, source }) => [itemId, source])).toEqual([
      ['i9', 'model'],
      ['i0', 'popular'],
      ['i1', 'popular'],
    ])
    expect(served[1]?.reason?.kind).toBe('POPULAR')
  })

  test('MODEL counts as degraded where another source of the mix brings no candidate', async () => {
    const empty = sampleCatalogue(sampleItems(50))
    const { items: served, standing } = await run({ catalogue: empty, model, parameters: mixed })
    expect(standing).toEqual({ rung: 'MODEL', cause: null, degraded: true })
    expect(served).toHaveLength(20)
    expect((await run({ catalogue: all, model, parameters: mixed })).standing.degraded).toBe(false)
  })

  test('MODEL counts as degraded where another source of the mix fails', async () => {
    const broken = {
      ...all,
      popular() {
        throw new Error('popularity is broken')
      },
    }
    const { standing } = await run({ catalogue: broken, model, parameters: mixed })
    expect(standing).toEqual({ rung: 'MODEL', cause: null, degraded: true })
  })

  test('MODEL is not degraded where popular items, which only fill up, are missing', async () => {
    const { items: served, standing } = await run({
      catalogue: sampleCatalogue(sampleItems(50)),
      model: sampleLoadedModel(rankingModel(['i9'])),
      size: 2,
    })
    expect(standing).toEqual({ rung: 'MODEL', cause: null, degraded: false })
    expect(served.map(({ source }) => source)).toEqual(['model', 'static'])
  })

  test.each([
    ['NO_MODEL', { model: null }],
    ['COLD_START', { model, history: samplePlays() }],
    ['COLD_START', { model, history: sampleHistory([['i1', 'HIDE']]) }],
    ['HISTORY_UNAVAILABLE', { model, history: UNKNOWN_HISTORY }],
    ['MODEL_FAILED', { model: sampleLoadedModel(failingModel()) }],
    ['NO_CANDIDATES', { model: sampleLoadedModel(rankingModel([])) }],
    ['NO_CANDIDATES', { model: sampleLoadedModel(rankingModel(['i1'])), exclude: new Set(['i1']) }],
  ] as const)('POPULAR because of %s counts as degraded', async (cause, overrides) => {
    const { items: served, standing } = await run({ catalogue: all, ...overrides })
    expect(standing).toEqual({ rung: 'POPULAR', cause, degraded: true })
    expect(served).toHaveLength(20)
  })

  test('POPULAR because the mix leaves the model out is what was asked for', async () => {
    const { standing } = await run({ catalogue: all, model, parameters: popularOnly })
    expect(standing).toEqual({ rung: 'POPULAR', cause: 'MODEL_NOT_IN_MIX', degraded: false })
  })

  test('the model never fills up a slate whose mix leaves it out', async () => {
    const { items: served } = await run({
      catalogue: sampleCatalogue(sampleItems(9), ['i0']),
      model,
      parameters: popularOnly,
    })
    expect(served.map(({ source }) => source)).toEqual(['popular', ...Array(8).fill('static')])
  })

  test('STATIC: the newest items, when nothing is popular either', async () => {
    const { items: served, standing } = await run({ catalogue: sampleCatalogue(sampleItems(9)), size: 2 })
    expect(standing).toEqual({ rung: 'STATIC', cause: 'NO_MODEL', degraded: true })
    expect(served).toEqual([
      { itemId: 'i8', score: 0, source: 'static', propensity: 1, reason: null },
      { itemId: 'i7', score: 0, source: 'static', propensity: 1, reason: null },
    ])
  })

  test('STATIC with NO_CANDIDATES where popular items were asked for and there are none', async () => {
    const { standing } = await run({
      catalogue: sampleCatalogue(sampleItems(9)),
      model,
      parameters: popularOnly,
    })
    expect(standing).toEqual({ rung: 'STATIC', cause: 'NO_CANDIDATES', degraded: true })
  })

  test('an empty catalogue gives an empty slate, and says so', async () => {
    const { items: served, standing } = await run({ model })
    expect(served).toEqual([])
    expect(standing).toEqual({ rung: 'STATIC', cause: 'EMPTY_CATALOGUE', degraded: true })
  })
})

describe('stages', () => {
  test('a failing source costs its candidates and is reported, the slate is served', async () => {
    const observer = createRecordingObserver()
    const { items: served, standing } = await run(
      {
        catalogue: sampleCatalogue(sampleItems(30), ids(30)),
        model: sampleLoadedModel(failingModel()),
        parameters: mixed,
      },
      observer,
    )
    expect(served).toHaveLength(20)
    expect(standing.rung).toBe('POPULAR')
    expect(observer.failures).toEqual(['source_model'])
  })

  test('a failing popularity list costs its candidates too', async () => {
    const broken = {
      ...sampleCatalogue(sampleItems(30)),
      popular() {
        throw new Error('popularity is broken')
      },
    }
    const observer = createRecordingObserver()
    const { items: served } = await run({ catalogue: broken }, observer)
    expect(served.map(({ source }) => source)).toEqual(Array(20).fill('static'))
    expect(observer.failures).toEqual(['source_popular'])
  })

  test('when even the filters fail, nothing is shown that they might have kept away', async () => {
    const broken = {
      ...sampleCatalogue(sampleItems(30), ids(30)),
      isAvailable() {
        throw new Error('availability is broken')
      },
    }
    expect((await run({ catalogue: broken })).items).toEqual([])
  })

  test('are observed by name, the ones that have nothing to do are not', async () => {
    const observer = createRecordingObserver()
    await run({ catalogue: sampleCatalogue(sampleItems(30), ids(30)), history: samplePlays() }, observer)
    expect(new Set(observer.stages)).toEqual(new Set(['source_popular', 'filters', 'selection']))
  })

  test('a mix gives each source its share', async () => {
    const { items: served } = await run({
      catalogue: sampleCatalogue(sampleItems(100), ids(100).toReversed()),
      model: sampleLoadedModel(rankingModel(ids(100))),
      parameters: mixed,
    })
    expect(served.filter(({ source }) => source === 'model')).toHaveLength(10)
    expect(served.filter(({ source }) => source === 'popular')).toHaveLength(10)
  })

  test('what the user skipped sinks, once for each skip', async () => {
    const model = sampleLoadedModel(rankingModel(['i0', 'i1', 'i2', 'i3']))
    const all = sampleCatalogue(sampleItems(4))
    const skipped = sampleHistory([
      ['known', 'PLAY'],
      ['i0', 'SKIP'],
      ['i0', 'SKIP'],
      ['i1', 'SKIP'],
    ])
    expect(await itemIds({ catalogue: all, model, history: skipped })).toEqual(['i2', 'i3', 'i1', 'i0'])
  })

  test('a limit per creator reaches for popular items before it is lifted', async () => {
    const byOne = sampleItems(10, () => ({ creator: 'one' }))
    const others = [sampleItem('o1', { creator: 'two' }), sampleItem('o2', { creator: 'three' })]
    const served = await itemIds({
      catalogue: sampleCatalogue([...byOne, ...others], ['o1']),
      model: sampleLoadedModel(rankingModel(ids(10))),
      parameters: { ...DEFAULT_PARAMETERS, maxPerCreator: 1 },
      size: 5,
    })
    expect(served).toEqual(['i0', 'o1', 'o2', 'i1', 'i2'])
  })

  test('exploration is marked as such, with its policy and propensities', async () => {
    const { items: served, policy } = await run({
      catalogue: sampleCatalogue(sampleItems(100), ids(100)),
      model: sampleLoadedModel(rankingModel(ids(100))),
      parameters: { ...DEFAULT_PARAMETERS, epsilon: 0.5 },
    })
    expect(policy.id).toBe('epsilon-greedy-v1')
    const explored = served.filter(({ reason }) => reason?.kind === 'EXPLORATION')
    expect(explored.length).toBeGreaterThan(0)
    for (const { propensity } of explored) expect(propensity).toBeLessThan(0.01)
    for (const one of served.filter((other) => !explored.includes(other)))
      expect(one.propensity).toBeGreaterThan(0.5)
  })
})
