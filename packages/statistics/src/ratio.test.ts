import fc from 'fast-check'
import { expect, test } from 'vitest'
import { momentsOf } from './moments.ts'
import { ratioMoments } from './ratio.ts'
import { seededRandom, standardNormal } from './seeded-random.ts'
import { answer, crossSumsOf, sumsOf } from './testing/sums.ts'
import { welch } from './welch.ts'

const PAIRS = [
  [3n, 2n],
  [5n, 4n],
  [4n, 4n],
  [8n, 7n],
  [9n, 9n],
  [1n, 1n],
  [0n, 1n],
  [7n, 5n],
] as const

test('the ratio and its delta-method variance are those of numpy with the formula of Deng, Knoblich and Lu', () => {
  const { n, mean, variance } = answer(ratioMoments(crossSumsOf(PAIRS)))
  expect(n).toBe(8)
  expect(mean).toBeCloseTo(1.121212121212121, 14)
  expect(variance).toBeCloseTo(0.046195319924345855, 14)
})

test('numerator and denominator may count in different scales', () => {
  const sums = crossSumsOf(PAIRS)
  const scaled = { ...sums, first: { ...sums.first, scale: 100n }, second: { ...sums.second, scale: 10n } }
  const { mean, variance } = answer(ratioMoments(scaled))
  expect(mean).toBeCloseTo(0.1121212121212121, 14)
  expect(variance).toBeCloseTo(0.00046195319924345856, 14)
})

test('with a denominator of 1 a unit, a ratio is a mean', () => {
  fc.assert(
    fc.property(
      fc.array(fc.bigInt({ min: -(10n ** 9n), max: 10n ** 9n }), { minLength: 2, maxLength: 20 }),
      (values) => {
        const ratio = answer(ratioMoments(crossSumsOf(values.map((value) => [value, 1n] as const))))
        const mean = answer(momentsOf(sumsOf(values, 1n)))
        expect(ratio.mean).toBe(mean.mean)
        expect(Math.abs(ratio.variance - mean.variance)).toBeLessThanOrEqual(1e-14 * mean.variance)
      },
    ),
  )
})

test('a numerator in proportion to the denominator has the variance 0, exactly', () => {
  expect(ratioMoments(crossSumsOf(PAIRS.map(([, x]) => [7n * x, x])))).toEqual({ n: 8, mean: 7, variance: 0 })
})

test('95 % intervals of a ratio hold in 95 % of simulated experiments', () => {
  const random = seededRandom(7)
  const arm = () =>
    crossSumsOf(
      Array.from({ length: 200 }, () => {
        const slates = BigInt(1 + Math.floor(6 * random()))
        const clicks = Number(slates) * 300 + 400 * standardNormal(random)
        return [BigInt(Math.round(clicks)), slates] as const
      }),
    )
  const runs = 1500
  let held = 0
  for (let run = 0; run < runs; run++) {
    const result = answer(
      welch(ratioMoments(arm()), ratioMoments(arm()), {
        scale: 'RELATIVE',
        alternative: 'TWO_SIDED',
        alpha: 0.05,
      }),
    )
    if (result.lower! <= 0 && result.upper! >= 0) held++
  }
  expect(Math.abs(held / runs - 0.95)).toBeLessThan(0.02)
})

test('denominators that sum to 0 are refused, and so are impossible sums', () => {
  expect(ratioMoments(crossSumsOf(PAIRS.map(([y]) => [y, 0n])))).toEqual({ refused: 'zero-denominator' })
  expect(ratioMoments({ ...crossSumsOf(PAIRS), sumProducts: 10_000n })).toEqual({
    refused: 'inconsistent-sums',
  })
  expect(ratioMoments(crossSumsOf(PAIRS.slice(0, 1)))).toEqual({ refused: 'too-few-units' })
})
