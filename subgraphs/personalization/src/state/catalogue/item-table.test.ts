import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sampleItem } from '../../testing/samples/catalogue.ts'
import { createItemTable } from './item-table.ts'

const anyItem = fc
  .record({ id: fc.nat({ max: 40 }), createdAt: fc.nat({ max: 5 }), available: fc.boolean() })
  .map(({ id, ...rest }) => sampleItem(`i${id}`, rest))

test('holds the last of each item: the available ones newest first, ties by id', () => {
  fc.assert(
    fc.property(fc.array(anyItem, { maxLength: 120 }), (items) => {
      const table = createItemTable()
      // Asked for before and after each change, since it remembers where the items are.
      const ids = Array.from({ length: 41 }, (_, n) => `i${n}`)
      const itemAt = table.itemsOf(ids)
      for (const item of items) {
        table.put(item)
        expect(itemAt(ids.indexOf(item.id))).toBe(item)
      }
      const last = [...new Map(items.map((item) => [item.id, item])).values()]
      const newest = last
        .filter(({ available }) => available)
        .sort((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? -1 : 1))
      expect([...table.newest]).toEqual(newest)
      expect(table.newest.length).toBe(newest.length)
      expect(table.size).toBe(last.length)
      expect([...table.after(null)]).toEqual(last.toSorted((a, b) => (a.id < b.id ? -1 : 1)))
      for (const item of last) expect(table.get(item.id)).toBe(item)
      expect(ids.map((_, place) => itemAt(place))).toEqual(ids.map((id) => table.get(id)))
      expect(table.itemsOf(['none'])(0)).toBeUndefined()
    }),
  )
})

test('titles that change again and again leave nothing behind once it is compacted', async () => {
  const table = createItemTable()
  for (let round = 0; round < 50; round++) {
    for (let id = 0; id < 20; id++) table.put(sampleItem(`i${id}`, { title: `round ${round}` }))
  }
  expect(table.titled('round')?.length).toBe(1_000)
  const before = table.titled('round')
  await table.compact()
  const candidates = table.titled('round')
  expect(candidates?.length).toBe(20)
  const ids = Array.from({ length: 20 }, (_, at) => candidates?.at(at)?.id)
  expect(new Set(ids).size).toBe(20)
  // Somebody who searched meanwhile finds each item once.
  const seen = Array.from({ length: 1_000 }, (_, at) => before?.at(at)).filter((item) => item !== undefined)
  expect(seen.length).toBe(20)
  table.put(sampleItem('i3', { title: 'something else' }))
  expect(candidates?.at(3)).toBeUndefined()
  expect(table.titled('else')?.at(0)?.id).toBe('i3')
})
