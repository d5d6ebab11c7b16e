import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type AlwaysValidTest, alwaysValidBounds, confidenceSequence } from './always-valid.ts'
import { momentsOf } from './moments.ts'
import { proportionMoments } from './proportion.ts'
import { seededRandom, standardNormal } from './seeded-random.ts'
import { answer, arbitraryArm, arbitraryTest } from './testing/sums.ts'
import { welch } from './welch.ts'

const RELATIVE: AlwaysValidTest = {
  scale: 'RELATIVE',
  alternative: 'TWO_SIDED',
  alpha: 0.05,
  tuning: 5000,
  firstLook: 100,
}
const ARM = { n: 100, mean: 5, variance: 4 }

describe("growthbook's engine, packages/stats/tests/frequentist/test_tests.py", () => {
  test('two proportions, N* 5000', () => {
    const control = proportionMoments({ n: 3000, successes: 1396 })
    const treatment = proportionMoments({ n: 3461, successes: 2422 })
    const result = answer(confidenceSequence(control, treatment, RELATIVE))
    expect(result.estimate).toBeCloseTo(0.50386, 5)
    expect(result.lower).toBeCloseTo(0.40098, 5)
    expect(result.upper).toBeCloseTo(0.60675, 5)
    expect(result.degreesOfFreedom).toBeNull()
  })

  test('two means, N* 1000', () => {
    const control = momentsOf({ n: 3000, sum: 1_396_870_000n, sumSquares: 52_377_976_700_000_000n })
    const treatment = momentsOf({ n: 3461, sum: 2_422_700_000n, sumSquares: 134_698_290_000_000_000n })
    const result = answer(confidenceSequence(control, treatment, { ...RELATIVE, tuning: 1000 }))
    expect(result.estimate).toBeCloseTo(0.50336, 5)
    expect(result.lower).toBeCloseTo(-0.55844, 5)
    expect(result.upper).toBeCloseTo(1.56516, 5)
    expect(result.pValue).toBe(1)
  })
})

const arbitrarySequence = fc
  .tuple(arbitraryTest, fc.integer({ min: 1, max: 1_000_000 }))
  .map(([comparison, tuning]) => ({ ...comparison, tuning, firstLook: 2 }))

test('it is wider than the interval of a single look with a known variance', () => {
  const many = arbitraryArm.map((arm) => ({ ...arm, n: arm.n + 10_000 }))
  fc.assert(
    fc.property(many, many, arbitrarySequence, (control, treatment, comparison) => {
      const sequence = answer(confidenceSequence(control, treatment, comparison))
      const fixed = answer(welch(control, treatment, comparison))
      expect(sequence.estimate).toBe(fixed.estimate)
      if (fixed.lower !== null) expect(sequence.lower).toBeLessThan(fixed.lower)
      if (fixed.upper !== null) expect(sequence.upper).toBeGreaterThan(fixed.upper)
    }),
  )
})

test('p is below alpha exactly when the interval excludes the null value', () => {
  fc.assert(
    fc.property(arbitraryArm, arbitraryArm, arbitrarySequence, (control, treatment, comparison) => {
      const result = answer(confidenceSequence(control, treatment, comparison))
      const lower = result.lower ?? -Infinity
      const upper = result.upper ?? Infinity
      const { alpha, nullValue } = comparison
      expect(result.pValue).toBeGreaterThanOrEqual(0)
      expect(result.pValue).toBeLessThanOrEqual(1)
      const distance = Math.min(Math.abs(nullValue - lower), Math.abs(nullValue - upper))
      if (distance < 1e-9 * (Math.abs(result.estimate) + result.standardError + 1)) return
      expect(result.pValue < alpha).toBe(nullValue < lower || nullValue > upper)
    }),
  )
})

test('tested against a bound of the interval, p is alpha', () => {
  fc.assert(
    fc.property(arbitraryArm, arbitraryArm, arbitrarySequence, (control, treatment, comparison) => {
      const { lower, upper } = answer(confidenceSequence(control, treatment, comparison))
      const nullValue = lower ?? upper ?? 0
      const { pValue } = answer(confidenceSequence(control, treatment, { ...comparison, nullValue }))
      expect(pValue / comparison.alpha).toBeCloseTo(1, 6)
    }),
  )
})

test('it is tightest, in units of the fixed interval, near N* units', () => {
  const bounds = answer(alwaysValidBounds([500, 1000, 2000, 5000, 12_500, 25_000, 50_000], RELATIVE))
  const best = Math.min(...bounds)
  expect(bounds[3]).toBe(best)
})

test.each(['TWO_SIDED', 'GREATER', 'LESS'] as const)(
  'without any effect, looking after every unit rejects (%s) in at most alpha of all experiments',
  (alternative) => {
    const random = seededRandom(3)
    const units = Array.from({ length: 600 }, (_, index) => 10 * (index + 1))
    const bounds = answer(alwaysValidBounds(units, { alternative, alpha: 0.1, tuning: 300 }))
    const runs = 1000
    let rejected = 0
    for (let run = 0; run < runs; run++) {
      let sum = 0
      for (const [index, n] of units.entries()) {
        sum += Math.sqrt(10) * standardNormal(random)
        const z = sum / Math.sqrt(n)
        const towards = alternative === 'TWO_SIDED' ? Math.abs(z) : alternative === 'LESS' ? -z : z
        if (towards <= bounds[index]!) continue
        rejected++
        break
      }
    }
    // 0.1 and three standard errors above; a bound that never rejects would be useless.
    expect(rejected / runs).toBeLessThan(0.1285)
    expect(rejected / runs).toBeGreaterThan(0.02)
  },
)

test('an arm below the first look has no interval', () => {
  const test = { ...RELATIVE, firstLook: 101 }
  expect(confidenceSequence(ARM, { ...ARM, n: 101 }, test)).toEqual({ refused: 'before-first-look' })
  expect(confidenceSequence({ ...ARM, n: 101 }, ARM, test)).toEqual({ refused: 'before-first-look' })
  expect(confidenceSequence({ ...ARM, n: 101 }, { ...ARM, n: 101 }, test)).toMatchObject({
    estimate: 0,
    pValue: 1,
  })
})

test.each([
  [{ tuning: 0 }, 'invalid-input'],
  [{ tuning: Infinity }, 'invalid-input'],
  [{ firstLook: 1 }, 'invalid-input'],
  [{ firstLook: Number.NaN }, 'invalid-input'],
  [{ alpha: 0 }, 'invalid-input'],
  [{ alternative: 'GREATER', alpha: 0.5 }, 'invalid-input'],
] as const)('%j is refused', (change, reason) => {
  expect(confidenceSequence(ARM, ARM, { ...RELATIVE, ...change })).toEqual({ refused: reason })
})

test('refusals of the arms and of the difference pass through', () => {
  expect(confidenceSequence({ refused: 'zero-denominator' }, ARM, RELATIVE)).toEqual({
    refused: 'zero-denominator',
  })
  expect(confidenceSequence(ARM, { refused: 'zero-denominator' }, RELATIVE)).toEqual({
    refused: 'zero-denominator',
  })
  expect(confidenceSequence({ ...ARM, mean: 0 }, ARM, RELATIVE)).toEqual({ refused: 'zero-baseline' })
})

test('bounds for looks that do not grow, or for no units, are refused', () => {
  expect(alwaysValidBounds([100, 100], RELATIVE)).toEqual({ refused: 'looks-not-increasing' })
  expect(alwaysValidBounds([0], RELATIVE)).toEqual({ refused: 'invalid-input' })
  expect(alwaysValidBounds([100], { ...RELATIVE, tuning: 0 })).toEqual({ refused: 'invalid-input' })
})
