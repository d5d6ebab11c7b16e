import type { CandidateSource } from './candidate-source.ts'
import { firstEligible } from './first-eligible.ts'

/** What everyone consumes most. */
export const popularSource: CandidateSource = {
  name: 'popular',
  rung: 'POPULAR',
  fillOrder: 10,
  standsInFor: null,
  failureCause: 'NO_CANDIDATES',
  modelOf: () => null,
  whyUnavailable: () => null,
  candidates: (query, input) => firstEligible(query.catalogue.popular(), query, input),
  reason: () => ({ kind: 'POPULAR', itemId: null, text: 'Popular with everyone' }),
}
