import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compareLists } from './comparison.ts'

function even() {
  return 1
}
const LIST = fc.uniqueArray(fc.constantFrom(...'abcdefghijklmnopqrst'), { maxLength: 20 })

test('overlap counts what both show among their first ten', () => {
  const first = [...'abcdefghijklm']
  expect(compareLists(first, [...'jihgfedcba'], even).overlapAt10).toBe(1)
  expect(compareLists(first, [...'klmabcdefg'], even).overlapAt10).toBe(0.7)
  expect(compareLists(first, [...'ab'], even).overlapAt10).toBe(0.2)
  expect(compareLists([...'ab'], [...'ba'], even).overlapAt10).toBe(1)
  expect(compareLists(first, [], even).overlapAt10).toBe(0)
})

test('items with twice the listeners shift popularity by 1, whatever the unit', () => {
  const listeners = (itemId: string) => ({ a: 10, b: 40, c: 20, d: 80 })[itemId] ?? expect.unreachable()
  expect(compareLists(['a', 'b'], ['c', 'd'], listeners).popularityShift).toBeCloseTo(1, 12)
  expect(compareLists(['c', 'd'], ['a', 'b'], (id) => listeners(id) / 80).popularityShift).toBeCloseTo(-1, 12)
  expect(compareLists(['a'], [], listeners).popularityShift).toBeNull()
})

test('a list compared with itself is the same in every measure', () => {
  fc.assert(
    fc.property(LIST, LIST, (a, b) => {
      const popularityOf = (itemId: string) => itemId.charCodeAt(0)
      expect(compareLists(a, a, popularityOf).overlapAt10).toBe(1)
      if (a.length > 0) expect(compareLists(a, a, popularityOf).popularityShift).toBe(0)
      const there = compareLists(a, b, popularityOf)
      const back = compareLists(b, a, popularityOf)
      expect(there.overlapAt10).toBe(back.overlapAt10)
      if (there.popularityShift !== null)
        expect(there.popularityShift + (back.popularityShift ?? Number.NaN)).toBe(0)
      expect(there.shown).toEqual(b.slice(0, 10))
    }),
    { examples: [[['g'], ['g']]] },
  )
})
