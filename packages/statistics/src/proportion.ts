import { differenceOf, type Estimate, type Test, testDifference } from './comparison.ts'
import { exact, type Integer, type Moments, quotient } from './moments.ts'
import { type Result, refuse } from './result.ts'
import { welch } from './welch.ts'

/** Units of an arm, and how many of them did it. */
export type ProportionCounts = { readonly n: Integer; readonly successes: Integer }

/**
 * A proportion as moments: mean p, variance p (1 - p), without the factor n / (n - 1) of a sample variance, as in
 * GrowthBook's engine. Refuses `too-few-units` below 2, `invalid-input` for counts that are negative, not whole, or
 * more successes than units.
 */
export function proportionMoments({ n, successes }: ProportionCounts): Result<Moments> {
  const units = exact(n)
  const hits = exact(successes)
  if (units === undefined || hits === undefined || hits < 0n || hits > units) return refuse('invalid-input')
  if (units < 2n) return refuse('too-few-units')
  const variance = quotient(hits * (units - hits), units ** 2n)
  return { n: Number(units), mean: quotient(hits, units), variance }
}

/** Two proportions by Welch's t. Refuses as `proportionMoments` and `welch` do. */
export function proportionWelch(
  control: ProportionCounts,
  treatment: ProportionCounts,
  test: Test,
): Result<Estimate> {
  return welch(proportionMoments(control), proportionMoments(treatment), test)
}

/**
 * Two proportions by the z-test with unpooled variances (Wald), so that interval and p-value agree; on both scales.
 * Refuses as `proportionMoments` and `differenceOf` do.
 */
export function proportionZ(
  control: ProportionCounts,
  treatment: ProportionCounts,
  test: Test,
): Result<Estimate> {
  const difference = differenceOf(proportionMoments(control), proportionMoments(treatment), test.scale)
  return testDifference(difference, Infinity, test)
}
