import { eligibilityIn } from '../filters/eligibility.ts'
import { whyNoLikes } from '../hydration/user-history.ts'
import type { CandidateSource } from './candidate-source.ts'

/** What a model recommends to someone with the user's history. */
function createModelSource(
  about: Pick<CandidateSource, 'name' | 'rung' | 'standsInFor' | 'modelOf'>,
): CandidateSource {
  const { modelOf } = about
  return {
    ...about,
    fillOrder: null,
    failureCause: 'MODEL_FAILED',
    whyUnavailable(query) {
      if (modelOf(query) === null) return 'NO_MODEL'
      return whyNoLikes(query.history)
    },
    candidates(query, { limit, isEligible }) {
      const { history, catalogue } = query
      const model = modelOf(query)?.model
      if (model === undefined) return []
      const itemAt = model.itemIds === undefined ? null : catalogue.itemsOf(model.itemIds)
      const found = model.recommend(history.likes, limit, eligibilityIn(model, catalogue, isEligible))
      return found.map(({ itemId, place, score, becauseOf }) => {
        const item = itemAt === null || place === undefined ? catalogue.itemById(itemId) : itemAt(place)
        return { itemId, score, creator: item?.creator ?? null, becauseOf }
      })
    },
    reason({ becauseOf }, catalogue) {
      const itemId = becauseOf?.() ?? null
      if (itemId === null) return null
      const title = catalogue.itemById(itemId)?.title
      const text = title === undefined ? 'Because of what you chose before' : `Because you chose “${title}”`
      return { kind: 'BECAUSE_OF_ITEM', itemId, text }
    },
  }
}

/** The model that is in production, or that an experiment pins. */
export const modelSource = createModelSource({
  name: 'model',
  rung: 'MODEL',
  standsInFor: null,
  modelOf: ({ model }) => model,
})

/** The model that serves while the other one cannot. */
export const previousModelSource = createModelSource({
  name: 'previous_model',
  rung: 'PREVIOUS_MODEL',
  standsInFor: 'model',
  modelOf: ({ standInModel }) => standInModel,
})
