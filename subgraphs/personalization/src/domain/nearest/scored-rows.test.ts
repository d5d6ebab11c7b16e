import fc from 'fast-check'
import { expect, test } from 'vitest'
import { keepHighest } from './scored-rows.ts'

test('it keeps the highest scores of all that it was offered, and of equal ones the smaller places', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.double({ noNaN: true }), fc.integer({ min: -2, max: 2 }))),
      fc.integer({ min: 1, max: 20 }),
      (scores, limit) => {
        // Places in another order than rows.
        const places = Uint32Array.from(scores, (_, row) => scores.length - row)
        const highest = keepHighest(limit, places)
        scores.forEach((score, row) => {
          highest.offer(row, score)
        })
        const { rows, scores: kept, count } = highest.rows()
        const wanted = [...scores.keys()]
          .sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0) || b - a)
          .slice(0, limit)
        expect([...rows.subarray(0, count)].sort((a, b) => a - b)).toEqual(wanted.toSorted((a, b) => a - b))
        expect([...kept.subarray(0, count)]).toEqual([...rows.subarray(0, count)].map((row) => scores[row]))
        expect(highest.lowest()).toBe(
          scores.length < limit ? Number.NEGATIVE_INFINITY : scores[wanted.at(-1) ?? 0],
        )
      },
    ),
  )
})
