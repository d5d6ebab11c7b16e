import { createBestFirst } from '../best-first.ts'
import type { Clusters } from './clusters.ts'
import { dotProduct, rowProduct } from './dot-product.ts'
import type { Rows } from './k-means.ts'
import { keepHighest, type ScoredRows } from './scored-rows.ts'

/** Of n rows, a search scores at most this many times sqrt(n): measured by `bench nearest`, up to 100,000. */
const SCORED_PER_ROOT = 40
/** A search scores at least this many rows for each that is wanted. */
const SCORED_PER_WANTED = 24

/** Of `count` rows, how many a search scores at most, but for the rest of the last group. */
export function mostScored(wanted: number, count: number): number {
  return Math.max(SCORED_PER_ROOT * Math.sqrt(count), SCORED_PER_WANTED * wanted)
}

/** More than what rounding takes off the product of two lengths, which are kept in single precision. */
const ROUNDING = 1 + 2 ** -20

/** In place of a group that was read. */
const READ = 0xffff_ffff

/** After so many groups, and each time their number has doubled, those that cannot reach what was found are left out. */
const FIRST_NARROWING = 32

/**
 * Finds the rows whose dot product with a query is largest, without a look at most of the others. Approximate: some of the
 * rows may be missing, and others stand in for them; the scores of those that are found are exact.
 *
 * Groups are read in the order of what their best row may be worth: the mean's product plus one standard deviation. Within
 * a group, the longest first, reading ends where no shorter vector can reach the scores found so far (Cauchy-Schwarz).
 *
 * @returns a function of the query, the number of rows wanted (at least 1), and rows to leave out
 */
export function createNearestRows(
  { dimensions, values }: Rows,
  { starts, means, spreads, lengths, places }: Clusters,
): (query: Float64Array, wanted: number, without: ReadonlySet<number>) => ScoredRows {
  const groups = starts.length - 1
  // Working memory. Searches are synchronous, so no two use it at the same time.
  const unread = new Uint32Array(groups)
  const worths = new Float64Array(groups)

  /** Puts all groups into `unread`, each with what its best row may be worth beside it. */
  function estimateAll(query: Float64Array, queryLength: number): void {
    for (let group = 0; group < groups; group++) {
      const mean = rowProduct(query, 0, means, group * dimensions, dimensions)
      unread[group] = group
      worths[group] = mean + queryLength * (spreads[group] as number)
    }
  }

  /** Leaves those of the first `count` in `unread` that were not read and whose longest row can reach a score. */
  function keepReaching(lowest: number, reach: number, count: number): number {
    let kept = 0
    for (let n = 0; n < count; n++) {
      const group = unread[n] as number
      if (group === READ || (lengths[starts[group] as number] as number) * reach < lowest) continue
      unread[kept] = group
      worths[kept++] = worths[n] as number
    }
    return kept
  }

  return (query, wanted, without) => {
    const queryLength = Math.sqrt(dotProduct(query, 0, query, 0, dimensions))
    estimateAll(query, queryLength)
    let count = groups
    let next = createBestFirst(unread, worths, count)
    const reach = queryLength * ROUNDING
    const highest = keepHighest(wanted, places)
    const budget = mostScored(wanted, lengths.length)
    let scored = 0
    let read = 0
    let narrowedAt = FIRST_NARROWING
    for (let n = next(); n !== null && scored < budget; n = next()) {
      const group = unread[n] as number
      unread[n] = READ
      const end = starts[group + 1] as number
      for (let row = starts[group] as number; row < end; row++) {
        if ((lengths[row] as number) * reach < highest.lowest()) break
        scored++
        const score = rowProduct(query, 0, values, row * dimensions, dimensions)
        if (score >= highest.lowest() && !without.has(row)) highest.offer(row, score)
      }
      if (++read < narrowedAt) continue
      narrowedAt *= 2
      count = keepReaching(highest.lowest(), reach, count)
      next = createBestFirst(unread, worths, count)
    }
    return highest.rows()
  }
}
