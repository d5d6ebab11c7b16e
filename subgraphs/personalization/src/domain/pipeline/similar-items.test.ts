import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sampleCatalogue, sampleItemIds, sampleItems } from '../../testing/samples/catalogue.ts'
import { sampleHistory } from '../../testing/samples/interactions.ts'
import { sampleFailingModel, sampleLoadedModel, sampleRankingModel } from '../../testing/samples/models.ts'
import { sampleQuery } from '../../testing/samples/serving.ts'
import { createTestObserver } from '../../testing/test-observer.ts'
import { createTestPipeline } from '../../testing/test-pipeline.ts'
import { unknownHistory } from './hydration/user-history.ts'
import type { Query } from './query.ts'
import { findSimilarItems, type SimilarItemsRequest } from './similar-items.ts'

const IDS = sampleItemIds(9)
const catalogue = sampleCatalogue(sampleItems(9))
const model = sampleLoadedModel(sampleRankingModel(IDS))

async function similarTo(
  itemId: string,
  query: Partial<Query> = {},
  request: Partial<SimilarItemsRequest> = {},
) {
  const pipeline = createTestPipeline(
    sampleQuery({ catalogue, model, ...query }),
    request.userId === undefined
      ? {
          hydration: {
            name: 'hydration',
            enabled: () => true,
            run: () => Promise.reject(new Error('nobody is named, so nobody is read')),
            without: () => unknownHistory({ items: new Set(IDS), creators: new Set() }),
          },
        }
      : {},
  )
  const found = await findSimilarItems(
    { itemId, userId: null, first: 3, attributes: null, ...request },
    pipeline,
  )
  return found?.map(({ item }) => item.id) ?? null
}

describe('similar items', () => {
  test('are the best of the model, without the item itself, with their scores', async () => {
    const pipeline = createTestPipeline(sampleQuery({ catalogue, model }))
    const request = { itemId: 'i1', userId: null, first: 2, attributes: null }
    expect(await findSimilarItems(request, pipeline)).toEqual([
      { item: catalogue.itemById('i0'), score: 100 },
      { item: catalogue.itemById('i2'), score: 99 },
    ])
  })

  test('are null for an unknown item, and none where no model knows any', async () => {
    expect(await similarTo('nothing')).toBeNull()
    expect(await similarTo('i1', { model: null })).toEqual([])
    expect(await similarTo('i1', { model: sampleLoadedModel(sampleRankingModel([])) })).toEqual([])
  })

  test('are none where the model fails, which is reported', async () => {
    const observer = createTestObserver()
    const query = sampleQuery({ catalogue, model: sampleLoadedModel(sampleFailingModel()) })
    const request = { itemId: 'i1', userId: null, first: 2, attributes: null }
    expect(await findSimilarItems(request, createTestPipeline(query, { observer }))).toEqual([])
    expect(observer.failures).toEqual(['similar_items'])
  })

  test('are none of those that speak against the item', async () => {
    const opposite = {
      ...model.model,
      recommend: () => [
        { itemId: 'i2', score: 0.5, becauseOf: null },
        { itemId: 'i3', score: 0, becauseOf: null },
        { itemId: 'i4', score: -1, becauseOf: null },
        { itemId: 'i5', score: Number.POSITIVE_INFINITY, becauseOf: null },
      ],
    }
    expect(await similarTo('i1', { model: sampleLoadedModel(opposite) })).toEqual(['i2'])
  })

  test('leave out what a named user has had or hidden, and nothing where nobody is named', async () => {
    const history = sampleHistory([
      ['i0', 'PLAY'],
      ['i2', 'HIDE'],
      ['i5', 'HIDE', 'one'],
    ])
    const items = sampleItems(9, (at) => ({ creator: at === 3 ? 'one' : null }))
    const query = { history, catalogue: sampleCatalogue(items) }
    expect(await similarTo('i1', query, { userId: 'u1' })).toEqual(['i4', 'i6', 'i7'])
    expect(await similarTo('i1', query)).toEqual(['i0', 'i2', 'i3'])
  })

  test('of an item that is not offered itself can be asked for', async () => {
    const items = sampleItems(9, (at) => ({ available: at !== 1 }))
    expect(await similarTo('i1', { catalogue: sampleCatalogue(items) })).toEqual(['i0', 'i2', 'i3'])
  })

  test('are offered at the time and in the market of the request, whatever the model says', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('flag', 'early', 'late', 'abroad', 'fine'), { minLength: 9, maxLength: 9 }),
        fc.constantFrom('NL', null),
        async (why, market) => {
          const now = 100
          const items = sampleItems(9, (at) => ({
            available: why[at] !== 'flag',
            availableFrom: why[at] === 'early' ? now + 1 : now,
            availableUntil: why[at] === 'late' ? now : now + 1,
            markets: why[at] === 'abroad' ? ['SE'] : at % 2 === 0 ? [] : ['NL'],
          }))
          const careless = { ...model.model, recommend: () => model.model.recommend([], 99) }
          const found = await similarTo(
            'i0',
            { catalogue: sampleCatalogue(items), model: sampleLoadedModel(careless), now },
            { first: 9, attributes: market === null ? null : { market } },
          )
          const expected = IDS.filter(
            (id, at) => id !== 'i0' && why[at] === 'fine' && (at % 2 === 0 || market === 'NL'),
          )
          expect(found).toEqual(expected)
        },
      ),
    )
  })
})
