import { expect, test } from 'vitest'
import { growthExponent, median, percentile } from './statistics.ts'

test('the median is the middle value, or the mean of the two middle ones, whatever the order', () => {
  expect(median([9, 1, 5])).toBe(5)
  expect(median([10, 9, 1, 5])).toBe(7)
})

test('a percentile is the smallest value that so many do not exceed', () => {
  const hundred = Float64Array.from({ length: 100 }, (_, index) => index + 1)
  expect(percentile(hundred, 50)).toBe(50)
  expect(percentile(hundred, 99)).toBe(99)
  expect(percentile(Float64Array.of(3, 7), 99)).toBe(7)
  expect(percentile(Float64Array.of(3, 7), 1)).toBe(3)
})

test('the growth exponent is that of the power law that the costs follow', () => {
  const costs = (exponent: number) => [20, 60, 200].map((size) => ({ size, cost: 7 * size ** exponent }))
  expect(growthExponent(costs(1))).toBeCloseTo(1)
  expect(growthExponent(costs(2))).toBeCloseTo(2)
  expect(growthExponent(costs(0))).toBeCloseTo(0)
  expect(growthExponent([{ size: 20, cost: 3 }])).toBeNaN()
})
