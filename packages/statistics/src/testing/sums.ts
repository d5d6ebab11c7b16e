import fc from 'fast-check'
import { ALTERNATIVES, SCALES } from '../comparison.ts'
import type { CrossSums, MeanSums, Moments } from '../moments.ts'
import { isRefusal, type Result } from '../result.ts'

/** The sums that SQL would return for these values, which count in steps of 1 / scale. */
export function sumsOf(values: readonly bigint[], scale?: bigint): MeanSums {
  const sums = { n: BigInt(values.length), sum: total(values), sumSquares: total(values.map((v) => v * v)) }
  return scale === undefined ? sums : { ...sums, scale }
}

export function crossSumsOf(pairs: readonly (readonly [bigint, bigint])[], scale = 1n): CrossSums {
  const first = pairs.map(([value]) => value)
  const second = pairs.map(([, value]) => value)
  return {
    n: BigInt(pairs.length),
    first: sumsOf(first, scale),
    second: sumsOf(second, scale),
    sumProducts: total(pairs.map(([a, b]) => a * b)),
  }
}

export function total(values: readonly bigint[]): bigint {
  return values.reduce((sum, value) => sum + value, 0n)
}

/** The answer, where a test takes it for granted that there is one. */
export function answer<T>(result: Result<T>): T {
  if (isRefusal(result)) throw new Error(`Refused: ${result.refused}`)
  return result
}

/** Values of an arm of 2 to 30 units, in steps of 10^-6. */
export const arbitraryValues = fc.array(fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }), {
  minLength: 2,
  maxLength: 30,
})

/** An arm as a test of comparisons needs it: any size, mean and variance of a usual magnitude. */
export const arbitraryArm: fc.Arbitrary<Moments> = fc.record({
  n: fc.integer({ min: 2, max: 1_000_000 }),
  mean: fc.double({ min: -100, max: 100, noNaN: true }).map((mean) => (Math.abs(mean) < 1e-3 ? 1 : mean)),
  variance: fc.double({ min: 1e-3, max: 1e4, noNaN: true }),
})

export const arbitraryTest = fc.record({
  scale: fc.constantFrom(...SCALES),
  alternative: fc.constantFrom(...ALTERNATIVES),
  alpha: fc.double({ min: 1e-4, max: 0.49, noNaN: true }),
  nullValue: fc.double({ min: -2, max: 2, noNaN: true }),
})
