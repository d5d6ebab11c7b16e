import { createBestFirst } from '../best-first.ts'
import { type Clusters, longGroups } from './clusters.ts'
import { codeProducts, encodeQuery, prepareProducts, ROWS_AT_ONCE } from './code-products.ts'
import { codeWidth } from './codes.ts'
import { dotProduct, rowProduct } from './dot-product.ts'
import type { Rows } from './k-means.ts'
import { type HighestScores, keepHighest, memoryFor, type ScoredRows } from './scored-rows.ts'

/** Of n rows, a search reads at most this many times sqrt(n) beside the longest: measured by `bench nearest`, up to 100,000. */
const READ_PER_ROOT = 10
/** A search reads at least this many rows for each that is wanted. */
const READ_PER_WANTED = 8

/** Of `count` rows, how many a search reads at most, but for the rest of the last group. */
export function mostRead(wanted: number, count: number): number {
  return Math.max(READ_PER_ROOT * Math.sqrt(count), READ_PER_WANTED * wanted)
}

/**
 * Rows that a search multiplies exactly at most, but for the rest of the last group. Rows that differ need a fraction of it.
 * Of a million that hardly differ, nearly every row that is read would be multiplied: milliseconds for no better rows.
 */
function mostMultiplied(wanted: number): number {
  return 1_000 + 8 * wanted
}

const LIMITS = { read: mostRead, multiplied: mostMultiplied }

/** More than what rounding takes off the product of two lengths, which are kept in single precision. */
const ROUNDING = 1 + 2 ** -20
/** More than what rounding changes of a product, as a share of the product of the lengths. */
const PRODUCT_ROUNDING = 2 ** -40

/** In place of a group that was read. */
const READ = 0xffff_ffff

/** After so many groups, and each time their number has doubled, those that cannot reach what was found are left out. */
const FIRST_NARROWING = 32

type Search = {
  readonly query: Float64Array
  readonly length: number
  /** The length, rounded up: times a row's length, the largest product that the two can have. */
  readonly reach: number
  /** Of the query's codes: what they are multiples of, and how far from the query they are. */
  readonly step: number
  readonly error: number
  /** Rows to leave out. */
  readonly without: ReadonlySet<number>
  readonly highest: HighestScores
  /** How many rows were multiplied exactly. */
  multiplied: number
}

/**
 * Finds the rows whose dot product with a query is largest, without a look at most of the others. Approximate: some of the
 * rows may be missing, and others stand in for them; the scores of those that are found are exact.
 *
 * The longest rows are read first, then groups in the order of what their best row may be worth: the mean's product plus
 * one standard deviation. Reading ends where no shorter vector can reach the scores found so far (Cauchy-Schwarz), and
 * groups that cannot are left out.
 * Rows are read as codes. One is multiplied exactly only if the product of its codes, and the largest error that this can
 * have, reach these scores.
 *
 * @param limits how many rows a search reads, and multiplies exactly
 * @returns a function of the query, the number of rows wanted (at least 1), and rows to leave out; what it gives is good
 *   until its next call
 */
export function createNearestRows(
  { dimensions, values }: Rows,
  clusters: Clusters,
  limits = LIMITS,
): (query: Float64Array, wanted: number, without: ReadonlySet<number>) => ScoredRows {
  const { starts, spreads, lengths, places, rowCodes, rowSteps, rowErrors, meanCodes, meanSteps } = clusters
  prepareProducts(dimensions)
  const groups = starts.length - 1
  const firstByDirection = longGroups(lengths.length)
  const width = codeWidth(dimensions)
  // Working memory. Searches are synchronous, so no two use it at the same time.
  const unread = new Uint32Array(groups)
  const worths = new Float64Array(groups)
  const heap = new Uint32Array(groups)
  let kept = memoryFor(0)

  /** Whether the longest row of a group can reach the scores found so far. */
  function isReaching(group: number, { reach, highest }: Search): boolean {
    return (lengths[starts[group] as number] as number) * reach >= highest.lowest()
  }

  /**
   * Puts the groups by direction that can reach what was found into `unread`, each with what its best row may be worth
   * beside it. @returns how many
   */
  function estimateAll(search: Search): number {
    const { length, step } = search
    let kept = 0
    for (let first = firstByDirection; first < groups; first += ROWS_AT_ONCE) {
      const count = Math.min(ROWS_AT_ONCE, groups - first)
      let products: Int32Array | null = null
      for (let n = 0, group = first; n < count; n++, group++) {
        if (!isReaching(group, search)) continue
        products ??= codeProducts(meanCodes, first, count, width)
        const mean = (products[n] as number) * step * (meanSteps[group] as number)
        unread[kept] = group
        worths[kept++] = mean + length * (spreads[group] as number)
      }
    }
    return kept
  }

  /** Leaves those of the first `count` in `unread` that were not read and can reach what was found. @returns how many */
  function keepReaching(search: Search, count: number): number {
    let kept = 0
    for (let n = 0; n < count; n++) {
      const group = unread[n] as number
      if (group === READ || !isReaching(group, search)) continue
      unread[kept] = group
      worths[kept++] = worths[n] as number
    }
    return kept
  }

  /** The lowest product of codes that a row of the group may have whose own product reaches `score`. */
  function lowestProduct(group: number, score: number, { length, step, error }: Search): number {
    const longest = lengths[starts[group] as number] as number
    const rowError = rowErrors[group] as number
    // query . row = step x rowStep x product + query . (what the row's codes lack) + (what the query's lack) . row's codes
    const lacking = (length * rowError + error * (longest + rowError)) * ROUNDING
    const rounding = length * longest * PRODUCT_ROUNDING
    return (score - lacking - rounding) / (step * (rowSteps[group] as number))
  }

  /** Offers the rows of a group that may be among the highest. @returns how many it read */
  function readGroup(group: number, search: Search): number {
    const { query, reach, without, highest } = search
    const start = starts[group] as number
    const end = starts[group + 1] as number
    for (let first = start; first < end; first += ROWS_AT_ONCE) {
      const last = Math.min(end, first + ROWS_AT_ONCE)
      let beyond = first
      while (beyond < last && (lengths[beyond] as number) * reach >= highest.lowest()) beyond++
      const products = codeProducts(rowCodes, first, beyond - first, width)
      let lowest = lowestProduct(group, highest.lowest(), search)
      for (let row = first; row < beyond; row++) {
        if ((products[row - first] as number) < lowest) continue
        search.multiplied++
        const score = rowProduct(query, 0, values, row * dimensions, dimensions)
        if (score < highest.lowest() || without.has(row)) continue
        highest.offer(row, score)
        lowest = lowestProduct(group, highest.lowest(), search)
      }
      if (beyond < last) return beyond - start
    }
    return end - start
  }

  return (query, wanted, without) => {
    const length = Math.sqrt(dotProduct(query, 0, query, 0, dimensions))
    const reach = length * ROUNDING
    if (kept.rows.length < wanted) kept = memoryFor(wanted)
    const highest = keepHighest(wanted, places, kept)
    const search = { query, length, reach, ...encodeQuery(query), without, highest, multiplied: 0 }
    const isOver = () => search.multiplied >= limits.multiplied(wanted)
    for (let group = 0; group < firstByDirection && !isOver() && isReaching(group, search); group++) {
      readGroup(group, search)
    }
    let count = estimateAll(search)
    let next = createBestFirst(unread, worths, count, heap)
    const budget = limits.read(wanted, lengths.length)
    let rows = 0
    let read = 0
    let narrowedAt = FIRST_NARROWING
    for (let n = next(); n !== null && rows < budget && !isOver(); n = next()) {
      const group = unread[n] as number
      unread[n] = READ
      rows += readGroup(group, search)
      if (++read < narrowedAt) continue
      narrowedAt *= 2
      count = keepReaching(search, count)
      next = createBestFirst(unread, worths, count, heap)
    }
    return highest.rows()
  }
}
