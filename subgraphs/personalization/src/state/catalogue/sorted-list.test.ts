import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createSortedList } from './sorted-list.ts'

test('is what a sorted array would be, after any additions and removals', () => {
  const change = fc.record({ add: fc.boolean(), value: fc.nat({ max: 60 }) })
  fc.assert(
    fc.property(fc.array(change, { maxLength: 200 }), fc.nat({ max: 60 }), (changes, from) => {
      const list = createSortedList<number>((a, b) => a - b)
      const expected = new Set<number>()
      for (const { add, value } of changes) {
        if (!add) expect(list.remove(value)).toBe(expected.delete(value))
        else if (!expected.has(value)) {
          list.add(value)
          expected.add(value)
        }
      }
      const sorted = [...expected].sort((a, b) => a - b)
      expect([...list]).toEqual(sorted)
      expect(list.length).toBe(sorted.length)
      expect([...list.from((value) => value > from)]).toEqual(sorted.filter((value) => value > from))
    }),
  )
})

test('keeps its order over many parts, whatever the order in which values come and go', () => {
  const list = createSortedList<number>((a, b) => a - b)
  const count = 10_007
  for (let at = 0; at < count; at++) list.add((at * 4_001) % count)
  expect([...list]).toEqual(Array.from({ length: count }, (_, at) => at))
  for (let value = 0; value < count; value++) if (value % 3 !== 0) list.remove(value)
  const left = [...list]
  expect(left).toEqual(Array.from({ length: Math.ceil(count / 3) }, (_, at) => at * 3))
  expect([...list.from((value) => value > 9_000)]).toEqual(left.filter((value) => value > 9_000))
})
