import { createBestFirst } from '../best-first.ts'
import { type ItemIndex, indexItems } from '../item-index.ts'
import type { HistoryItem, IsEligible, ModelCandidate, RecommendationModel } from '../model-candidate.ts'
import type { Clusters } from '../nearest/clusters.ts'
import { rowProduct } from '../nearest/dot-product.ts'
import { createNearestRows, mostRead } from '../nearest/nearest-rows.ts'
import type { ScoredRows } from '../nearest/scored-rows.ts'
import type { FoldInParameters } from './parameters.ts'
import { createPlacement } from './placement.ts'
import type { ItemFactors } from './train.ts'

/** What there must be to serve factors. */
export type FactorsModelParts = {
  readonly factors: ItemFactors
  /** `gramOf(factors)`: kept with the model, since it takes d^2 / 2 multiplications for each item. */
  readonly gram: Float64Array
  readonly foldIn: FoldInParameters
  /** The groups in whose order the factors stand (see `clusterFactors`); null where they stand as in the artefact. */
  readonly clusters: Clusters | null
}

/** Newest items of a history among which the reason of a candidate is sought, because each costs d^2 multiplications. */
const EXPLAINING_ITEMS = 50

/** How many times more items are looked for where too few of those that were found are eligible. */
const WIDENING = 4

/**
 * Items that a search after the first one may read beside the longest, which takes some milliseconds. So what a list costs
 * does not grow with the model; of a larger one the list is shorter where the filters leave next to nothing of what suits the
 * listener.
 */
export const MAX_READ_ITEMS = 100_000

/**
 * Serves item factors: places the listener by their history, whoever they are, so that an interaction changes the next
 * list, and ranks the items by the dot product with that place. With x = A^-1 sum w h (see `FoldIn`), item i of the history
 * has the part w h(j)^T A^-1 h(i) in the score of j; `becauseOf` is the item with the largest part, the newer one where two
 * have the same, of the newest 50, and null where no part is above 0. Weights of the history that are not above 0
 * count as absent.
 *
 * A list takes d multiplications for each item of the model, or with clusters for some sqrt(n) of n items: then it may miss
 * a few of the best, and has the next ones instead. Where too few of those are eligible it looks at more, in the end at all of
 * them, or at `MAX_READ_ITEMS`.
 */
export function createFactorsModel(
  algorithm: string,
  { factors, gram, foldIn: parameters, clusters }: FactorsModelParts,
  index: ItemIndex = indexItems(factors.itemIds),
): RecommendationModel {
  const { dimensions, values } = factors
  const { ids: itemIds, places } = index
  const placed = createPlacement(factors, gram, parameters)

  /** The known items of the history that count, newest first. */
  function counting(history: readonly HistoryItem[]): {
    items: number[]
    weights: number[]
    own: Set<number>
  } {
    const own = new Set<number>()
    const items: number[] = []
    const weights: number[] = []
    for (const { itemId, weight } of history) {
      const item = places.get(itemId)
      if (item === undefined) continue
      own.add(item)
      if (!(weight > 0 && weight < Number.POSITIVE_INFINITY)) continue
      items.push(item)
      weights.push(weight)
    }
    return { items, weights, own }
  }

  const nearest = clusters === null ? null : createNearestRows({ dimensions, values }, clusters)

  function dot(vector: Float64Array, offset: number, item: number): number {
    return rowProduct(vector, offset, values, item * dimensions, dimensions)
  }

  function scoreAll(place: Float64Array, own: ReadonlySet<number>): ScoredRows {
    const rows = new Uint32Array(itemIds.length)
    const scores = new Float64Array(itemIds.length)
    let count = 0
    for (let item = 0; item < itemIds.length; item++) {
      if (own.has(item)) continue
      rows[count] = item
      scores[count++] = dot(place, 0, item)
    }
    return { rows, scores, count }
  }

  // Working memory. Calls are synchronous, so no two use it at the same time.
  let order = orderFor(0)
  const placeOf = (row: number): number => (clusters === null ? row : (clusters.places[row] as number))

  /** The first `limit` eligible ones, best first, in the order of the artefact where scores are equal. */
  function best({ rows, scores, count }: ScoredRows, limit: number, isEligible: IsEligible): Best[] {
    if (order.heap.length < count) order = orderFor(count)
    for (let n = 0; n < count; n++) order.places[n] = placeOf(rows[n] as number)
    const found: Best[] = []
    const next = createBestFirst(order.places, scores, count, order.heap)
    for (let n = next(); n !== null && found.length < limit; n = next()) {
      const item = rows[n] ?? 0
      const itemId = itemIds[item]
      if (itemId !== undefined && isEligible(itemId, item))
        found.push({ item, itemId, score: scores[n] ?? 0 })
    }
    return found
  }

  function find(
    place: Float64Array,
    own: ReadonlySet<number>,
    limit: number,
    isEligible: IsEligible,
  ): Best[] {
    const count = itemIds.length
    for (let wanted = limit; nearest !== null && mostRead(wanted, count) < count; wanted *= WIDENING) {
      const found = best(nearest(place, wanted, own), limit, isEligible)
      if (found.length >= limit) return found
      if (count > MAX_READ_ITEMS && mostRead(wanted * WIDENING, count) > MAX_READ_ITEMS) return found
    }
    return best(scoreAll(place, own), limit, isEligible)
  }

  /** Says of a candidate which item of the history has the largest part in its score. */
  function createReasons(
    items: readonly number[],
    directions: Float64Array,
  ): (candidate: number) => string | null {
    const count = directions.length / dimensions
    return (candidate) => {
      let largest = 0
      let from: number | undefined
      for (let n = 0; n < count; n++) {
        const part = dot(directions, n * dimensions, candidate)
        if (part > largest) {
          largest = part
          from = items[n]
        }
      }
      return from === undefined ? null : (itemIds[from] ?? null)
    }
  }

  return {
    algorithm,
    itemCount: itemIds.length,
    itemIds,
    recommend(history, limit, isEligible = () => true) {
      const { items, weights, own } = counting(history)
      if (items.length === 0 || !(limit > 0)) return []
      const { place, directions } = placed(items, weights, EXPLAINING_ITEMS)
      const reasonOf = createReasons(items, directions)
      return find(place, own, limit, isEligible).map(
        ({ item, itemId, score }): ModelCandidate => ({
          itemId,
          place: item,
          score,
          becauseOf: () => reasonOf(item),
        }),
      )
    },
  }
}

function orderFor(count: number) {
  return { places: new Uint32Array(count), heap: new Uint32Array(count) }
}

type Best = { readonly item: number; readonly itemId: string; readonly score: number }
