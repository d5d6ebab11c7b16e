import type { DecisionOutcome, DecisionRecord, Recipe } from '@bulkhead/contracts'
import type { Review } from './review.ts'

export type DecisionReview = Omit<Review, 'submission'>

export type Decision = {
  readonly outcome: DecisionOutcome
  readonly variantKey: string | null
  /** The model version that the decision speaks of. */
  readonly modelVersionId: string | null
  /** SHA-256 of that version's artefact, hex; null where personalization has not reported it. */
  readonly artefactHash: string | null
  readonly rationale: string
  readonly decidedBy: string
  readonly decidedAt: number
  readonly reviews: readonly DecisionReview[]
  /** How many approvals it needed when it became final; null before. */
  readonly quorum: number | null
  /** The stored analysis that it rests on; absent where it names none. */
  readonly analysis?: { readonly id: string; readonly hash: string }
  /** By which later versions may be trained and replace this one without an experiment; absent where none may. */
  readonly recipe?: Recipe
  /** The record that was signed on the last approval; null before. */
  readonly signed: DecisionRecord | null
}

/** People who have approved it, in the order in which they did. */
export function approversOf({ reviews }: Pick<Decision, 'reviews'>): string[] {
  return [...new Set(reviews.filter(({ approved }) => approved).map(({ by }) => by))]
}
