import type { Query } from '../query.ts'
import type { CandidateSource } from './candidate-source.ts'
import { firstEligible } from './first-eligible.ts'

/** How long an item is new. */
const NEW_FOR_MS = 30 * 24 * 60 * 60 * 1000

/** The items of the last 30 days, newest first; the score falls from 1 to 0 over them. */
export const newSource: CandidateSource = {
  name: 'new',
  rung: 'STATIC',
  fillOrder: null,
  standsInFor: null,
  failureCause: 'NO_CANDIDATES',
  modelOf: () => null,
  whyUnavailable: () => null,
  candidates: (query, input) => firstEligible(newItems(query), query, input),
  reason: () => ({ kind: 'NEW', itemId: null, text: 'New in the catalogue' }),
}

function* newItems({ catalogue, now }: Query): Generator<{ itemId: string; score: number }> {
  for (const itemId of catalogue.staticItems()) {
    const createdAt = catalogue.itemById(itemId)?.createdAt ?? Number.NEGATIVE_INFINITY
    const score = Math.min(1, 1 - (now - createdAt) / NEW_FOR_MS)
    // Newest first, so the others are older still.
    if (score <= 0) return
    yield { itemId, score }
  }
}
