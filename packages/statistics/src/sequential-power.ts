import type { Alternative } from './comparison.ts'
import { type Bound, rejectionChances } from './group-sequential.ts'
import { isRefusal, type Result, refuse } from './result.ts'
import { standardNormal } from './seeded-random.ts'

export type SequentialPower = {
  /** Chance of rejecting at any look. */
  readonly power: number
  /** Chance of rejecting first at each look. */
  readonly byLook: readonly number[]
  /** Average information fraction at the end, which is that of the last look if none rejects. */
  readonly expectedFraction: number
}

export type SequentialTest = {
  /** Of each look, as `groupSequentialBounds` gives them, or `alwaysValidBounds` with fractions beside them. */
  readonly bounds: readonly Pick<Bound, 'fraction' | 'bound'>[]
  readonly alternative: Alternative
  /** (effect - null value) / standard error at fraction 1: the expected z-statistic there. Negative for LESS. */
  readonly drift: number
}

export type Simulation = {
  readonly runs: number
  /** Uniform on [0, 1), seeded by the caller, so that a plan can be computed again. */
  readonly random: () => number
}

/**
 * The power of a test with several looks by numerical integration (`crossing.ts`): exact but for rounding, for a
 * normal statistic of known variance. Refuses as `rejectionChances` does.
 */
export function sequentialPower({ bounds, alternative, drift }: SequentialTest): Result<SequentialPower> {
  const chances = rejectionChances(bounds, drift, alternative)
  return isRefusal(chances) ? chances : summarize(bounds, chances)
}

/**
 * The same by simulation of z-statistics with independent normal increments: an independent check of the integration.
 * The standard error of `power` is at most 0.5 / sqrt(runs).
 * Refuses `invalid-input`, `looks-not-increasing`.
 */
export function simulateSequentialPower(
  { bounds, alternative, drift }: SequentialTest,
  { runs, random }: Simulation,
): Result<SequentialPower> {
  const problem = problemWithSimulation(bounds, runs)
  if (problem !== undefined) return problem
  if (!Number.isFinite(drift)) return refuse('invalid-input')
  const counts = bounds.map(() => 0)
  for (let run = 0; run < runs; run++) {
    const look = firstRejection(bounds, alternative, drift, random)
    if (look !== undefined) counts[look] = (counts[look] ?? 0) + 1
  }
  return summarize(
    bounds,
    counts.map((count) => count / runs),
  )
}

/**
 * The drift with which bounds reject, in the direction of the alternative, with a given power, by one simulation: each
 * run says the least drift that takes it past a bound, and the answer is the quantile of these. A rejection in the other
 * direction does not count. Its error is that of the simulated power, at most 0.5 / sqrt(runs).
 * Refuses as `simulateSequentialPower` does, and `invalid-input` for a power that is not in (0, 1).
 * @param power in (0, 1)
 * @returns above 0 for any power above the alpha of the bounds, whatever the alternative; for LESS it is the drift
 *   below 0 without its sign
 */
export function driftFor(
  bounds: SequentialTest['bounds'],
  power: number,
  { runs, random }: Simulation,
): Result<number> {
  const problem = problemWithSimulation(bounds, runs)
  if (problem !== undefined) return problem
  if (!(power > 0 && power < 1)) return refuse('invalid-input')
  const needed = new Float64Array(runs)
  for (let run = 0; run < runs; run++) {
    let noise = 0
    let before = 0
    let least = Infinity
    for (const { fraction, bound } of bounds) {
      noise += Math.sqrt(fraction - before) * standardNormal(random)
      before = fraction
      // The z-statistic is drift sqrt(t) + noise / sqrt(t).
      least = Math.min(least, (bound - noise / Math.sqrt(fraction)) / Math.sqrt(fraction))
    }
    needed[run] = least
  }
  needed.sort()
  return needed[Math.min(runs, Math.ceil(power * runs)) - 1] ?? refuse('invalid-input')
}

function problemWithSimulation(bounds: SequentialTest['bounds'], runs: number) {
  const isValid =
    bounds.length > 0 && bounds.every(({ fraction, bound }) => fraction > 0 && !Number.isNaN(bound))
  if (!isValid || !Number.isSafeInteger(runs) || runs < 1) return refuse('invalid-input')
  const isIncreasing = bounds.every(({ fraction }, index) => fraction > (bounds[index - 1]?.fraction ?? 0))
  return isIncreasing ? undefined : refuse('looks-not-increasing')
}

/** One run: the index of the look that rejects first. The sum sqrt(t) Z(t) moves by a normal with mean drift dt. */
function firstRejection(
  bounds: SequentialTest['bounds'],
  alternative: Alternative,
  drift: number,
  random: () => number,
): number | undefined {
  let sum = 0
  let before = 0
  for (const [index, { fraction, bound }] of bounds.entries()) {
    const step = fraction - before
    sum += drift * step + Math.sqrt(step) * standardNormal(random)
    before = fraction
    const z = sum / Math.sqrt(fraction)
    const towards = alternative === 'TWO_SIDED' ? Math.abs(z) : alternative === 'LESS' ? -z : z
    if (towards > bound) return index
  }
  return undefined
}

function summarize(bounds: SequentialTest['bounds'], byLook: readonly number[]): SequentialPower {
  const power = byLook.reduce((sum, chance) => sum + chance, 0)
  const stopped = byLook.reduce((sum, chance, index) => sum + chance * (bounds[index]?.fraction ?? 0), 0)
  return { power, byLook, expectedFraction: stopped + (1 - power) * (bounds.at(-1)?.fraction ?? 0) }
}
