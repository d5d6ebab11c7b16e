import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Test } from './comparison.ts'
import { type Bucket, histogramOf, quantileDifference, quantileOf } from './quantile.ts'
import { seededRandom, standardNormal } from './seeded-random.ts'
import { answer } from './testing/sums.ts'

const MEDIAN = { perTenThousand: 5000, alpha: 0.05, scale: 1n }
const TWO_SIDED: Test = { scale: 'ABSOLUTE', alternative: 'TWO_SIDED', alpha: 0.05 }

/** The values 1 to n: the value is its rank. */
function ranksTo(n: number): Bucket[] {
  return histogramOf(Array.from({ length: n }, (_, index) => index + 1))
}

test.each([
  [100, 5000, 50],
  [101, 5000, 51],
  [100, 9501, 96],
  [100, 9500, 95],
  [3, 1, 1],
  [3, 9999, 3],
  [7, 2500, 2],
])('the nearest rank of %i values at %i of 10000 is %i', (n, perTenThousand, rank) => {
  expect(quantileOf(ranksTo(n), { ...MEDIAN, perTenThousand })).toMatchObject({ n, estimate: rank })
})

describe('ranks of the 95 % interval and their normal scores, by scipy 1.17.1 binom', () => {
  test.each([
    [100, 5000, 40, 61, 2.106047802667656, 2.106047802667656],
    [100, 9000, 84, 96, 2.041535587745833, 1.9825102142837125],
    [1000, 9500, 936, 964, 2.0385015617198214, 2.0304613618388316],
    [20, 5000, 6, 15, 2.0396071902393547, 2.0396071902393547],
    [6, 5000, 1, 6, 2.1538746940614564, 2.1538746940614564],
  ])('n %i at %i of 10000', (n, perTenThousand, lower, upper, scoreBelow, scoreAbove) => {
    const result = answer(quantileOf(ranksTo(n), { ...MEDIAN, perTenThousand }))
    expect(result).toMatchObject({ lower, upper })
    expect(result.standardError).toBeCloseTo((upper - lower) / (scoreBelow + scoreAbove), 10)
  })
})

test('too few units leave a bound open, and then there is no standard error', () => {
  expect(quantileOf(ranksTo(5), MEDIAN)).toEqual({
    n: 5,
    estimate: 3,
    lower: null,
    upper: null,
    standardError: null,
  })
  expect(quantileOf(ranksTo(50), { ...MEDIAN, perTenThousand: 9900 })).toMatchObject({
    upper: null,
    standardError: null,
  })
})

test('a histogram is the same as its sorted values, in units of the scale', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: -20, max: 20 }), { minLength: 1, maxLength: 200 }),
      fc.integer({ min: 1, max: 9999 }),
      (values, perTenThousand) => {
        const sorted = [...values].sort((a, b) => a - b)
        const counts = [...new Set(sorted)].map((value) => ({
          value: BigInt(value) * 1_000_000n,
          units: BigInt(sorted.filter((other) => other === value).length),
        }))
        const options = { perTenThousand, alpha: 0.1 }
        const fromValues = answer(quantileOf(histogramOf(sorted), { ...options, scale: 1n }))
        expect(quantileOf(counts, options)).toEqual(fromValues)
        expect(fromValues.estimate).toBe(sorted[Math.ceil((perTenThousand * sorted.length) / 10_000) - 1])
        expect(fromValues.lower ?? -Infinity).toBeLessThanOrEqual(fromValues.estimate)
        expect(fromValues.upper ?? Infinity).toBeGreaterThanOrEqual(fromValues.estimate)
      },
    ),
  )
})

test('a higher confidence never has a narrower interval', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3000 }), fc.integer({ min: 1, max: 9999 }), (n, perTenThousand) => {
      const at = (alpha: number) => answer(quantileOf(ranksTo(n), { perTenThousand, alpha, scale: 1n }))
      const [wide, narrow] = [at(0.01), at(0.2)]
      expect(wide.lower ?? 0).toBeLessThanOrEqual(narrow.lower ?? 0)
      expect(wide.upper ?? n + 1).toBeGreaterThanOrEqual(narrow.upper ?? n + 1)
      expect(wide.standardError).toBe(narrow.standardError)
    }),
    { numRuns: 50 },
  )
})

test('in simulated experiments intervals of the 90th percentile hold about as often as they say', () => {
  const random = seededRandom(11)
  const truth = 1.2815515655446004
  const arm = () => {
    const values = Array.from({ length: 1000 }, () => Math.round(1e6 * standardNormal(random)))
    return answer(
      quantileOf(histogramOf(values.sort((a, b) => a - b)), { perTenThousand: 9000, alpha: 0.05 }),
    )
  }
  const runs = 500
  const held = { one: 0, difference: 0 }
  for (let run = 0; run < runs; run++) {
    const [control, treatment] = [arm(), arm()]
    if (control.lower! <= truth && control.upper! >= truth) held.one++
    const { lower, upper } = answer(quantileDifference(control, treatment, TWO_SIDED))
    if (lower! <= 0 && upper! >= 0) held.difference++
  }
  // 3,000 runs had 95.4 and 93.8 %; three standard errors of 500 runs are 3 percentage points.
  expect(held.one / runs).toBeGreaterThan(0.92)
  expect(held.difference / runs).toBeGreaterThan(0.908)
  expect(held.difference / runs).toBeLessThan(0.968)
})

test('the error of a difference is that of both arms, on either scale', () => {
  const control = { n: 10, estimate: 10, lower: null, upper: null, standardError: 3 }
  const treatment = { n: 99, estimate: 20, lower: null, upper: null, standardError: 4 }
  const absolute = answer(quantileDifference(control, treatment, TWO_SIDED))
  expect(absolute).toMatchObject({ estimate: 10, degreesOfFreedom: null })
  expect(absolute.standardError).toBeCloseTo(5, 12)
  const relative = answer(quantileDifference(control, treatment, { ...TWO_SIDED, scale: 'RELATIVE' }))
  expect(relative.estimate).toBe(1)
  expect(relative.standardError).toBeCloseTo(Math.sqrt(16 + 9 * 4) / 10, 12)
})

test.each([
  ['no units', [], MEDIAN, 'too-few-units'],
  ['values out of order', histogramOf([2, 1]), MEDIAN, 'invalid-input'],
  ['fewer units than none', [{ value: 1, units: -1 }], MEDIAN, 'invalid-input'],
  ['a value that is not whole', histogramOf([0.5]), MEDIAN, 'invalid-input'],
  ['the quantile 0', ranksTo(3), { ...MEDIAN, perTenThousand: 0 }, 'invalid-input'],
  ['the quantile 1', ranksTo(3), { ...MEDIAN, perTenThousand: 10_000 }, 'invalid-input'],
  ['a quantile between steps', ranksTo(3), { ...MEDIAN, perTenThousand: 0.5 }, 'invalid-input'],
  ['alpha 1', ranksTo(3), { ...MEDIAN, alpha: 1 }, 'invalid-input'],
] as const)('%s: refused', (_, histogram, options, reason) => {
  expect(quantileOf(histogram, options)).toEqual({ refused: reason })
})

test('a difference without standard errors is refused, and with none but ties', () => {
  const few = quantileOf(ranksTo(5), MEDIAN)
  const many = quantileOf(ranksTo(50), MEDIAN)
  const ties = quantileOf([{ value: 1, units: 50 }], MEDIAN)
  expect(quantileDifference(few, many, TWO_SIDED)).toEqual({ refused: 'too-few-units' })
  expect(quantileDifference(many, few, TWO_SIDED)).toEqual({ refused: 'too-few-units' })
  expect(quantileDifference(ties, ties, TWO_SIDED)).toEqual({ refused: 'zero-variance' })
  expect(quantileDifference(quantileOf([], MEDIAN), many, TWO_SIDED)).toEqual({ refused: 'too-few-units' })
})
