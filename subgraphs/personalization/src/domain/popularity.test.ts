import fc from 'fast-check'
import { expect, test } from 'vitest'
import { NOON } from '../testing/samples/time.ts'
import { popularityOf, TREND_HALF_LIFE_MS, trendWeight } from './popularity.ts'

test('a use weighs half as much as one that is a half-life younger, whenever that was', () => {
  fc.assert(
    fc.property(fc.integer({ min: -200, max: 800 }), (halfLives) => {
      const at = NOON + halfLives * TREND_HALF_LIFE_MS
      const later = trendWeight(at + TREND_HALF_LIFE_MS, Number.MAX_SAFE_INTEGER)
      expect(trendWeight(at, Number.MAX_SAFE_INTEGER) / later).toBeCloseTo(0.5, 9)
    }),
  )
})

test('no use weighs more than one of now, and none is infinite', () => {
  expect(trendWeight(NOON + 1e12, NOON)).toBe(trendWeight(NOON, NOON))
  expect(trendWeight(8.64e15, 8.64e15)).toBeLessThan(Number.POSITIVE_INFINITY)
})

test('the uses of an item add up', () => {
  const uses = [
    { itemId: 'a', occurredAt: NOON },
    { itemId: 'b', occurredAt: NOON },
    { itemId: 'a', occurredAt: NOON - TREND_HALF_LIFE_MS },
  ]
  const one = trendWeight(NOON, NOON)
  expect(popularityOf(uses, NOON)).toEqual(
    new Map([
      ['a', { listeners: 2, trend: 1.5 * one }],
      ['b', { listeners: 1, trend: one }],
    ]),
  )
})
