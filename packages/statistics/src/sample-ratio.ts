import { chiSquareTail, logGamma } from './distributions.ts'
import { type Result, refuse } from './result.ts'

export type SampleRatio = {
  readonly statistic: number
  readonly degreesOfFreedom: number
  readonly pValue: number
}

/**
 * Sample ratio mismatch by Pearson's chi-square test of the units of each variant against the planned weights. For one
 * look at the end; looking often needs `anytimeSampleRatio`.
 * Refuses `too-few-units` without any unit, `invalid-input` for fewer than two variants, counts that are negative or not
 * whole, weights that are not positive, or lists of unequal length.
 * @param weights planned shares, in any unit
 */
export function sampleRatio(counts: readonly number[], weights: readonly number[]): Result<SampleRatio> {
  const shares = sharesOf(weights)
  if (shares === undefined || !areCounts(counts, weights.length)) return refuse('invalid-input')
  const total = counts.reduce((sum, count) => sum + count, 0)
  if (total === 0) return refuse('too-few-units')
  const statistic = shares.reduce((sum, share, index) => {
    const expected = total * share
    return sum + ((counts[index] ?? 0) - expected) ** 2 / expected
  }, 0)
  const degreesOfFreedom = shares.length - 1
  return { statistic, degreesOfFreedom, pValue: chiSquareTail(statistic, degreesOfFreedom) }
}

/**
 * Sample ratio mismatch that one may test at every look (Lindon and Malek 2022, "Anytime-valid inference for multinomial
 * count data", NeurIPS). The alternative draws the shares from a Dirichlet distribution with parameters
 * a = concentration * planned shares. With counts S of n units, the Bayes factor against the planned shares theta is
 * Gamma(A) / Gamma(A + n) * prod(Gamma(a_i + S_i) / Gamma(a_i)) / prod(theta_i^S_i), A the sum of a, and it only depends
 * on the cumulative counts. Under the planned shares it is a martingale from 1, so p = min over looks of 1 / factor, at
 * most 1, is below alpha at any look with probability at most alpha.
 *
 * Returns that p for each look. In logarithms: with n up to 1e9 the relative error of p stays below 1e-4.
 * Refuses `looks-not-increasing` where a count falls, `invalid-input` as `sampleRatio` does or for a concentration that
 * is not positive.
 * @param looks cumulative counts of each variant, by look
 * @param concentration how close to the plan a mismatch is expected; GrowthBook uses 10000. Higher finds smaller
 *   mismatches, later.
 */
export function anytimeSampleRatio(
  looks: readonly (readonly number[])[],
  weights: readonly number[],
  concentration: number,
): Result<readonly number[]> {
  const shares = sharesOf(weights)
  if (shares === undefined || !(concentration > 0) || !Number.isFinite(concentration)) {
    return refuse('invalid-input')
  }
  const pValues: number[] = []
  let before: readonly number[] = []
  let smallest = 1
  for (const counts of looks) {
    if (!areCounts(counts, shares.length)) return refuse('invalid-input')
    if (counts.some((count, index) => count < (before[index] ?? 0))) return refuse('looks-not-increasing')
    smallest = Math.min(smallest, Math.exp(-logBayesFactor(counts, shares, concentration)))
    pValues.push(smallest)
    before = counts
  }
  return pValues
}

function logBayesFactor(counts: readonly number[], shares: readonly number[], concentration: number): number {
  const total = counts.reduce((sum, count) => sum + count, 0)
  return shares.reduce(
    (sum, share, index) => {
      const prior = concentration * share
      const count = counts[index] ?? 0
      return sum + logGamma(prior + count) - logGamma(prior) - count * Math.log(share)
    },
    logGamma(concentration) - logGamma(concentration + total),
  )
}

/** Weights as shares of 1, or undefined if there are fewer than two or one is not positive. */
function sharesOf(weights: readonly number[]): number[] | undefined {
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const isValid = weights.length >= 2 && weights.every((weight) => weight > 0) && Number.isFinite(total)
  return isValid ? weights.map((weight) => weight / total) : undefined
}

function areCounts(counts: readonly number[], length: number): boolean {
  return counts.length === length && counts.every((count) => Number.isSafeInteger(count) && count >= 0)
}
