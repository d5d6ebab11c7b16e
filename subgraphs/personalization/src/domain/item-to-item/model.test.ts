import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { withReasons } from '../../testing/with-reasons.ts'
import { createBestFirst } from '../best-first.ts'
import { createItemToItemModel } from './model.ts'
import type { NeighbourLists } from './train.ts'

/** a: b .5, c .25; b: a .5, c .25; c: a .25, b .25, d .125; d: c .125; e: nothing. */
const LISTS: NeighbourLists = {
  itemIds: ['a', 'b', 'c', 'd', 'e'],
  starts: Uint32Array.of(0, 2, 4, 7, 8, 8),
  neighbours: Int32Array.of(1, 2, 0, 2, 0, 1, 3, 2),
  similarities: Float32Array.of(0.5, 0.25, 0.5, 0.25, 0.25, 0.25, 0.125, 0.125),
}
const model = createItemToItemModel('an algorithm', LISTS)

describe('item-to-item model', () => {
  test('scores by the sum of weight and similarity, and says which item spoke most', () => {
    const history = [
      { itemId: 'b', weight: 1 },
      { itemId: 'd', weight: 4 },
    ]
    expect(withReasons(model.recommend(history, 10))).toEqual([
      { itemId: 'c', score: 0.25 + 4 * 0.125, becauseOf: 'd' },
      { itemId: 'a', score: 0.5, becauseOf: 'b' },
    ])
  })

  test('signed weights: an item whose parts cancel comes once, and a reason is never left over from another call', () => {
    // a: c 1; b: c -1; d: c 1.
    const signed = createItemToItemModel('signed', {
      itemIds: ['a', 'b', 'c', 'd'],
      starts: Uint32Array.of(0, 1, 2, 2, 3),
      neighbours: Int32Array.of(2, 2, 2),
      similarities: Float32Array.of(1, -1, 1),
    })
    const history = (...itemIds: string[]) => itemIds.map((itemId) => ({ itemId, weight: 1 }))
    expect(withReasons(signed.recommend(history('a', 'b', 'd'), 10))).toEqual([
      { itemId: 'c', score: 1, becauseOf: 'a' },
    ])
    expect(withReasons(signed.recommend(history('b'), 10))).toEqual([
      { itemId: 'c', score: -1, becauseOf: null },
    ])
  })

  test('of two items that speak equally, the newer one is the reason', () => {
    const history = [
      { itemId: 'b', weight: 1 },
      { itemId: 'a', weight: 1 },
    ]
    expect(withReasons(model.recommend(history, 1))).toEqual([{ itemId: 'c', score: 0.5, becauseOf: 'b' }])
  })

  test('equal scores come in the order of the item ids', () => {
    expect(model.recommend([{ itemId: 'c', weight: 1 }], 2).map(({ itemId }) => itemId)).toEqual(['a', 'b'])
  })

  test('leaves out the history, even what counts nothing in it', () => {
    const history = [
      { itemId: 'a', weight: 1 },
      { itemId: 'b', weight: 0 },
    ]
    expect(withReasons(model.recommend(history, 10))).toEqual([{ itemId: 'c', score: 0.25, becauseOf: 'a' }])
  })

  test('fills the list with the next best where items are not eligible, and asks about no more than it must', () => {
    const asked: string[] = []
    const candidates = model.recommend([{ itemId: 'c', weight: 1 }], 1, (itemId) => {
      asked.push(itemId)
      return itemId !== 'a'
    })
    expect(candidates.map(({ itemId }) => itemId)).toEqual(['b'])
    expect(asked).toEqual(['a', 'b'])
  })

  test('knows nothing for an empty, unknown or weightless history, and nothing within a limit of 0', () => {
    expect(model.recommend([], 10)).toEqual([])
    expect(model.recommend([{ itemId: 'zzz', weight: 1 }], 10)).toEqual([])
    expect(model.recommend([{ itemId: 'e', weight: 1 }], 10)).toEqual([])
    expect(model.recommend([{ itemId: 'a', weight: Number.NaN }], 10)).toEqual([])
    expect(model.recommend([{ itemId: 'a', weight: 1 }], 0)).toEqual([])
  })

  test('remembers nothing of the call before, not even of one made inside isEligible', () => {
    const history = [{ itemId: 'c', weight: 1 }]
    const alone = withReasons(model.recommend(history, 10))
    const nested = model.recommend(history, 10, () => {
      model.recommend([{ itemId: 'a', weight: 7 }], 10)
      return true
    })
    expect(withReasons(nested)).toEqual(alone)
    expect(withReasons(model.recommend(history, 10))).toEqual(alone)
  })

  test('best first hands out every place once, as sorting would', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 40 }), (values) => {
        const items = Uint32Array.from(values, (_, n) => (n * 7) % 41)
        const next = createBestFirst(items, Float64Array.from(values), values.length)
        const places: number[] = []
        for (let place = next(); place !== null; place = next()) places.push(place)
        const sorted = values
          .map((_, n) => n)
          .sort((a, b) => values[b]! - values[a]! || items[a]! - items[b]!)
        expect(places).toEqual(sorted)
      }),
    )
  })
})
