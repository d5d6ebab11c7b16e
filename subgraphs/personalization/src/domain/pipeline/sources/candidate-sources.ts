import type { Candidate, CandidateSourceName } from '../candidate.ts'
import type { Eligibility } from '../filters/filters.ts'
import type { Query } from '../query.ts'
import type { Stage } from '../stage.ts'

/** `limit`: candidates wanted, best first. */
export type SourceInput = { readonly limit: number; readonly isEligible: Eligibility }

export type CandidateSource = Stage<Query, SourceInput, readonly Candidate[]> & {
  readonly source: CandidateSourceName
}

/** What the user's history speaks for. */
export const modelSource: CandidateSource = {
  name: 'source_model',
  source: 'model',
  enabled: ({ model, history, parameters }) =>
    model !== null && history.likes.length > 0 && parameters.mix.some(({ name }) => name === 'model'),
  run({ model, history, catalogue }, { limit, isEligible }) {
    const found = model?.model.recommend(history.likes, limit, isEligible) ?? []
    return found.map(({ itemId, score, becauseOf }) => ({
      itemId,
      score,
      creator: catalogue.itemById(itemId)?.creator ?? null,
      becauseOf,
    }))
  },
  without: () => [],
}

/** What everyone consumes most. */
export const popularSource: CandidateSource = {
  name: 'source_popular',
  source: 'popular',
  enabled: () => true,
  run({ catalogue }, { limit, isEligible }) {
    const candidates: Candidate[] = []
    for (const { itemId, score } of catalogue.popular()) {
      if (candidates.length >= limit) break
      if (!isEligible(itemId)) continue
      candidates.push({
        itemId,
        score,
        creator: catalogue.itemById(itemId)?.creator ?? null,
        becauseOf: null,
      })
    }
    return candidates
  },
  without: () => [],
}

/** The catalogue, newest first: what there is when nothing is known of anyone. All scores are 0. */
export const staticSource: CandidateSource = {
  name: 'source_static',
  source: 'static',
  enabled: () => true,
  run({ catalogue }, { limit, isEligible }) {
    const candidates: Candidate[] = []
    for (const itemId of catalogue.staticItems()) {
      if (candidates.length >= limit) break
      if (!isEligible(itemId)) continue
      candidates.push({
        itemId,
        score: 0,
        creator: catalogue.itemById(itemId)?.creator ?? null,
        becauseOf: null,
      })
    }
    return candidates
  },
  without: () => [],
}
