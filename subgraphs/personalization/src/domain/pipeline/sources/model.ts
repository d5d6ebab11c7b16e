import type { CandidateSource } from './candidate-source.ts'

/** What the model recommends to someone with the user's history. */
export const modelSource: CandidateSource = {
  name: 'model',
  rung: 'MODEL',
  fillOrder: null,
  usesModel: true,
  failureCause: 'MODEL_FAILED',
  whyUnavailable({ model, history }) {
    if (model === null) return 'NO_MODEL'
    if (!history.known) return 'HISTORY_UNAVAILABLE'
    return history.likes.length === 0 ? 'COLD_START' : null
  },
  candidates({ model, history, catalogue }, { limit, isEligible }) {
    const found = model?.model.recommend(history.likes, limit, isEligible) ?? []
    return found.map(({ itemId, score, becauseOf }) => ({
      itemId,
      score,
      creator: catalogue.itemById(itemId)?.creator ?? null,
      becauseOf,
    }))
  },
  reason({ becauseOf }, catalogue) {
    if (becauseOf === null) return null
    const title = catalogue.itemById(becauseOf)?.title
    const text = title === undefined ? 'Because of what you chose before' : `Because you chose “${title}”`
    return { kind: 'BECAUSE_OF_ITEM', itemId: becauseOf, text }
  },
}
