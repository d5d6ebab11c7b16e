import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ALTERNATIVES, SCALES, type Test } from './comparison.ts'
import { minimumDetectableEffect, type PowerPlan, powerOf, sampleSize, sampleSizeForDrift } from './power.ts'
import { seededRandom, standardNormal } from './seeded-random.ts'
import { answer } from './testing/sums.ts'
import { welch } from './welch.ts'

const TWO_SIDED: Test = { scale: 'ABSOLUTE', alternative: 'TWO_SIDED', alpha: 0.05 }
const UNIT: PowerPlan = { test: TWO_SIDED, baseline: { mean: 0, variance: 1 } }
const GROWTHBOOK: PowerPlan = {
  test: { ...TWO_SIDED, scale: 'RELATIVE' },
  baseline: { mean: 10, variance: 3909.99977 },
}
const A_THIRD = { controlUnits: 133_333, treatmentUnits: 133_333 }

describe("statsmodels' test_power.py, against R's pwr", () => {
  test('d = 1 with 30 a group', () => {
    expect(answer(powerOf(UNIT, { controlUnits: 30, treatmentUnits: 30 }, 1))).toBeCloseTo(0.967708258, 8)
  })
  test('d = 0.1 with 20 a group', () => {
    expect(answer(powerOf(UNIT, { controlUnits: 20, treatmentUnits: 20 }, 0.1))).toBeCloseTo(0.060959125, 8)
  })
})

describe("statsmodels 0.15's tt_ind_solve_power with 150 and 300 units", () => {
  const arms = { controlUnits: 300, treatmentUnits: 150 }
  test('one-sided, either way', () => {
    const greater: PowerPlan = { ...UNIT, test: { ...TWO_SIDED, alternative: 'GREATER' } }
    const less: PowerPlan = { ...UNIT, test: { ...TWO_SIDED, alternative: 'LESS' } }
    expect(answer(powerOf(greater, arms, 0.2))).toBeCloseTo(0.6376278226725137, 10)
    expect(answer(powerOf(less, arms, -0.2))).toBeCloseTo(0.6376278226725137, 10)
  })
  test('the effect that has a power of 0.8 by its power(); its own solver stops at 0.280759, where that is 0.7999965', () => {
    expect(answer(minimumDetectableEffect(UNIT, arms, 0.8))).toBeCloseTo(0.28076052612418806, 9)
    expect(answer(powerOf(UNIT, arms, 0.28075928630252883))).toBeCloseTo(0.7999965364643267, 10)
  })
  test('half a standard deviation needs 64 units a group', () => {
    expect(sampleSize(UNIT, [1, 1], 0.5, 0.8)).toEqual({ total: 128, arms: [64, 64] })
  })
})

describe('growthbook, packages/shared/test/power.test.ts: 400,000 users in 3 arms', () => {
  test('power of a relative effect of 0.05', () => {
    expect(answer(powerOf(GROWTHBOOK, A_THIRD, 0.05))).toBeCloseTo(0.52144, 5)
  })
  test('the minimum detectable relative effect', () => {
    expect(answer(minimumDetectableEffect(GROWTHBOOK, A_THIRD, 0.8))).toBeCloseTo(0.07027, 5)
  })
})

test('spotify/confidence, against G*Power: 0.3 absolute, variance 100, power 0.85 needs 39,906 units', () => {
  const plan: PowerPlan = { test: TWO_SIDED, baseline: { mean: 0, variance: 100 } }
  expect(sampleSize(plan, [1, 1], 0.3, 0.85)).toEqual({ total: 39_906, arms: [19_953, 19_953] })
})

test('the treatment with the smallest share decides how many units all need', () => {
  const { total, arms } = answer(sampleSize(UNIT, [2, 1, 3], 0.5, 0.8))
  expect(arms).toEqual([Math.floor(total / 3), Math.floor(total / 6), Math.floor(total / 2)])
  const power = (controlUnits: number, treatmentUnits: number) =>
    answer(powerOf(UNIT, { controlUnits, treatmentUnits }, 0.5))
  expect(power(arms[0]!, arms[1]!)).toBeGreaterThanOrEqual(0.8)
  expect(power(arms[0]! - 2, arms[1]! - 1)).toBeLessThan(0.8)
})

test('a metric below 0 has the power of the same metric with its sign turned', () => {
  const test: Test = { scale: 'RELATIVE', alternative: 'GREATER', alpha: 0.05 }
  const debts = { test, baseline: { mean: -10, variance: 400 } }
  const savings = { test: { ...test, alternative: 'LESS' }, baseline: { mean: 10, variance: 400 } } as const
  const arms = { controlUnits: 100, treatmentUnits: 300 }
  expect(answer(powerOf(debts, arms, 0.5))).toBeCloseTo(answer(powerOf(savings, arms, -0.5)), 12)
})

test('CUPED with a correlation of 0.6 needs 64 % of the units', () => {
  const plan: PowerPlan = { test: TWO_SIDED, baseline: { mean: 0, variance: 100 } }
  const without = answer(sampleSize(plan, [1, 1], 0.3, 0.8)).total
  const adjusted = answer(sampleSize({ ...plan, rhoSquared: 0.36 }, [1, 1], 0.3, 0.8)).total
  expect(adjusted / without).toBeCloseTo(0.64, 3)
})

test('a non-inferiority test without an effect has the power of a superiority test with an effect of the margin', () => {
  const arms = { controlUnits: 400, treatmentUnits: 300 }
  const superiority: PowerPlan = { ...UNIT, test: { ...TWO_SIDED, alternative: 'GREATER' } }
  const nonInferiority: PowerPlan = { ...UNIT, test: { ...superiority.test, nullValue: -0.2 } }
  expect(powerOf(nonInferiority, arms, 0)).toEqual(powerOf(superiority, arms, 0.2))
  expect(sampleSize(nonInferiority, [1, 1], 0, 0.9)).toEqual(sampleSize(superiority, [1, 1], 0.2, 0.9))
  const least = answer(minimumDetectableEffect(nonInferiority, arms, 0.9))
  expect(least).toBeCloseTo(answer(minimumDetectableEffect(superiority, arms, 0.9)) - 0.2, 9)
})

test('with the effect of the null value the power is alpha', () => {
  const relative = { ...GROWTHBOOK, test: { ...GROWTHBOOK.test, nullValue: 0.1 } }
  expect(answer(powerOf(relative, A_THIRD, 0.1))).toBeCloseTo(0.05, 9)
})

const arbitraryPlan: fc.Arbitrary<PowerPlan> = fc.record({
  test: fc.record({
    scale: fc.constantFrom(...SCALES),
    alternative: fc.constantFrom(...ALTERNATIVES),
    alpha: fc.double({ min: 0.001, max: 0.2, noNaN: true }),
    nullValue: fc.constantFrom(-0.05, 0, 0.05),
  }),
  baseline: fc.record({
    mean: fc.constantFrom(-10, 3, 100),
    variance: fc.double({ min: 0.1, max: 10, noNaN: true }),
  }),
  rhoSquared: fc.constantFrom(0, 0.5),
})

test('the minimum detectable effect has the power that it was asked for, and grows with that power', () => {
  fc.assert(
    fc.property(arbitraryPlan, fc.integer({ min: 500, max: 1e7 }), (plan, units) => {
      const arms = { controlUnits: units, treatmentUnits: 2 * units }
      const effect = minimumDetectableEffect(plan, arms, 0.8)
      expect(effect).toBeTypeOf('number')
      expect(answer(powerOf(plan, arms, answer(effect)))).toBeCloseTo(0.8, 8)
      const direction = plan.test.alternative === 'LESS' ? -1 : 1
      const larger = answer(minimumDetectableEffect(plan, arms, 0.9))
      expect(direction * larger).toBeGreaterThan(direction * answer(effect))
    }),
    { numRuns: 12 },
  )
})

test('the sample size is the smallest that has the power', () => {
  fc.assert(
    fc.property(arbitraryPlan, fc.integer({ min: 1, max: 4 }), (plan, share) => {
      const direction = plan.test.alternative === 'LESS' ? -1 : 1
      const effect = (plan.test.nullValue ?? 0) + direction * 0.1
      const { total, arms } = answer(sampleSize(plan, [share, 1], effect, 0.8))
      const [controlUnits, treatmentUnits] = arms
      expect(
        answer(powerOf(plan, { controlUnits: controlUnits!, treatmentUnits: treatmentUnits! }, effect)),
      ).toBeGreaterThanOrEqual(0.8)
      const least = Math.floor((total - 1) / (share + 1))
      if (least < 2) return
      const fewer = { controlUnits: Math.floor(((total - 1) * share) / (share + 1)), treatmentUnits: least }
      expect(answer(powerOf(plan, fewer, effect))).toBeLessThan(0.8)
    }),
    { numRuns: 12 },
  )
})

const ARMS = { controlUnits: 100, treatmentUnits: 100 }

test.each([
  ['an arm of one unit', UNIT, { ...ARMS, treatmentUnits: 1 }, 'too-few-units'],
  ['half a unit', UNIT, { ...ARMS, controlUnits: 10.5 }, 'invalid-input'],
  ['no variance', { ...UNIT, baseline: { mean: 1, variance: 0 } }, ARMS, 'zero-variance'],
  ['a negative variance', { ...UNIT, baseline: { mean: 1, variance: -1 } }, ARMS, 'invalid-input'],
  [
    'a relative effect on a mean of 0',
    { ...GROWTHBOOK, baseline: { mean: 0, variance: 1 } },
    ARMS,
    'zero-baseline',
  ],
  ['alpha 1', { ...UNIT, test: { ...TWO_SIDED, alpha: 1 } }, ARMS, 'invalid-input'],
  ['a covariate that explains all', { ...UNIT, rhoSquared: 1 }, ARMS, 'invalid-input'],
] as const)('%s: refused', (_, plan, arms, reason) => {
  expect(powerOf(plan, arms, 0.1)).toEqual({ refused: reason })
  expect(minimumDetectableEffect(plan, arms, 0.8)).toEqual({ refused: reason })
})

test('what no number of units or no effect can reach is refused', () => {
  expect(sampleSize(UNIT, [1, 1], 0, 0.8)).toEqual({ refused: 'out-of-reach' })
  const greater: PowerPlan = { ...UNIT, test: { ...TWO_SIDED, alternative: 'GREATER' } }
  expect(sampleSize(greater, [1, 1], -0.1, 0.8)).toEqual({ refused: 'out-of-reach' })
  const less: PowerPlan = { ...UNIT, test: { ...TWO_SIDED, alternative: 'LESS' } }
  expect(sampleSize(less, [1, 1], 0.1, 0.8)).toEqual({ refused: 'out-of-reach' })
  expect(sampleSize(UNIT, [1, 1], 1e-12, 0.8)).toEqual({ refused: 'out-of-reach' })
  const noisy = { ...GROWTHBOOK, baseline: { mean: 0.1, variance: 100 } }
  expect(minimumDetectableEffect(noisy, ARMS, 0.8)).toEqual({ refused: 'out-of-reach' })
})

test.each([
  [[1], 0.8],
  [[1, 0], 0.8],
  [[1, Number.NaN], 0.8],
  [[1, 1], 1],
  [[1, 1], 0.05],
])('an allocation of %j with power %f is refused', (allocation, power) => {
  expect(sampleSize(UNIT, allocation, 0.1, power)).toEqual({ refused: 'invalid-input' })
})

test('effects and powers that are no numbers are refused', () => {
  expect(powerOf(UNIT, ARMS, Number.NaN)).toEqual({ refused: 'invalid-input' })
  expect(minimumDetectableEffect(UNIT, ARMS, 1)).toEqual({ refused: 'invalid-input' })
  expect(minimumDetectableEffect(UNIT, ARMS, 0.05)).toEqual({ refused: 'invalid-input' })
})

test('a treatment with a variance of its own counts with it, on both scales', () => {
  const plan: PowerPlan = { ...UNIT, baseline: { mean: 10, variance: 4 }, treatmentVariance: 9 }
  const arms = { controlUnits: 1_000_000, treatmentUnits: 500_000 }
  // The effect is as many of its standard errors away as a power of 0.8 needs.
  const errors = 1.959964 + 0.841621
  const absolute = errors * Math.sqrt(4 / 1e6 + 9 / 5e5)
  expect(answer(powerOf(plan, arms, absolute))).toBeCloseTo(0.8, 4)
  const relative: PowerPlan = { ...plan, test: { ...TWO_SIDED, scale: 'RELATIVE' } }
  const effect = (errors * Math.sqrt((4 * 1.0013 ** 2) / 1e6 + 9 / 5e5)) / 10
  expect(answer(powerOf(relative, arms, effect))).toBeCloseTo(0.8, 3)
  expect(powerOf({ ...plan, treatmentVariance: -1 }, arms, 1)).toEqual({ refused: 'invalid-input' })
})

test('a size for a drift is the size of the normal test with that power', () => {
  const drift = 1.959964 + 0.841621
  const { total } = answer(sampleSizeForDrift(UNIT, [1, 1], 0.05, drift, 1.959964))
  expect(Math.abs(total - answer(sampleSize(UNIT, [1, 1], 0.05, 0.8)).total)).toBeLessThanOrEqual(6)
  const worse: PowerPlan = { ...UNIT, test: { ...TWO_SIDED, alternative: 'LESS' } }
  expect(answer(sampleSizeForDrift(worse, [1, 1], -0.05, drift, 1.959964)).total).toBe(total)
  expect(sampleSizeForDrift(worse, [1, 1], 0.05, drift, 1.959964)).toEqual({ refused: 'out-of-reach' })
  expect(sampleSizeForDrift(UNIT, [1, 1], 0.05, 0, 2)).toEqual({ refused: 'invalid-input' })
})

describe('a relative effect as it is tested, with the error at the observed effect', () => {
  const plan: PowerPlan = {
    test: { scale: 'RELATIVE', alternative: 'TWO_SIDED', alpha: 0.05 },
    baseline: { mean: 10, variance: 400 },
    relativeError: 'AS_TESTED',
  }
  const atEffect: PowerPlan = { ...plan, relativeError: 'AT_EFFECT' }
  const arms = { controlUnits: 700, treatmentUnits: 700 }

  test.each([
    ['a gain', plan, 0.3],
    ['a loss', plan, -0.3],
    ['a loss of a negative mean', { ...plan, baseline: { mean: -10, variance: 400 } }, -0.3],
    ['a margin', { ...plan, test: { ...plan.test, alternative: 'GREATER', nullValue: -0.25 } as const }, 0],
  ])('%s has the power that simulated means have', (_, planned, effect) => {
    const random = seededRandom(5)
    const { mean, variance } = planned.baseline
    const { alternative, nullValue = 0 } = planned.test
    const error = Math.sqrt(variance / 700)
    const runs = 40_000
    let rejected = 0
    for (let run = 0; run < runs; run++) {
      const control = { n: 700, variance, mean: mean + error * standardNormal(random) }
      const lifted = mean + Math.abs(mean) * effect
      const treatment = { n: 700, variance, mean: lifted + error * standardNormal(random) }
      const test: Test = { scale: 'RELATIVE', alternative, alpha: 0.05, nullValue }
      if (answer(welch(control, treatment, test)).pValue < 0.05) rejected += 1
    }
    expect(Math.abs(answer(powerOf(planned, arms, effect)) - rejected / runs)).toBeLessThan(0.008)
  })

  test('a gain is found more often than the error at the effect says, a small one about as often', () => {
    expect(answer(powerOf(plan, arms, 0.3)) - answer(powerOf(atEffect, arms, 0.3))).toBeGreaterThan(0.02)
    const large = { controlUnits: 3e6, treatmentUnits: 3e6 }
    const difference = answer(powerOf(plan, large, 0.004)) - answer(powerOf(atEffect, large, 0.004))
    expect(Math.abs(difference)).toBeLessThan(0.002)
  })

  test('where control can hardly be told from 0, not even a great effect is found', () => {
    expect(answer(powerOf(plan, { controlUnits: 10, treatmentUnits: 10 }, 20))).toBeLessThan(0.35)
  })
})
