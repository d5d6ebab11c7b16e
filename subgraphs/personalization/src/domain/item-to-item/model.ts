import { createBestFirst } from '../best-first.ts'
import { type ItemIndex, indexItems } from '../item-index.ts'
import type { HistoryItem, ModelCandidate, RecommendationModel } from '../model-candidate.ts'
import type { NeighbourLists } from './train.ts'

/**
 * Serves neighbour lists: an item's score is the sum, over the history, of weight x similarity; `becauseOf` is the
 * item of the history with the largest part in it, the newer one where two have the same, and null where no part is
 * above 0. Items that nobody had together with anything of the history are unknown to it. Weights of the history that are
 * not above 0 count as absent.
 */
export function createItemToItemModel(
  algorithm: string,
  lists: NeighbourLists,
  index: ItemIndex = indexItems(lists.itemIds),
): RecommendationModel {
  const { starts, neighbours, similarities } = lists
  const { ids: itemIds, places } = index
  // Working memory that every call leaves zeroed. Calls are synchronous, so no two use it at the same time.
  const sums = new Float64Array(itemIds.length)
  // Not seen in the sum: parts of different signs may cancel to 0.
  const seen = new Uint8Array(itemIds.length)
  const largestPart = new Float64Array(itemIds.length)
  const largestFrom = new Uint32Array(itemIds.length)
  const touched = new Uint32Array(itemIds.length)

  function score(history: readonly HistoryItem[]): Scored {
    let count = 0
    const own = new Set<number>()
    for (const { itemId, weight } of history) {
      const from = places.get(itemId)
      if (from === undefined) continue
      own.add(from)
      if (!(weight > 0 && weight < Number.POSITIVE_INFINITY)) continue
      const end = starts[from + 1] ?? 0
      for (let n = starts[from] ?? 0; n < end; n++) {
        const item = neighbours[n] ?? 0
        const part = weight * (similarities[n] ?? 0)
        // The weight was so small that the score is 0.
        if (part === 0) continue
        if (seen[item] === 0) {
          seen[item] = 1
          touched[count++] = item
        }
        sums[item] = (sums[item] ?? 0) + part
        if (part > (largestPart[item] ?? 0)) {
          largestPart[item] = part
          largestFrom[item] = from
        }
      }
    }
    const scored = {
      items: new Uint32Array(count),
      scores: new Float64Array(count),
      from: new Uint32Array(count),
    }
    let kept = 0
    for (let n = 0; n < count; n++) {
      const item = touched[n] ?? 0
      if (!own.has(item)) {
        scored.items[kept] = item
        scored.scores[kept] = sums[item] ?? 0
        scored.from[kept] = (largestPart[item] ?? 0) > 0 ? (largestFrom[item] ?? 0) : NO_REASON
        kept++
      }
      sums[item] = 0
      seen[item] = 0
      largestPart[item] = 0
    }
    return { ...scored, count: kept }
  }

  return {
    algorithm,
    itemCount: itemIds.length,
    itemIds,
    recommend(history, limit, isEligible = () => true) {
      const { items, scores, from, count } = score(history)
      const candidates: ModelCandidate[] = []
      const next = createBestFirst(items, scores, count)
      for (let place = next(); place !== null && candidates.length < limit; place = next()) {
        const item = items[place] ?? 0
        const itemId = itemIds[item]
        if (itemId === undefined || !isEligible(itemId, item)) continue
        const becauseOf = () => itemIds[from[place] ?? 0] ?? null
        candidates.push({ itemId, score: scores[place] ?? 0, becauseOf })
      }
      return candidates
    },
  }
}

/** In `from`, where no item of the history speaks for the candidate. */
const NO_REASON = 0xffff_ffff

/** The candidates of one call, side by side in arrays of at least `count` places. */
type Scored = {
  readonly items: Uint32Array
  readonly scores: Float64Array
  readonly from: Uint32Array
  readonly count: number
}
