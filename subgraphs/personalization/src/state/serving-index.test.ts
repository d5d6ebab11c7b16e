import { describe, expect, test } from 'vitest'
import { sampleItem } from '../testing/samples/catalogue.ts'
import { createServingIndex } from './serving-index.ts'

describe('the serving index', () => {
  test('is not ready before the catalogue was read, be it empty', () => {
    const index = createServingIndex()
    expect(index.ready()).toBe(false)
    index.markRead()
    expect([index.ready(), index.size(), [...index.staticItems()]]).toEqual([true, 0, []])
  })

  test('knows every item, and lists the available ones newest first, ties by id', () => {
    const index = createServingIndex()
    index.putItems([
      sampleItem('c', { createdAt: 1 }),
      sampleItem('b', { createdAt: 2 }),
      sampleItem('a', { createdAt: 2 }),
      sampleItem('gone', { createdAt: 3, available: false }),
    ])
    expect([...index.staticItems()]).toEqual(['a', 'b', 'c'])
    expect(index.itemById('gone')?.title).toBe('Title of gone')
    expect(['a', 'gone', 'unknown'].map((id) => index.itemById(id)?.available)).toEqual([
      true,
      false,
      undefined,
    ])
    expect(index.size()).toBe(4)
  })

  test('once full, takes changes of the items in it, and says how many it has refused', () => {
    const index = createServingIndex({ maxItems: 2 })
    expect(index.putItems([sampleItem('a'), sampleItem('b')])).toBe(0)
    expect(index.isComplete()).toBe(true)
    expect(index.putItems([sampleItem('c'), sampleItem('a', { available: false })])).toBe(1)
    expect([index.isComplete(), index.size(), [...index.staticItems()]]).toEqual([false, 2, ['b']])
  })

  test('scores popular and trending items by their share of the first one', () => {
    const index = createServingIndex()
    index.replacePopular([
      { itemId: 'a', listeners: 8 },
      { itemId: 'b', listeners: 2 },
      { itemId: 'c', listeners: 0 },
    ])
    expect(index.popular()).toEqual([
      { itemId: 'a', score: 1 },
      { itemId: 'b', score: 0.25 },
    ])
    index.replaceTrending([
      { itemId: 'c', trend: 2 ** -40 },
      { itemId: 'a', trend: 2 ** -41 },
      { itemId: 'b', trend: 0 },
    ])
    expect(index.trending()).toEqual([
      { itemId: 'c', score: 1 },
      { itemId: 'a', score: 0.5 },
    ])
  })
})
