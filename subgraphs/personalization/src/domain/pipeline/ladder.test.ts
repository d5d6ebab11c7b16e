import { describe, expect, test } from 'vitest'
import { sampleCatalogue, sampleItemIds, sampleItems } from '../../testing/samples/catalogue.ts'
import { sampleHistory, samplePlays } from '../../testing/samples/interactions.ts'
import { sampleFailingModel, sampleLoadedModel, sampleRankingModel } from '../../testing/samples/models.ts'
import { sampleMix, sampleSource } from '../../testing/samples/serving.ts'
import { serveQuery } from '../../testing/test-pipeline.ts'
import { unknownHistory } from './hydration/user-history.ts'
import { CANDIDATE_SOURCES } from './sources/candidate-sources.ts'

const catalogue = sampleCatalogue(sampleItems(50), sampleItemIds(50))
const withoutPopularity = sampleCatalogue(sampleItems(50))
const model = sampleLoadedModel(sampleRankingModel(sampleItemIds(50)))

describe('the ladder', () => {
  test('MODEL: the model fills the slate, best first, and says why', async () => {
    const { items, served, policy } = await serveQuery({
      catalogue,
      model,
      history: samplePlays('i3'),
      size: 3,
    })
    expect(served).toEqual({ rung: 'MODEL', cause: null, degraded: false })
    expect(policy.id).toBe('greedy-v2')
    expect(items.map(({ itemId, source, propensity }) => [itemId, source, propensity])).toEqual([
      ['i0', 'model', 1],
      ['i1', 'model', 1],
      ['i2', 'model', 1],
    ])
    expect(items[0]?.reason).toEqual({
      kind: 'BECAUSE_OF_ITEM',
      itemId: 'i3',
      text: 'Because you chose “Title of i3”',
    })
  })

  test('MODEL: popular items fill up what the model does not', async () => {
    const { items, served } = await serveQuery({
      catalogue,
      model: sampleLoadedModel(sampleRankingModel(['i9'])),
      size: 3,
    })
    expect(served.rung).toBe('MODEL')
    expect(items.map(({ itemId, source }) => [itemId, source])).toEqual([
      ['i9', 'model'],
      ['i0', 'popular'],
      ['i1', 'popular'],
    ])
    expect(items[1]?.reason?.kind).toBe('POPULAR')
  })

  test('MODEL counts as degraded where another source of the mix brings no candidate', async () => {
    const parameters = sampleMix('model', 'popular')
    const { items, served } = await serveQuery({ catalogue: withoutPopularity, model, parameters })
    expect(served).toEqual({ rung: 'MODEL', cause: null, degraded: true })
    expect(items).toHaveLength(20)
    expect((await serveQuery({ catalogue, model, parameters })).served.degraded).toBe(false)
  })

  test('MODEL counts as degraded where another source of the mix fails', async () => {
    const broken = {
      ...catalogue,
      popular() {
        throw new Error('popularity is broken')
      },
    }
    const { served } = await serveQuery({
      catalogue: broken,
      model,
      parameters: sampleMix('model', 'popular'),
    })
    expect(served).toEqual({ rung: 'MODEL', cause: null, degraded: true })
  })

  test('MODEL is not degraded where popular items, which only fill up, are missing', async () => {
    const { items, served } = await serveQuery({
      catalogue: withoutPopularity,
      model: sampleLoadedModel(sampleRankingModel(['i9'])),
      size: 2,
    })
    expect(served).toEqual({ rung: 'MODEL', cause: null, degraded: false })
    expect(items.map(({ source }) => source)).toEqual(['model', 'static'])
  })

  test.each([
    ['NO_MODEL', { model: null }],
    ['COLD_START', { model, history: samplePlays() }],
    ['COLD_START', { model, history: sampleHistory([['i1', 'HIDE']]) }],
    ['HISTORY_UNAVAILABLE', { model, history: unknownHistory() }],
    ['MODEL_FAILED', { model: sampleLoadedModel(sampleFailingModel()) }],
    ['NO_CANDIDATES', { model: sampleLoadedModel(sampleRankingModel([])) }],
    ['NO_CANDIDATES', { model: sampleLoadedModel(sampleRankingModel(['i1'])), exclude: new Set(['i1']) }],
  ] as const)('POPULAR because of %s counts as degraded', async (cause, overrides) => {
    const { items, served } = await serveQuery({ catalogue, ...overrides })
    expect(served).toEqual({ rung: 'POPULAR', cause, degraded: true })
    expect(items).toHaveLength(20)
  })

  test('POPULAR because the mix leaves the model out is what was asked for', async () => {
    const { served } = await serveQuery({ catalogue, model, parameters: sampleMix('popular') })
    expect(served).toEqual({ rung: 'POPULAR', cause: 'MODEL_NOT_IN_MIX', degraded: false })
  })

  test('POPULAR counts as degraded where the mix has the model, but no position for its candidates', async () => {
    const mix = [
      { name: 'model', weight: 1 },
      { name: 'popular', weight: 9 },
    ]
    const parameters = { ...sampleMix(), mix }
    const { items, served } = await serveQuery({ catalogue, model, parameters, size: 1 })
    expect(items.map(({ source }) => source)).toEqual(['popular'])
    expect(served).toEqual({ rung: 'POPULAR', cause: 'NO_CANDIDATES', degraded: true })
  })

  test('STATIC: the newest items, when nothing is popular either', async () => {
    const { items, served } = await serveQuery({ catalogue: sampleCatalogue(sampleItems(9)), size: 2 })
    expect(served).toEqual({ rung: 'STATIC', cause: 'NO_MODEL', degraded: true })
    expect(items).toEqual([
      { itemId: 'i8', score: 0, source: 'static', propensity: 1, reason: null },
      { itemId: 'i7', score: 0, source: 'static', propensity: 1, reason: null },
    ])
  })

  test('STATIC with NO_CANDIDATES where popular items were asked for and there are none', async () => {
    const { served } = await serveQuery({
      catalogue: withoutPopularity,
      model,
      parameters: sampleMix('popular'),
    })
    expect(served).toEqual({ rung: 'STATIC', cause: 'NO_CANDIDATES', degraded: true })
  })

  test('an empty catalogue gives an empty slate, and says so', async () => {
    const { items, served } = await serveQuery({ model })
    expect(items).toEqual([])
    expect(served).toEqual({ rung: 'STATIC', cause: 'EMPTY_CATALOGUE', degraded: true })
  })
})

describe('the version before', () => {
  const standInModel = sampleLoadedModel(sampleRankingModel(['i8', 'i9']), 'item-to-item-v0')
  const failing = sampleLoadedModel(sampleFailingModel())

  test.each([
    ['NO_MODEL', null],
    ['MODEL_FAILED', failing],
  ] as const)('stands in where there is %s, on a rung of its own', async (cause, broken) => {
    const { items, served, modelVersionId } = await serveQuery({
      catalogue,
      model: broken,
      standInModel,
      history: samplePlays('i3'),
      size: 3,
    })
    expect(served).toEqual({ rung: 'PREVIOUS_MODEL', cause, degraded: true })
    expect(modelVersionId).toBe('item-to-item-v0')
    expect(items.map(({ itemId, source }) => [itemId, source])).toEqual([
      ['i8', 'previous_model'],
      ['i9', 'previous_model'],
      ['i0', 'popular'],
    ])
    expect(items[0]?.reason?.text).toBe('Because you chose “Title of i3”')
  })

  test('takes the share of the model in the mix, no more and no less', async () => {
    const mix = [
      { name: 'model', weight: 1 },
      { name: 'popular', weight: 3 },
    ]
    const { items, served } = await serveQuery({
      catalogue: sampleCatalogue(sampleItems(50), sampleItemIds(50).toReversed()),
      model: failing,
      standInModel: sampleLoadedModel(sampleRankingModel(sampleItemIds(20))),
      parameters: { ...sampleMix(), mix },
    })
    expect(items.filter(({ source }) => source === 'previous_model')).toHaveLength(5)
    expect(served).toEqual({ rung: 'PREVIOUS_MODEL', cause: 'MODEL_FAILED', degraded: true })
  })

  test.each([
    ['the model serves', { model }, 'MODEL', null],
    ['the mix has no model', { parameters: sampleMix('popular') }, 'POPULAR', 'MODEL_NOT_IN_MIX'],
    ['the listener is unknown', { history: samplePlays() }, 'POPULAR', 'NO_MODEL'],
    [
      'the model has nothing to say',
      { model: sampleLoadedModel(sampleRankingModel([])) },
      'POPULAR',
      'NO_CANDIDATES',
    ],
  ] as const)('does not stand in where %s', async (_, overrides, rung, cause) => {
    const { items, served } = await serveQuery({ catalogue, standInModel, size: 60, ...overrides })
    expect([served.rung, served.cause]).toEqual([rung, cause])
    expect(items.map(({ source }) => source)).not.toContain('previous_model')
  })

  test('that fails too leaves its place to what is popular, and the cause is why the first one is missing', async () => {
    const { served, modelVersionId } = await serveQuery({ catalogue, model: null, standInModel: failing })
    expect(served).toEqual({ rung: 'POPULAR', cause: 'NO_MODEL', degraded: true })
    expect(modelVersionId).toBeNull()
  })
})

describe('a candidate source that the ladder has not seen before', () => {
  const sources = (...others: typeof CANDIDATE_SOURCES) => ({ sources: [...CANDIDATE_SOURCES, ...others] })

  test('reaches the rung MODEL if it says so, without the version of a model that it does not use', async () => {
    const neighbours = sampleSource('made-up-model', ['i4', 'i2'], { rung: 'MODEL' })
    const { items, served, modelVersionId } = await serveQuery(
      { catalogue, model, parameters: sampleMix('made-up-model'), size: 2 },
      sources(neighbours),
    )
    expect(served).toEqual({ rung: 'MODEL', cause: null, degraded: false })
    expect(items.map(({ itemId, source }) => [itemId, source])).toEqual([
      ['i4', 'made-up-model'],
      ['i2', 'made-up-model'],
    ])
    expect(modelVersionId).toBeNull()
  })

  test('reaches the rung POPULAR if it says so, with its own reasons', async () => {
    const reason = { kind: 'POPULAR', itemId: null, text: 'Trending now' } as const
    const trending = sampleSource('made-up-list', ['i4', 'i2'], { reason: () => reason })
    const { items, served } = await serveQuery(
      { catalogue, model, parameters: sampleMix('made-up-list'), size: 2 },
      sources(trending),
    )
    expect(served).toEqual({ rung: 'POPULAR', cause: 'MODEL_NOT_IN_MIX', degraded: false })
    expect(items.map(({ itemId, source }) => [itemId, source])).toEqual([
      ['i4', 'made-up-list'],
      ['i2', 'made-up-list'],
    ])
    expect(items.map((item) => item.reason)).toEqual([reason, reason])
  })

  test('that reaches the top rung does not hide that another source of the mix brought nothing', async () => {
    const neighbours = sampleSource('made-up-model', ['i4'], { rung: 'MODEL' })
    const parameters = sampleMix('model', 'made-up-model')
    const { served } = await serveQuery({ catalogue, parameters }, sources(neighbours))
    expect(served).toEqual({ rung: 'MODEL', cause: null, degraded: true })
  })

  test('between two rungs says why the better one was missed', async () => {
    const previous = sampleSource('made-up-previous', ['i4'], { rung: 'PREVIOUS_MODEL' })
    const { served } = await serveQuery(
      {
        catalogue,
        model: sampleLoadedModel(sampleFailingModel()),
        parameters: sampleMix('popular', 'made-up-previous', 'model'),
      },
      sources(previous),
    )
    expect(served).toEqual({ rung: 'PREVIOUS_MODEL', cause: 'MODEL_FAILED', degraded: true })
  })

  test('gives its own causes for being missed', async () => {
    const parameters = sampleMix('made-up-model')
    async function causeWith(overrides: Parameters<typeof sampleSource>[2]) {
      const neighbours = sampleSource('made-up-model', [], { rung: 'MODEL', ...overrides })
      return (await serveQuery({ catalogue, model, parameters }, sources(neighbours))).served.cause
    }
    expect(await causeWith({ whyUnavailable: () => 'COLD_START' })).toBe('COLD_START')
    const failing = {
      failureCause: 'MODEL_FAILED',
      candidates: () => Promise.reject(new Error('broken')),
    } as const
    expect(await causeWith(failing)).toBe('MODEL_FAILED')
    expect(await causeWith({})).toBe('NO_CANDIDATES')
  })

  test('is not asked why it was missed where a better one, or one that the mix names before it, was missed too', async () => {
    const missing = (name: string, rung: 'MODEL' | 'PREVIOUS_MODEL', cause: 'NO_MODEL' | 'COLD_START') =>
      sampleSource(name, [], { rung, whyUnavailable: () => cause })
    const causeOf = async (first: ReturnType<typeof missing>, second: ReturnType<typeof missing>) =>
      (await serveQuery({ catalogue, parameters: sampleMix('a', 'b') }, sources(first, second))).served.cause
    expect(
      await causeOf(missing('a', 'PREVIOUS_MODEL', 'NO_MODEL'), missing('b', 'MODEL', 'COLD_START')),
    ).toBe('COLD_START')
    expect(await causeOf(missing('a', 'MODEL', 'NO_MODEL'), missing('b', 'MODEL', 'COLD_START'))).toBe(
      'NO_MODEL',
    )
  })
})
