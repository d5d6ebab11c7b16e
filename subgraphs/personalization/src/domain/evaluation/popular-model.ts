import type { InteractionMatrix } from '../item-to-item/interaction-matrix.ts'
import type { RecommendationModel } from '../recommendation-model.ts'
import { usersPerItem } from './train-part.ts'

/**
 * The same list for everybody: the items that most users had, ties by item id, without those of the history. What every
 * other model has to beat ("TopPop" in published tables). The score is the share of the users who had the item.
 */
export function createPopularModel(matrix: InteractionMatrix): RecommendationModel {
  const { itemIds, userCount } = matrix
  const counts = usersPerItem(matrix)
  // Ids are in their order, and sorting is stable.
  const ranked = itemIds
    .map((itemId, item) => ({ itemId, count: counts[item] ?? 0 }))
    .sort((a, b) => b.count - a.count)
    .map(({ itemId, count }) => ({ itemId, score: count / userCount, becauseOf: null }))
  return {
    algorithm: 'popular/1 (users an item, ties by item id)',
    itemCount: itemIds.length,
    recommend(history, limit, isEligible = () => true) {
      const own = new Set(history.map(({ itemId }) => itemId))
      const list: (typeof ranked)[number][] = []
      for (const candidate of ranked) {
        if (list.length >= limit) break
        if (!own.has(candidate.itemId) && isEligible(candidate.itemId)) list.push(candidate)
      }
      return list
    },
  }
}
