import { normalDensity, normalTail } from './distributions.ts'
import { type Reason, type Result, refuse } from './result.ts'

/**
 * Chances that a z-statistic that is looked at several times passes a bound: the recursive integration of Armitage,
 * McPherson and Rowe 1969, with the grid of Jennison and Turnbull 2000, "Group Sequential Methods", chapter 19.
 * Z_k is normal with mean drift sqrt(t_k) and variance 1; Z_j and Z_k with j < k have covariance sqrt(t_j / t_k), where t
 * are the information fractions.
 */

/** Where a look leaves the statistic, given that no earlier look stopped: nodes z that stand for a probability. */
export type Continuation = { readonly fraction: number; readonly nodes: readonly Node[] }
type Node = { readonly z: number; readonly mass: number }

/** Continue while lower < z < upper; either may be infinite. */
export type Region = { readonly lower: number; readonly upper: number }

export type Looks = {
  /** Information at each look as a fraction of the plan, ascending. May pass 1. */
  readonly fractions: readonly number[]
  /** Expected z-statistic at fraction 1; 0 under the null hypothesis. */
  readonly drift: number
}

/** Half the nodes of the middle part for looks that are far apart; errors of a probability are then below 1e-8. */
const COARSEST = 24
/** Two looks with less new information than this share of the later one are refused: the grid would be too large. */
export const LEAST_INCREMENT = 1e-4

/** Why looks cannot be computed, or undefined if they can. */
export function problemWith({ fractions, drift }: Looks): Reason | undefined {
  const isValid = fractions.every((fraction) => fraction > 0 && Number.isFinite(fraction))
  if (!isValid || fractions.length === 0 || !(Math.abs(drift) <= 100)) return 'invalid-input'
  if (steps(fractions).some((step) => step <= 0)) return 'looks-not-increasing'
  return steps(fractions).some((step) => step < LEAST_INCREMENT) ? 'looks-too-close' : undefined
}

/** New information of each look as a share of what it then has; 1 for the first. */
function steps(fractions: readonly number[]): number[] {
  return fractions.map((fraction, index) => (fraction - (fractions[index - 1] ?? 0)) / fraction)
}

/**
 * Chance of being above `bound` at the look with information `fraction`, having continued at all looks before.
 * @param before the continuation of the look before, undefined at the first look
 */
export function chanceAbove(
  bound: number,
  fraction: number,
  drift: number,
  before: Continuation | undefined,
): number {
  if (before === undefined) return normalTail(bound - drift * Math.sqrt(fraction))
  const { scale, shift, ratio } = transition(before.fraction, fraction, drift)
  return before.nodes.reduce(
    (sum, { z, mass }) => sum + mass * normalTail((bound - shift - ratio * z) / scale),
    0,
  )
}

/** As `chanceAbove`, for being below. */
export function chanceBelow(
  bound: number,
  fraction: number,
  drift: number,
  before: Continuation | undefined,
): number {
  const mirrored = before && {
    fraction: before.fraction,
    nodes: before.nodes.map(({ z, mass }) => ({ z: -z, mass })),
  }
  return chanceAbove(-bound, fraction, -drift, mirrored)
}

/** Density of the statistic at z at the look with information `fraction`, having continued at all looks before. */
export function densityAt(
  z: number,
  fraction: number,
  drift: number,
  before: Continuation | undefined,
): number {
  if (before === undefined) return normalDensity(z - drift * Math.sqrt(fraction))
  const { scale, shift, ratio } = transition(before.fraction, fraction, drift)
  const sum = before.nodes.reduce(
    (total, node) => total + node.mass * normalDensity((z - shift - ratio * node.z) / scale),
    0,
  )
  return sum / scale
}

/** What is left after the look `index`, whose region is given. */
export function continueFrom(
  { fractions, drift }: Looks,
  index: number,
  region: Region,
  before: Continuation | undefined,
): Continuation {
  const fraction = fractions[index] ?? 1
  const nodes = weightedNodes(region, drift * Math.sqrt(fraction), resolution(fractions, index))
  return {
    fraction,
    nodes: nodes.map(({ z, mass }) => ({ z, mass: mass * densityAt(z, fraction, drift, before) })),
  }
}

/** Chances of leaving the regions upwards and downwards at each look. Refuses as `problemWith` says. */
export function crossingChances(
  looks: Looks,
  regions: readonly Region[],
): Result<{ readonly upper: readonly number[]; readonly lower: readonly number[] }> {
  const problem = problemWith(looks)
  if (problem !== undefined) return refuse(problem)
  const isOpen =
    regions.length === looks.fractions.length && regions.every(({ lower, upper }) => lower < upper)
  if (!isOpen) return refuse('invalid-input')
  const upper: number[] = []
  const lower: number[] = []
  let before: Continuation | undefined
  for (const [index, region] of regions.entries()) {
    const fraction = looks.fractions[index] ?? 1
    upper.push(chanceAbove(region.upper, fraction, looks.drift, before))
    lower.push(chanceBelow(region.lower, fraction, looks.drift, before))
    if (index < regions.length - 1) before = continueFrom(looks, index, region, before)
  }
  return { upper, lower }
}

/** Z_k given Z_(k-1) = z is normal with mean shift + ratio z and standard deviation scale. */
function transition(from: number, to: number, drift: number) {
  const scale = Math.sqrt((to - from) / to)
  return { scale, shift: (drift * (to - from)) / Math.sqrt(to), ratio: Math.sqrt(from / to) }
}

/**
 * Jennison and Turnbull's r. The nodes are 3 / (4 r) apart in the middle; at most 0.4 of the standard deviation with
 * which the statistic moves to this look, or on to the next one, keeps Simpson's rule exact enough.
 */
function resolution(fractions: readonly number[], index: number): number {
  const all = steps(fractions)
  const narrowest = Math.sqrt(Math.min(all[index] ?? 1, all[index + 1] ?? 1))
  return Math.max(COARSEST, Math.ceil(0.75 / (0.4 * narrowest)))
}

/** Nodes of the region with the weights of Simpson's rule: dense within 3 of the mean, sparser outside. */
function weightedNodes({ lower, upper }: Region, mean: number, r: number): Node[] {
  const inside = gridAround(mean, r).filter((z) => z > lower && z < upper)
  const ends = [
    ...(Number.isFinite(lower) && lower > mean - reach(r) ? [lower] : []),
    ...inside,
    ...(Number.isFinite(upper) && upper < mean + reach(r) ? [upper] : []),
  ]
  const [first, ...rest] = ends
  if (first === undefined) return []
  const nodes: Node[] = []
  let from = first
  let carried = 0
  for (const to of rest) {
    const sixth = (to - from) / 6
    nodes.push({ z: from, mass: carried + sixth }, { z: (from + to) / 2, mass: 4 * sixth })
    carried = sixth
    from = to
  }
  nodes.push({ z: from, mass: carried })
  return nodes
}

/** How far the grid goes from the mean. */
function reach(r: number): number {
  return 3 + 4 * Math.log(r)
}

function gridAround(mean: number, r: number): number[] {
  return Array.from({ length: 6 * r - 1 }, (_, index) => {
    const i = index + 1
    if (i < r) return mean - 3 - 4 * Math.log(r / i)
    if (i > 5 * r) return mean + 3 + 4 * Math.log(r / (6 * r - i))
    return mean - 3 + (3 * (i - r)) / (2 * r)
  })
}
