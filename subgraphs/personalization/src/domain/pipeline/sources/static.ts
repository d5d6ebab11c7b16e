import type { Catalogue } from '../query.ts'
import type { CandidateSource } from './candidate-source.ts'
import { firstEligible } from './first-eligible.ts'

/** The catalogue, newest first, every score 0: what is left when nothing is known of anyone. */
export const staticSource: CandidateSource = {
  name: 'static',
  rung: 'STATIC',
  fillOrder: 20,
  standsInFor: null,
  failureCause: 'NO_CANDIDATES',
  modelOf: () => null,
  whyUnavailable: () => null,
  candidates: (query, { limit, isEligible, alreadyFound }) =>
    firstEligible(newestFirst(query.catalogue), query, {
      // The newest items may all have been found already; so many more make sure that `limit` of them are new.
      limit: limit + alreadyFound,
      isEligible,
    }),
  reason: () => null,
}

function* newestFirst(catalogue: Catalogue): Generator<{ itemId: string; score: number }> {
  for (const itemId of catalogue.staticItems()) yield { itemId, score: 0 }
}
