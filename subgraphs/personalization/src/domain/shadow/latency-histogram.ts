/** A bucket ends this much above where it begins, so that its middle is within 5 % of all that is in it. */
const GROWTH = 1.1
const LOG_GROWTH = Math.log(GROWTH)
const SHORTEST_MS = 0.01
/** The last one ends at about 100 seconds, and holds all that is longer. */
const BUCKETS = 170

/** Counts of durations by bucket of a geometric scale: bounded, and merged by adding. */
export type LatencyHistogram = readonly number[]

export function emptyHistogram(): number[] {
  return new Array<number>(BUCKETS).fill(0)
}

export function isHistogram(counts: readonly number[]): boolean {
  return counts.length === BUCKETS
}

export function bucketOf(ms: number): number {
  if (!(ms > SHORTEST_MS)) return 0
  return Math.min(BUCKETS - 1, Math.ceil(Math.log(ms / SHORTEST_MS) / LOG_GROWTH))
}

/**
 * The duration that a share of all durations is not above, within 5 %, milliseconds; 0 where there is none.
 * @param share in (0, 1], such as .99
 */
export function quantileMs(counts: LatencyHistogram, share: number): number {
  const total = counts.reduce((sum, count) => sum + count, 0)
  if (total === 0) return 0
  const rank = Math.max(1, Math.ceil(share * total))
  let below = 0
  const bucket = counts.findIndex((count) => {
    below += count
    return below >= rank
  })
  return bucket === 0 ? SHORTEST_MS : (SHORTEST_MS * GROWTH ** bucket * (1 + 1 / GROWTH)) / 2
}
