/** What was measured of the slates of one window of time. */
export type QualityWindow = {
  readonly slates: number
  /** Slates that took longer than the target. */
  readonly late: number
  /** Slates that took longer than `CLOSE_TO_TARGET` of the target, the late ones included. */
  readonly closeToLate: number
  /** Share of the time that the event loop was busy, 0 to 1. */
  readonly busy: number
}

/** The factor of a process that keeps its target. */
export const FULL_QUALITY = 1

/** The factor moves in steps of this size and never falls below one of them. */
export const QUALITY_STEP = 1 / 16

/** Between this share of the target and the target itself the factor stays as it is. */
export const CLOSE_TO_TARGET = 0.7

/** The share of the slates that may be late: the target is one for the 99th percentile. */
const TOLERATED_SHARE = 0.01

/** This many late slates are tolerated in a small window too: a pause of the garbage collector is no overload. */
const TOLERATED_SLATES = 2

/** Slates that are late while the event loop is less busy than this wait for something else, such as the datastore. */
export const BUSY = 0.75

/**
 * The quality factor after a window: additive increase, multiplicative decrease (Chiu and Jain, 1989), with a band
 * between the two in which it stays. It is halved where the 99th percentile was above the target and the process itself
 * was the reason, and grows by a step where it was well below, so that it recovers from the least in 15 windows.
 *
 * @param factor a multiple of `QUALITY_STEP`, from one step to `FULL_QUALITY`; so is what is returned
 */
export function nextQualityFactor(
  factor: number,
  { slates, late, closeToLate, busy }: QualityWindow,
): number {
  const tolerated = Math.max(TOLERATED_SLATES, TOLERATED_SHARE * slates)
  if (busy >= BUSY && late > tolerated) {
    return Math.max(QUALITY_STEP, Math.floor(factor / 2 / QUALITY_STEP) * QUALITY_STEP)
  }
  if (busy >= BUSY && closeToLate > tolerated) return factor
  return Math.min(FULL_QUALITY, factor + QUALITY_STEP)
}
