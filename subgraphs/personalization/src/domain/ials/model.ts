import { type ItemIndex, indexItems } from '../item-index.ts'
import { createBestFirst } from '../item-to-item/best-first.ts'
import type { HistoryItem, ModelCandidate, RecommendationModel } from '../model-candidate.ts'
import { createFoldIn } from './fold-in.ts'
import type { FoldInParameters } from './parameters.ts'
import type { ItemFactors } from './train.ts'

/** What there must be to serve factors. */
export type FactorsModelParts = {
  readonly factors: ItemFactors
  /** `gramOf(factors)`: kept with the model, since it takes d^2 / 2 multiplications for each item. */
  readonly gram: Float64Array
  readonly foldIn: FoldInParameters
}

/** Newest items of a history among which the reason of a candidate is sought, because each costs d^2 multiplications. */
const EXPLAINING_ITEMS = 50

/**
 * Serves item factors: places the listener by their history, whoever they are, so that an interaction changes the next
 * list, and ranks all items by the dot product with that place. With x = A^-1 sum w h (see `FoldIn`), item i of the history
 * has the part w h(j)^T A^-1 h(i) in the score of j; `becauseOf` is the item with the largest part, the newer one where two
 * have the same, of the newest 50, and null where no part is above 0. Weights of the history that are not above 0
 * count as absent.
 *
 * A list takes d multiplications for each item of the model.
 */
export function createFactorsModel(
  algorithm: string,
  { factors, gram, foldIn: parameters }: FactorsModelParts,
  index: ItemIndex = indexItems(factors.itemIds),
): RecommendationModel {
  const { dimensions, values } = factors
  const { ids: itemIds, places } = index
  const foldIn = createFoldIn(factors, gram, parameters)

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

  function dot(vector: Float64Array, offset: number, item: number): number {
    const start = item * dimensions
    let even = 0
    let odd = 0
    let k = 0
    // Two sums, so that one does not wait for the other.
    for (; k + 1 < dimensions; k += 2) {
      even += (vector[offset + k] as number) * (values[start + k] as number)
      odd += (vector[offset + k + 1] as number) * (values[start + k + 1] as number)
    }
    return k < dimensions ? even + odd + (vector[offset + k] ?? 0) * (values[start + k] ?? 0) : even + odd
  }

  /** Says of a candidate which item of the history has the largest part in its score. */
  function createReasons(
    items: readonly number[],
    weights: readonly number[],
  ): (candidate: number) => string | null {
    const count = Math.min(items.length, EXPLAINING_ITEMS)
    const directions = new Float64Array(count * dimensions)
    for (let n = 0; n < count; n++) {
      const direction = directions.subarray(n * dimensions, (n + 1) * dimensions)
      const start = (items[n] ?? 0) * dimensions
      for (let k = 0; k < dimensions; k++) direction[k] = (weights[n] ?? 0) * (values[start + k] ?? 0)
      foldIn.solve(direction)
    }
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
    recommend(history, limit, isEligible = () => true) {
      const { items, weights, own } = counting(history)
      if (items.length === 0 || !(limit > 0)) return []
      const place = new Float64Array(dimensions)
      foldIn.place(items, weights, place)
      const reasonOf = createReasons(items, weights)
      const others = new Uint32Array(itemIds.length)
      const scores = new Float64Array(itemIds.length)
      let count = 0
      for (let item = 0; item < itemIds.length; item++) {
        if (own.has(item)) continue
        others[count] = item
        scores[count++] = dot(place, 0, item)
      }
      const candidates: ModelCandidate[] = []
      const next = createBestFirst(others, scores, count)
      for (let best = next(); best !== null && candidates.length < limit; best = next()) {
        const item = others[best] ?? 0
        const itemId = itemIds[item]
        if (itemId === undefined || !isEligible(itemId)) continue
        candidates.push({ itemId, score: scores[best] ?? 0, becauseOf: reasonOf(item) })
      }
      return candidates
    },
  }
}
