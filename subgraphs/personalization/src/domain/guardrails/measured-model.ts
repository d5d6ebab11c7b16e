import type { HistoryItem, RecommendationModel } from '../recommendation-model.ts'
import { type ListOutcome, SHOWN } from './model-window.ts'

/** Shorter lists, of an overloaded process, count only where they fail. */
const MIN_JUDGED_LIMIT = 60

/** Similar items are asked for by one item, which the model may not know: these lists count only where they fail. */
const SIMILAR_ITEMS_HISTORY = 1

/**
 * The same model, that says how each of its lists came out. What filters took away is not its fault, so a list that they
 * have emptied does not count.
 * @param cpuMs CPU time of this thread, milliseconds: a model is not slow because the machine is
 */
export function measuredModel(
  model: RecommendationModel,
  cpuMs: () => number,
  onList: (outcome: Omit<ListOutcome, 'listener'>, history: readonly HistoryItem[]) => void,
): RecommendationModel {
  return {
    ...model,
    recommend(history, limit, isEligible = () => true) {
      let isFiltered = false
      const start = cpuMs()
      try {
        const list = model.recommend(history, limit, (itemId, place) => {
          const isWanted = isEligible(itemId, place)
          isFiltered ||= !isWanted
          return isWanted
        })
        const isOfSlate = limit >= MIN_JUDGED_LIMIT && history.length !== SIMILAR_ITEMS_HISTORY
        const isJudged = isOfSlate && !(list.length === 0 && isFiltered)
        const ms = cpuMs() - start
        if (isJudged)
          onList({ failed: false, itemIds: list.slice(0, SHOWN).map(({ itemId }) => itemId), ms }, history)
        return list
      } catch (error) {
        onList({ failed: true, itemIds: [], ms: cpuMs() - start }, history)
        throw error
      }
    },
  }
}
