import { type GroupSequentialDesign, groupSequentialBounds } from './group-sequential.ts'
import { isRefusal, type Result, refuse } from './result.ts'

/** Levels are told apart down to this one: where the bounds cannot rise any more, no smaller one is found. */
const SMALLEST = 1e-15
/** A level is found within this share of itself. */
const TOLERANCE = 1e-4

/**
 * The p-value of a group sequential test, at any of its looks (Liu and Anderson 2008, "On adaptive extensions of group
 * sequential trials for clinical investigations", JASA 103): the smallest level at which one of the looks so far would
 * have rejected. It never rises with more looks, it holds whether or not one stops at a bound, and it is below alpha when
 * a look has rejected at alpha, and not before. Like the bounds, it depends on what has been looked at, not on what comes.
 *
 * Up to a ten-thousandth of itself above the exact value, and at least 1e-15. It is 1 where no level rejects for which
 * there is a test.
 * Refuses as `groupSequentialBounds` does, and `invalid-input` unless there is one p-value in [0, 1] for each look.
 * @param pValues the ordinary p-value of each look, of the design's alternative
 */
export function sequentialPValue(design: GroupSequentialDesign, pValues: readonly number[]): Result<number> {
  const isValid = pValues.length === design.fractions.length && pValues.every((p) => p >= 0 && p <= 1)
  if (!isValid) return refuse('invalid-input')
  const atAlpha = excess(design, pValues)
  if (isRefusal(atAlpha)) return atAlpha
  const excessAt = (level: number) => {
    const found = excess({ ...design, alpha: level }, pValues)
    return isRefusal(found) ? Number.NaN : found
  }
  // From the level of the design on, so that the p-value is on the right side of it, whatever the tolerance.
  const start = { level: design.alpha, excess: atAlpha }
  // No look has more than the whole level, so below the smallest p-value none rejects.
  const least = Math.max(SMALLEST, Math.min(...pValues))
  const end = atAlpha > 0 ? least : (design.alternative === 'TWO_SIDED' ? 1 : 0.5) * (1 - 1e-9)
  const other = { level: end, excess: excessAt(end) }
  if (Number.isNaN(other.excess)) return refuse('invalid-input')
  if (atAlpha > 0) return other.excess > 0 ? least : smallestAbove(other, start, excessAt)
  return other.excess > 0 ? smallestAbove(start, other, excessAt) : 1
}

type Tried = { readonly level: number; readonly excess: number }

/**
 * The level at which the excess changes its sign, from above: by false position in logarithms, in which the excess is
 * nearly a line, with halving where that is slow.
 * @param low a level that does not reject
 * @param high one that does
 */
function smallestAbove(low: Tried, high: Tried, excessAt: (level: number) => number): number {
  let [below, above] = [low, high]
  for (let step = 0; above.level / below.level > 1 + TOLERANCE; step++) {
    const share = step % 3 === 2 ? 0.5 : below.excess / (below.excess - above.excess)
    const distance = Math.log(above.level / below.level)
    // A little beyond, so that both ends come close.
    const beyond = (step % 2 === 0 ? 0.4 : -0.4) * TOLERANCE
    const at = Math.min(Math.max(share * distance + beyond, TOLERANCE / 4), distance - TOLERANCE / 4)
    const level = below.level * Math.exp(at)
    const tried = { level, excess: excessAt(level) }
    if (tried.excess > 0) above = tried
    else below = tried
  }
  return above.level
}

/** The logarithm of how far the look that is nearest to rejecting is beyond its bound; above 0 where it rejects. */
function excess(design: GroupSequentialDesign, pValues: readonly number[]): Result<number> {
  const bounds = groupSequentialBounds(design)
  if (isRefusal(bounds)) return bounds
  return Math.max(...bounds.map(({ nominalAlpha }, look) => beyond(pValues[look] ?? 1, nominalAlpha)))
}

/** Above 0 exactly where the look rejects: the logarithms of two neighbouring numbers may be equal. */
function beyond(p: number, nominalAlpha: number): number {
  const distance = Math.log(nominalAlpha) - Math.log(Math.max(p, Number.MIN_VALUE))
  return p < nominalAlpha ? Math.max(distance, Number.MIN_VALUE) : Math.min(distance, 0)
}
