import { type Alternative, type Difference, type Estimate, isValidTest, withInterval } from './comparison.ts'
import {
  type Continuation,
  chanceAbove,
  chanceBelow,
  continueFrom,
  crossingChances,
  densityAt,
  problemWith,
  type Region,
} from './crossing.ts'
import { normalTail, normalUpperQuantile } from './distributions.ts'
import { type Result, refuse } from './result.ts'
import { type SpendingFunction, spentAlpha } from './spending.ts'

export type GroupSequentialDesign = {
  readonly alternative: Alternative
  /** In (0, 1) two-sided, in (0, 0.5) one-sided. */
  readonly alpha: number
  readonly spending: SpendingFunction
  /**
   * The information at each look so far as a fraction of the plan: units there divided by units planned, as it turned
   * out, not as it was planned. Ascending. One above 1 spends what is left of alpha, and is the last.
   */
  readonly fractions: readonly number[]
}

export type Bound = {
  readonly fraction: number
  /** Reject when the z-statistic, in the direction of the alternative, is above it. At most MAX_BOUND. */
  readonly bound: number
  /** The level of this look's test if it were the only one: compare an ordinary p-value of the look with it. */
  readonly nominalAlpha: number
  /** Alpha spent up to and with this look; of both sides together if two-sided. */
  readonly spent: number
}

/** Where the alpha of a look is below the tail of this, the bound stays here: it spends at most 6.3e-16 more. */
export const MAX_BOUND = 8

/** Newton's method takes about six steps; it has converged when one is shorter than this. */
const SHORTEST_STEP = 1e-13
const MOST_STEPS = 50

/**
 * The bounds of a group sequential test whose looks need not be planned (Lan and DeMets 1983): each look gets the alpha
 * that the spending function allows at its information and no earlier look has spent. A bound depends on its own and the
 * earlier looks only, so later looks never change it. Two-sided bounds are symmetric, with alpha / 2 on each side.
 *
 * Refuses `looks-not-increasing` for equal or falling fractions, `looks-too-close` where a look adds less than a
 * ten-thousandth, `nothing-left-to-spend` for a look after the fraction has reached 1, `invalid-input`.
 */
export function groupSequentialBounds(design: GroupSequentialDesign): Result<readonly Bound[]> {
  const { alternative, alpha, spending, fractions } = design
  if (!isValidTest({ scale: 'ABSOLUTE', alternative, alpha })) return refuse('invalid-input')
  const looks = { fractions, drift: 0 }
  const problem = problemWith(looks)
  if (problem !== undefined) return refuse(problem)
  if (fractions.slice(0, -1).some((fraction) => fraction >= 1)) return refuse('nothing-left-to-spend')
  const sides = alternative === 'TWO_SIDED' ? 2 : 1
  const bounds: Bound[] = []
  let before: Continuation | undefined
  let spent = 0
  for (const [index, fraction] of fractions.entries()) {
    const allowed = spentAlpha(spending, alpha / sides, fraction)
    const bound = solveBound(fraction, Math.max(0, allowed - spent), before)
    spent = allowed
    bounds.push({ fraction, bound, nominalAlpha: sides * normalTail(bound), spent: sides * spent })
    if (index < fractions.length - 1) before = continueFrom(looks, index, regionOf(bound, sides), before)
  }
  return bounds
}

/**
 * Repeated confidence interval (Jennison and Turnbull 1989): the estimate with the bound of its look times its standard
 * error on either side, or one. All intervals of all looks hold together with probability 1 - alpha, whether or not one
 * stops at a bound, and one excludes the null value exactly when its look rejects. It is wider than an interval that
 * conditions on having stopped.
 * @param bound of `groupSequentialBounds`, for the look that the difference is from
 */
export function repeatedInterval(
  difference: Difference,
  bound: number,
  alternative: Alternative,
): Difference & Pick<Estimate, 'lower' | 'upper'> {
  return withInterval(difference, bound * difference.standardError, alternative)
}

/**
 * The p-value of a test that stopped at its last look, by stagewise ordering (Fairbanks and Madsen 1982; Jennison and
 * Turnbull 2000, section 8.4): the chance under the null hypothesis of passing an earlier bound, or none of them and then
 * being at least as far as z. It is at most the alpha spent exactly when z passes the last bound. Two-sided it is twice
 * the smaller side. Not for a look at which the test goes on.
 * Refuses as `crossingChances` does, and `invalid-input` for a z that is not finite.
 * @param bounds of all looks up to the last one; that of the last is not used
 * @param z the statistic at the last look: (estimate - null value) / standard error
 */
export function stagewisePValue(
  bounds: readonly Pick<Bound, 'fraction' | 'bound'>[],
  z: number,
  alternative: Alternative,
): Result<number> {
  const fractions = bounds.map(({ fraction }) => fraction)
  const looks = { fractions, drift: 0 }
  const problem = problemWith(looks)
  if (problem !== undefined) return refuse(problem)
  if (!Number.isFinite(z)) return refuse('invalid-input')
  const sides = alternative === 'TWO_SIDED' ? 2 : 1
  const regions = bounds.slice(0, -1).map(({ bound }) => regionOf(bound, sides))
  let before: Continuation | undefined
  let above = 0
  let below = 0
  for (const [index, region] of regions.entries()) {
    const fraction = fractions[index] ?? 1
    above += chanceAbove(region.upper, fraction, 0, before)
    below += chanceBelow(region.lower, fraction, 0, before)
    before = continueFrom(looks, index, region, before)
  }
  const last = fractions.at(-1) ?? 1
  const towards = alternative === 'LESS' ? -z : z
  above += chanceAbove(towards, last, 0, before)
  below += chanceBelow(towards, last, 0, before)
  return alternative === 'TWO_SIDED' ? Math.min(1, 2 * Math.min(above, below)) : Math.min(1, above)
}

/**
 * The chance that bounds reject, at each look, when the expected z-statistic at fraction 1 is `drift`; for a two-sided
 * test in either direction. LESS wants a negative drift. Refuses as `crossingChances` does.
 */
export function rejectionChances(
  bounds: readonly Pick<Bound, 'fraction' | 'bound'>[],
  drift: number,
  alternative: Alternative,
): Result<readonly number[]> {
  const sides = alternative === 'TWO_SIDED' ? 2 : 1
  const looks = {
    fractions: bounds.map(({ fraction }) => fraction),
    drift: alternative === 'LESS' ? -drift : drift,
  }
  const chances = crossingChances(
    looks,
    bounds.map(({ bound }) => regionOf(bound, sides)),
  )
  if ('refused' in chances) return chances
  return chances.upper.map((chance, index) => chance + (chances.lower[index] ?? 0))
}

function regionOf(bound: number, sides: 1 | 2): Region {
  return { lower: sides === 2 ? -bound : -Infinity, upper: bound }
}

/**
 * The bound that is passed with a given probability, by Newton's method for the logarithm of the chance. That is concave,
 * and the bound of a single look, where it starts, is never too low: so it converges from above.
 */
function solveBound(fraction: number, probability: number, before: Continuation | undefined): number {
  if (chanceAbove(MAX_BOUND, fraction, 0, before) >= probability) return MAX_BOUND
  let bound = Math.min(MAX_BOUND, normalUpperQuantile(probability))
  for (let taken = 0; taken < MOST_STEPS; taken++) {
    const chance = chanceAbove(bound, fraction, 0, before)
    const step = (Math.log(chance / probability) * chance) / densityAt(bound, fraction, 0, before)
    bound += step
    if (Math.abs(step) < SHORTEST_STEP) break
  }
  return bound
}
