import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Estimate, Test } from './comparison.ts'
import { momentsOf } from './moments.ts'
import { answer, arbitraryArm, arbitraryTest, sumsOf } from './testing/sums.ts'
import { welch } from './welch.ts'

const ABSOLUTE: Test = { scale: 'ABSOLUTE', alternative: 'TWO_SIDED', alpha: 0.05 }
const RELATIVE: Test = { ...ABSOLUTE, scale: 'RELATIVE' }

const ARM = { n: 100, mean: 5, variance: 4 }

describe("growthbook's engine, packages/stats/tests/frequentist/test_tests.py", () => {
  const control = momentsOf({ n: 3407, sum: 1_396_870_000n, sumSquares: 52_377_976_700_000_000n })
  const treatment = momentsOf({ n: 3461, sum: 2_422_700_000n, sumSquares: 134_698_290_000_000_000n })

  test('two means, absolute', () => {
    const result = answer(welch(control, treatment, ABSOLUTE))
    expect(result.estimate).toBeCloseTo(0.29, 10)
    expect(result.lower).toBeCloseTo(0.04538, 5)
    expect(result.upper).toBeCloseTo(0.53462, 5)
    expect(result.pValue).toBeCloseTo(0.02016, 5)
  })

  test('two means, relative', () => {
    const result = answer(welch(control, treatment, RELATIVE))
    expect(result.estimate).toBeCloseTo(0.70732, 5)
    expect(result.lower).toBeCloseTo(-0.03526, 5)
    expect(result.upper).toBeCloseTo(1.44989, 5)
    expect(result.pValue).toBeCloseTo(0.06191, 5)
  })
})

describe("scipy 1.17.1's ttest_ind with equal_var=False, of 1 2 3 4 10 and 2 5 9 9 12 14", () => {
  const control = momentsOf(sumsOf([1n, 2n, 3n, 4n, 10n], 1n))
  const treatment = momentsOf(sumsOf([2n, 5n, 9n, 9n, 12n, 14n], 1n))

  test('two-sided at 90 %', () => {
    const result = answer(welch(control, treatment, { ...ABSOLUTE, alpha: 0.1 }))
    expect(result.degreesOfFreedom).toBeCloseTo(8.996598639455783, 11)
    expect(result.pValue).toBeCloseTo(0.09331917297122128, 12)
    expect(result.lower).toBeCloseTo(0.10416039139459343, 11)
    expect(result.upper).toBeCloseTo(8.895839608605403, 11)
  })

  test('one-sided: the interval is open on the side of the alternative', () => {
    const greater = answer(welch(control, treatment, { ...ABSOLUTE, alternative: 'GREATER', alpha: 0.1 }))
    expect(greater.pValue).toBeCloseTo(0.04665958648561064, 12)
    expect(greater.lower).toBeCloseTo(1.1835145291335314, 11)
    expect(greater.upper).toBeNull()
    const less = answer(welch(control, treatment, { ...ABSOLUTE, alternative: 'LESS', alpha: 0.1 }))
    expect(less.pValue).toBeCloseTo(0.9533404135143894, 12)
    expect(less.lower).toBeNull()
  })
})

test("spotify/confidence's non-inferiority test, tests/frequentist/test_ztest.py: a margin of 2 %, one-sided at 99 %", () => {
  const scale = 1n
  const control = answer(momentsOf({ n: 5000, sum: 10_021n, sumSquares: 25_142n, scale }))
  const treatment = momentsOf({ n: 5000, sum: 9_892n, sumSquares: 24_510n, scale })
  const nonInferiority = { ...ABSOLUTE, alternative: 'GREATER', alpha: 0.01 } as const
  const result = answer(welch(control, treatment, { ...nonInferiority, nullValue: -0.02 * control.mean }))
  expect(result.estimate).toBeCloseTo(-0.0258, 10)
  expect(result.lower).toBeCloseTo(-0.0723, 4)
  expect(result.upper).toBeNull()
  expect(result.pValue).toBeGreaterThan(0.01)
  const wider = answer(welch(control, treatment, { ...nonInferiority, nullValue: -0.04 * control.mean }))
  expect(wider.pValue).toBeLessThan(0.01)
})

test('the interval contains the estimate, and excludes the null value exactly when p is below alpha', () => {
  fc.assert(
    fc.property(arbitraryArm, arbitraryArm, arbitraryTest, (control, treatment, comparison) => {
      const result = answer(welch(control, treatment, comparison))
      const { lower, upper } = closed(result)
      expect(lower).toBeLessThan(result.estimate)
      expect(upper).toBeGreaterThan(result.estimate)
      expect(result.pValue).toBeGreaterThanOrEqual(0)
      expect(result.pValue).toBeLessThanOrEqual(1)
      // Within rounding of the border either answer is right.
      const { alpha, nullValue } = comparison
      const distance = Math.min(Math.abs(nullValue - lower), Math.abs(nullValue - upper))
      if (distance < 1e-9 * (Math.abs(result.estimate) + result.standardError + 1)) return
      expect(result.pValue < alpha).toBe(nullValue < lower || nullValue > upper)
    }),
  )
})

test('tested against a bound of the interval, p is alpha', () => {
  fc.assert(
    fc.property(arbitraryArm, arbitraryArm, arbitraryTest, (control, treatment, comparison) => {
      const { lower, upper } = answer(welch(control, treatment, comparison))
      const nullValue = lower ?? upper ?? 0
      const { pValue } = answer(welch(control, treatment, { ...comparison, nullValue }))
      expect(pValue / comparison.alpha).toBeCloseTo(1, 6)
    }),
  )
})

test('swapping the arms negates the absolute estimate and mirrors interval and sides', () => {
  fc.assert(
    fc.property(arbitraryArm, arbitraryArm, arbitraryTest, (a, b, { alpha }) => {
      const there = answer(welch(a, b, { ...ABSOLUTE, alpha }))
      const back = answer(welch(b, a, { ...ABSOLUTE, alpha }))
      expect(back.estimate).toBe(0 - there.estimate)
      expect(back.lower).toBe(0 - there.upper!)
      expect(back.pValue).toBe(there.pValue)
      const greater = answer(welch(a, b, { ...ABSOLUTE, alternative: 'GREATER', alpha }))
      const less = answer(welch(b, a, { ...ABSOLUTE, alternative: 'LESS', alpha }))
      expect(less.pValue).toBe(greater.pValue)
      expect(less.upper).toBe(0 - greater.lower!)
    }),
  )
})

test('the relative effect is the same in any unit, and has the sign of the absolute one', () => {
  fc.assert(
    fc.property(arbitraryArm, arbitraryArm, fc.constantFrom(0.25, 2, 1024), (a, b, unit) => {
      const inUnit = ({ n, mean, variance }: typeof a) => ({
        n,
        mean: mean * unit,
        variance: variance * unit ** 2,
      })
      const relative = answer(welch(a, b, RELATIVE))
      expect(answer(welch(inUnit(a), inUnit(b), RELATIVE))).toEqual(relative)
      const absolute = answer(welch(a, b, ABSOLUTE))
      expect(Math.sign(relative.estimate)).toBe(Math.sign(absolute.estimate))
      expect(relative.degreesOfFreedom).toBe(absolute.degreesOfFreedom)
    }),
  )
})

test('a difference of 30 standard errors has the p-value 9.9e-198, not 0', () => {
  const far = answer(
    welch({ n: 5e8, mean: 0, variance: 1 }, { n: 5e8, mean: 30 * Math.sqrt(4e-9), variance: 1 }, ABSOLUTE),
  )
  expect(far.pValue / (2 * 4.90671392714791e-198)).toBeCloseTo(1, 3)
})

test.each([
  ['one arm with fewer than two units', { ...ARM, n: 1 }, ARM, ABSOLUTE, 'too-few-units'],
  ['no variance at all', { ...ARM, variance: 0 }, { ...ARM, variance: 0 }, ABSOLUTE, 'zero-variance'],
  ['a baseline of 0', { ...ARM, mean: 0 }, ARM, RELATIVE, 'zero-baseline'],
  ['a treatment that is always 0', ARM, { n: 9, mean: 0, variance: 0 }, RELATIVE, 'zero-variance'],
  ['a mean that is no number', { ...ARM, mean: Number.NaN }, ARM, ABSOLUTE, 'invalid-input'],
  ['a negative variance', ARM, { ...ARM, variance: -1 }, ABSOLUTE, 'invalid-input'],
  ['effects beyond all numbers', { ...ARM, mean: 1e-320 }, ARM, RELATIVE, 'invalid-input'],
  ['alpha 0', ARM, ARM, { ...ABSOLUTE, alpha: 0 }, 'invalid-input'],
  ['alpha 1', ARM, ARM, { ...ABSOLUTE, alpha: 1 }, 'invalid-input'],
  ['alpha that is no number', ARM, ARM, { ...ABSOLUTE, alpha: Number.NaN }, 'invalid-input'],
  ['one-sided alpha of a half', ARM, ARM, { ...ABSOLUTE, alternative: 'LESS', alpha: 0.5 }, 'invalid-input'],
  ['an infinite null value', ARM, ARM, { ...ABSOLUTE, nullValue: Infinity }, 'invalid-input'],
] as const)('%s is refused', (_, control, treatment, comparison, reason) => {
  expect(welch(control, treatment, comparison)).toEqual({ refused: reason })
})

test('one arm without variance is enough to compare with: the degrees of freedom are those of the other', () => {
  const result = answer(welch({ ...ARM, variance: 0 }, ARM, ABSOLUTE))
  expect(result.estimate).toBe(0)
  expect(result.degreesOfFreedom).toBeCloseTo(99, 9)
})

test('a refused arm passes its reason on', () => {
  const refused = { refused: 'inconsistent-sums' } as const
  expect(welch(refused, ARM, ABSOLUTE)).toEqual(refused)
  expect(welch(ARM, refused, ABSOLUTE)).toEqual(refused)
})

test('tiny variances keep their degrees of freedom', () => {
  const tiny = { ...ARM, variance: 1e-200 }
  expect(answer(welch(tiny, tiny, ABSOLUTE)).degreesOfFreedom).toBeCloseTo(198, 9)
})

function closed({ lower, upper }: Estimate) {
  return { lower: lower ?? -Infinity, upper: upper ?? Infinity }
}
