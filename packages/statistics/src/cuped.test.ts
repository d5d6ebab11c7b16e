import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cuped } from './cuped.ts'
import { momentsOf } from './moments.ts'
import { answer, crossSumsOf } from './testing/sums.ts'

const CONTROL = [
  [3n, 2n],
  [5n, 4n],
  [4n, 4n],
  [8n, 7n],
  [9n, 9n],
  [1n, 0n],
  [0n, 1n],
  [7n, 5n],
] as const
const TREATMENT = [
  [6n, 4n],
  [8n, 7n],
  [3n, 3n],
  [11n, 8n],
  [2n, 0n],
  [9n, 6n],
  [5n, 6n],
] as const

describe('against statsmodels 0.15: least squares with an intercept for each arm', () => {
  const result = answer(cuped([crossSumsOf(CONTROL), crossSumsOf(TREATMENT)]))
  const [control, treatment] = result.arms

  test('theta is the slope, and the difference of the adjusted means is the coefficient of the treatment', () => {
    expect(result.theta).toBeCloseTo(1.04068241, 8)
    expect(treatment!.mean - control!.mean).toBeCloseTo(0.768700787401575, 12)
  })

  test('adjusted means, variances and correlation are those of the adjusted units', () => {
    expect(control!.mean).toBeCloseTo(5.041272965879266, 12)
    expect(control!.variance).toBeCloseTo(0.8311705869443486, 12)
    expect(treatment!.mean).toBeCloseTo(5.809973753280841, 12)
    expect(treatment!.variance).toBeCloseTo(2.265154437716282, 12)
    expect(result.correlation).toBeCloseTo(0.9266287371979173, 12)
  })
})

const arbitraryPairs = fc.array(
  fc.tuple(fc.bigInt({ min: 0n, max: 10n ** 6n }), fc.bigInt({ min: 0n, max: 10n ** 6n })),
  { minLength: 3, maxLength: 20 },
)

test('over all arms the variance falls by the factor 1 - correlation^2, and never rises', () => {
  fc.assert(
    fc.property(fc.array(arbitraryPairs, { minLength: 1, maxLength: 4 }), (arms) => {
      const sums = arms.map((pairs) => crossSumsOf(pairs))
      const { arms: adjusted, correlation } = answer(cuped(sums))
      const squares = (list: readonly { n: number; variance: number }[]) =>
        list.reduce((sum, { n, variance }) => sum + (n - 1) * variance, 0)
      const before = squares(sums.map((arm) => answer(momentsOf({ n: arm.n, ...arm.first }))))
      const after = squares(adjusted)
      expect(Math.abs(after - before * (1 - (correlation ?? 0) ** 2))).toBeLessThanOrEqual(1e-9 * before)
    }),
  )
})

test('a constant added to the covariate of every unit changes nothing', () => {
  fc.assert(
    fc.property(arbitraryPairs, arbitraryPairs, fc.bigInt({ min: 0n, max: 1000n }), (a, b, constant) => {
      const before = answer(cuped([crossSumsOf(a), crossSumsOf(b)]))
      const moved = [a, b].map((pairs) => crossSumsOf(pairs.map(([y, x]) => [y, x + constant] as const)))
      const after = answer(cuped(moved))
      expect(after.theta).toBe(before.theta)
      for (const [index, arm] of after.arms.entries()) {
        expect(arm.variance).toBe(before.arms[index]!.variance)
        expect(Math.abs(arm.mean - before.arms[index]!.mean)).toBeLessThan(
          1e-6 * (1 + Math.abs(before.theta)),
        )
      }
    }),
  )
})

test('without history, or with the same for all, the arms stay as they are', () => {
  const withoutHistory = CONTROL.map(([y]) => [y, 0n] as const)
  const result = answer(cuped([crossSumsOf(withoutHistory)]))
  expect(result).toEqual({
    theta: 0,
    correlation: null,
    arms: [{ n: 8, mean: 4.625, variance: 591 / 56 }],
  })
})

test('a covariate that explains everything leaves no variance, not a rounding error', () => {
  const { arms, correlation } = answer(cuped([crossSumsOf(CONTROL.map(([y]) => [y, 3n * y + 1n]))]))
  expect(arms[0]!.variance).toBe(0)
  expect(correlation).toBeCloseTo(1, 12)
})

test('an arm that is refused, and no arm at all, are refused', () => {
  expect(cuped([crossSumsOf(CONTROL), crossSumsOf(TREATMENT.slice(0, 1))])).toEqual({
    refused: 'too-few-units',
  })
  expect(cuped([])).toEqual({ refused: 'invalid-input' })
})
