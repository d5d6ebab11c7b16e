import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sampleItem } from '../testing/samples/catalogue.ts'
import { createCatalogueBuilder } from './catalogue-builder.ts'

describe('the catalogue builder', () => {
  test('sorts pages of any size as one: available items, newest first, ties by id', async () => {
    const anyItem = fc
      .record({ id: fc.nat({ max: 200 }), createdAt: fc.nat({ max: 5 }), available: fc.boolean() })
      .map(({ id, ...rest }) => sampleItem(`i${id}`, rest))
    const anyItems = fc.uniqueArray(anyItem, { selector: ({ id }) => id, maxLength: 60 })
    await fc.assert(
      fc.asyncProperty(anyItems, fc.integer({ min: 1, max: 7 }), async (items, pageSize) => {
        const builder = createCatalogueBuilder()
        for (let at = 0; at < items.length; at += pageSize) builder.add(items.slice(at, at + pageSize))
        const { byId, newest } = await builder.build()
        const expected = items
          .filter(({ available }) => available)
          .sort((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? -1 : 1))
        expect(newest).toEqual(expected.map(({ id }) => id))
        expect(byId.size).toBe(items.length)
      }),
    )
  })

  test('yields to the event loop while it sorts a large catalogue', async () => {
    const builder = createCatalogueBuilder()
    for (let page = 0; page < 80; page++) {
      builder.add(Array.from({ length: 500 }, (_, at) => sampleItem(`i${page}-${at}`, { createdAt: at })))
    }
    let turns = 0
    const ticking = setInterval(() => turns++, 0)
    const { newest } = await builder.build()
    clearInterval(ticking)
    expect(newest).toHaveLength(40_000)
    expect(turns).toBeGreaterThan(0)
  })

  test('an item that changes while the pages are read is there once', async () => {
    const builder = createCatalogueBuilder()
    builder.add([sampleItem('a', { createdAt: 1 })])
    builder.add([sampleItem('a', { createdAt: 2 }), sampleItem('b', { createdAt: 0 })])
    expect((await builder.build()).newest).toEqual(['a', 'b'])
    expect(builder.size()).toBe(2)
  })
})
