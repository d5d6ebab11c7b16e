import type { CandidateSource } from './candidate-source.ts'
import { firstEligible } from './first-eligible.ts'

/** What most listeners have found lately. */
export const trendingSource: CandidateSource = {
  name: 'trending',
  rung: 'POPULAR',
  fillOrder: null,
  standsInFor: null,
  failureCause: 'NO_CANDIDATES',
  modelOf: () => null,
  whyUnavailable: () => null,
  candidates: (query, input) => firstEligible(query.catalogue.trending(), query, input),
  reason: () => ({ kind: 'TRENDING', itemId: null, text: 'Trending now' }),
}
