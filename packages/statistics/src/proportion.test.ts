import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Test } from './comparison.ts'
import { momentsOf } from './moments.ts'
import { proportionMoments, proportionWelch, proportionZ } from './proportion.ts'
import { answer } from './testing/sums.ts'

const RELATIVE: Test = { scale: 'RELATIVE', alternative: 'TWO_SIDED', alpha: 0.05 }
const CONTROL = { n: 28, successes: 14 }
const TREATMENT = { n: 30, successes: 16n }

test("growthbook's engine (test_tests.py): 14 of 28 against 16 of 30, relative, by Welch's t", () => {
  const result = answer(proportionWelch(CONTROL, TREATMENT, RELATIVE))
  expect(result.lower).toBeCloseTo(-0.47767, 5)
  expect(result.upper).toBeCloseTo(0.61101, 5)
  expect(result.pValue).toBeCloseTo(0.80707, 5)
})

test('the z-test of the same has the interval (-0.466, 0.599) and p 0.806', () => {
  const result = answer(proportionZ(CONTROL, TREATMENT, RELATIVE))
  expect(result.lower).toBeCloseTo(-0.466, 3)
  expect(result.upper).toBeCloseTo(0.599, 3)
  expect(result.pValue).toBeCloseTo(0.806, 3)
  expect(result.degreesOfFreedom).toBeNull()
})

test('the z-test is the unpooled one: its absolute error is sqrt(p (1 - p) / n) of both arms', () => {
  const result = answer(
    proportionZ({ n: 50, successes: 10 }, { n: 200, successes: 20 }, { ...RELATIVE, scale: 'ABSOLUTE' }),
  )
  expect(result.estimate).toBeCloseTo(-0.1, 12)
  expect(result.standardError).toBeCloseTo(Math.sqrt(0.16 / 50 + 0.09 / 200), 12)
})

test('a proportion is the mean of its zeros and ones, with a variance smaller by (n - 1) / n', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 1e6 }), fc.double({ min: 0, max: 1, noNaN: true }), (n, share) => {
      const successes = Math.floor(n * share)
      const proportion = answer(proportionMoments({ n, successes }))
      const ones = answer(momentsOf({ n, sum: successes, sumSquares: successes, scale: 1n }))
      expect(proportion.mean).toBe(ones.mean)
      expect(proportion.variance).toBeCloseTo((ones.variance * (n - 1)) / n, 12)
    }),
  )
})

test.each([
  ['more successes than units', { n: 10, successes: 11 }, 'invalid-input'],
  ['negative successes', { n: 10, successes: -1 }, 'invalid-input'],
  ['half a success', { n: 10, successes: 0.5 }, 'invalid-input'],
  ['one unit', { n: 1, successes: 1 }, 'too-few-units'],
  ['no unit', { n: 0, successes: 0 }, 'too-few-units'],
] as const)('%s: refused', (_, counts, reason) => {
  expect(proportionMoments(counts)).toEqual({ refused: reason })
  expect(proportionWelch(CONTROL, counts, RELATIVE)).toEqual({ refused: reason })
  expect(proportionZ(counts, TREATMENT, RELATIVE)).toEqual({ refused: reason })
})

test('nobody in either arm, or everybody, has no variance to test with', () => {
  const absolute: Test = { ...RELATIVE, scale: 'ABSOLUTE' }
  expect(proportionZ({ n: 9, successes: 0 }, { n: 9, successes: 9 }, absolute)).toEqual({
    refused: 'zero-variance',
  })
  expect(proportionZ({ n: 9, successes: 0 }, { n: 9, successes: 4 }, RELATIVE)).toEqual({
    refused: 'zero-baseline',
  })
})
