import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type CrossSums, crossMomentsOf, momentsOf } from './moments.ts'
import { answer, arbitraryValues, crossSumsOf, sumsOf, total } from './testing/sums.ts'

/** A whole number of parts in 10^30, from exact rational arithmetic. */
function rational(numerator: bigint, denominator: bigint): number {
  return Number((numerator * 10n ** 30n) / denominator) / 1e30
}

function expectSame(actual: number, expected: number) {
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(4 * Number.EPSILON * Math.abs(expected) + 1e-29)
}

test('mean and variance of 1, 2, 3, 4, 10 are 4 and 12.5', () => {
  expect(momentsOf(sumsOf([1n, 2n, 3n, 4n, 10n], 1n))).toEqual({ n: 5, mean: 4, variance: 12.5 })
  expect(momentsOf({ n: 5, sum: 20_000_000, sumSquares: 130_000_000_000_000 })).toEqual({
    n: 5,
    mean: 4,
    variance: 12.5,
  })
})

test('the variance is right where floating-point subtraction would lose every digit', () => {
  const base = 10n ** 18n
  expect(momentsOf(sumsOf([base, base + 1n, base + 2n], 1n))).toMatchObject({ variance: 1 })
})

test('moments are those of exact rational arithmetic on the values', () => {
  fc.assert(
    fc.property(arbitraryValues, (values) => {
      const n = BigInt(values.length)
      const sum = total(values)
      const squares = total(values.map((value) => (n * value - sum) ** 2n))
      const { mean, variance } = answer(momentsOf(sumsOf(values)))
      expectSame(mean, rational(sum, n * 10n ** 6n))
      expectSame(variance, rational(squares, n ** 2n * (n - 1n) * 10n ** 12n))
    }),
  )
})

test('a constant added to every unit moves the mean and leaves the variance, to the last bit', () => {
  fc.assert(
    fc.property(arbitraryValues, fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }), (values, constant) => {
      const before = answer(momentsOf(sumsOf(values)))
      const after = answer(momentsOf(sumsOf(values.map((value) => value + constant))))
      expect(after.variance).toBe(before.variance)
    }),
  )
})

test('covariance is that of exact rational arithmetic, in any order of the two values', () => {
  fc.assert(
    fc.property(arbitraryValues, arbitraryValues, (first, second) => {
      const pairs = first.slice(0, second.length).map((value, index) => [value, second[index]!] as const)
      const n = BigInt(pairs.length)
      const sumFirst = total(pairs.map(([value]) => value))
      const sumSecond = total(pairs.map(([, value]) => value))
      const products = total(pairs.map(([a, b]) => (n * a - sumFirst) * (n * b - sumSecond)))
      const sums = crossSumsOf(pairs, 1_000_000n)
      const moments = answer(crossMomentsOf(sums))
      expectSame(moments.covariance, rational(products, n ** 2n * (n - 1n) * 10n ** 12n))
      expect(moments.first).toEqual(
        (({ mean, variance }) => ({ mean, variance }))(answer(momentsOf({ n, ...sums.first }))),
      )
      const swapped = answer(crossMomentsOf({ ...sums, first: sums.second, second: sums.first }))
      expect(swapped).toEqual({ ...moments, first: moments.second, second: moments.first })
    }),
  )
})

test('each column counts in its own scale', () => {
  const sums = crossSumsOf([
    [1n, 3n],
    [2n, 5n],
    [6n, 4n],
  ])
  const scaled = { ...sums, second: { ...sums.second, scale: 10n } }
  expect(crossMomentsOf(scaled)).toEqual({
    n: 3,
    first: { mean: 3, variance: 7 },
    second: { mean: 0.4, variance: 0.01 },
    covariance: 0.05,
  })
})

test('fewer than two units have no variance', () => {
  expect(momentsOf({ n: 0n, sum: 0n, sumSquares: 0n })).toEqual({ refused: 'too-few-units' })
  expect(momentsOf({ n: 1n, sum: 5n, sumSquares: 25n })).toEqual({ refused: 'too-few-units' })
  expect(crossMomentsOf(crossSumsOf([[1n, 2n]]))).toEqual({ refused: 'too-few-units' })
})

test('sums that no values can have are refused', () => {
  expect(momentsOf({ n: 3n, sum: 10n, sumSquares: 33n })).toEqual({ refused: 'inconsistent-sums' })
  expect(momentsOf({ n: 3n, sum: 10n, sumSquares: 34n })).toMatchObject({ n: 3 })
  const sums: CrossSums = crossSumsOf([
    [0n, 0n],
    [1n, 2n],
    [2n, 4n],
  ])
  expect(crossMomentsOf({ ...sums, sumProducts: 11n })).toEqual({ refused: 'inconsistent-sums' })
  expect(crossMomentsOf({ ...sums, second: { ...sums.second, sum: 8n } })).toEqual({
    refused: 'inconsistent-sums',
  })
})

test.each([
  { n: -2n, sum: 0n, sumSquares: 0n },
  { n: 2.5, sum: 0n, sumSquares: 0n },
  { n: 2n, sum: Number.NaN, sumSquares: 0n },
  { n: 2n, sum: 0n, sumSquares: -1n },
  { n: 2n, sum: 2 ** 53, sumSquares: 10n ** 40n },
  { n: 2n, sum: 0n, sumSquares: 4n, scale: 0n },
  { n: 2n, sum: 0n, sumSquares: 10n ** 400n },
])('sums that are no exact whole numbers in range are refused: $n, $sum, $sumSquares', (sums) => {
  expect(momentsOf(sums)).toEqual({ refused: 'invalid-input' })
  expect(crossMomentsOf({ n: sums.n, first: sums, second: sums, sumProducts: 0n })).toEqual({
    refused: 'invalid-input',
  })
})
