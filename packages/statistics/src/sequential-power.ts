import type { Alternative } from './comparison.ts'
import { type Bound, rejectionChances } from './group-sequential.ts'
import { isRefusal, type Result, refuse } from './result.ts'

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
  const isValid =
    bounds.length > 0 && bounds.every(({ fraction, bound }) => fraction > 0 && !Number.isNaN(bound))
  if (!isValid || !Number.isFinite(drift) || !Number.isSafeInteger(runs) || runs < 1)
    return refuse('invalid-input')
  if (bounds.some(({ fraction }, index) => fraction <= (bounds[index - 1]?.fraction ?? 0))) {
    return refuse('looks-not-increasing')
  }
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

/** Box and Muller 1958. 1 - u is never 0. */
function standardNormal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}

function summarize(bounds: SequentialTest['bounds'], byLook: readonly number[]): SequentialPower {
  const power = byLook.reduce((sum, chance) => sum + chance, 0)
  const stopped = byLook.reduce((sum, chance, index) => sum + chance * (bounds[index]?.fraction ?? 0), 0)
  return { power, byLook, expectedFraction: stopped + (1 - power) * (bounds.at(-1)?.fraction ?? 0) }
}
