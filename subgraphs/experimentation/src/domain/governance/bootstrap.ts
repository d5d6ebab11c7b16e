import {
  type BootstrapDecision,
  DECISION_MAX_AGE_MS,
  identifierSchema,
  type ModelStage,
  sha256Schema,
} from '@bulkhead/contracts'
import { checkText, type InputProblem, type InvalidInput } from '../input-problems.ts'
import { approversOf } from './decision.ts'
import type { Review, ReviewRefusal } from './review.ts'

export const BOOTSTRAP_STATUSES = ['IN_REVIEW', 'APPROVED', 'REJECTED'] as const
export type BootstrapStatus = (typeof BOOTSTRAP_STATUSES)[number]

/** A decision to let the first model of a deployment into production. One for each model version, kept for ever. */
export type Bootstrap = {
  readonly modelVersionId: string
  /** Counts every accepted change. */
  readonly revision: number
  readonly status: BootstrapStatus
  /** SHA-256 of the version's artefact, hex. */
  readonly artefactHash: string
  /** SHA-256 of the evaluation that it rests on, hex; null where it names none. */
  readonly evaluationHash: string | null
  readonly rationale: string
  readonly decidedBy: string
  /** Epoch milliseconds. */
  readonly decidedAt: number
  /** Of this decision and of those that it replaced; `submission` is the revision at which each was recorded. */
  readonly reviews: readonly Review[]
  /** The revision at which it was recorded: approvals of what it replaced do not count. */
  readonly submission: number
  /** The record that was signed on the last approval; null before. */
  readonly signed: BootstrapDecision | null
}

export type BootstrapDraft = {
  readonly modelVersionId: string
  readonly evaluationHash?: string | null | undefined
  readonly rationale: string
}

export type BootstrapRefusal =
  | InvalidInput
  | Extract<ReviewRefusal, { readonly type: 'already-approved' }>
  | { readonly type: 'bootstrap-own-work' }
  /** There is nothing to review. */
  | { readonly type: 'bootstrap-not-found'; readonly modelVersionId: string }
  | { readonly type: 'bootstrap-not-in-review'; readonly status: BootstrapStatus }
  | { readonly type: 'bootstrap-revision-conflict'; readonly sent: number; readonly current: number }
  /** A signed decision never changes while it counts. */
  | { readonly type: 'bootstrap-final'; readonly modelVersionId: string }
  /** What is stored is damaged. Nothing is written over it. */
  | { readonly type: 'bootstrap-unreadable'; readonly modelVersionId: string }
  /** The stage is null where personalization has not reported the version. */
  | {
      readonly type: 'model-not-evaluated'
      readonly modelVersionId: string
      readonly stage: ModelStage | null
    }
  /** The artefact is not the one that was decided on. */
  | { readonly type: 'artefact-changed'; readonly modelVersionId: string }
  /** From the first signed SHIP of a model on, experiments decide, while there is a champion for them. */
  | { readonly type: 'model-shipped'; readonly experimentKey: string }
  | { readonly type: 'too-many-bootstraps'; readonly limit: number }

export type BootstrapResult = { readonly type: 'changed'; readonly bootstrap: Bootstrap } | Refused
type Refused = { readonly type: 'refused'; readonly refusal: BootstrapRefusal }

export type SignBootstrap = (record: Omit<BootstrapDecision, 'keyId' | 'signature'>) => BootstrapDecision

/** What both steps look at beside the decision itself. */
export type BootstrapFacts = {
  readonly at: number
  readonly by: string
  /** What personalization has reported of the version; null where it has not. */
  readonly version: { readonly stage: ModelStage; readonly artefactHash: string } | null
  /** The experiment because of which no model is the first, as `standingShip` says; null where there is none. */
  readonly standingShip: string | null
}

/** Upper bound on the decisions of a deployment: each is about another first model. */
export const MAX_BOOTSTRAPS = 100
const MAX_RATIONALE_LENGTH = 10_000
/** Upper bound on the reviews of one, as for an experiment. */
const MAX_REVIEWS = 100

/**
 * Records a decision, in place of one about the same version that is not signed, or was signed too long ago to count. It
 * takes effect once somebody else has approved it.
 * @param existing how many there are of other versions
 */
export function recordBootstrap(
  before: Bootstrap | null,
  draft: BootstrapDraft,
  facts: BootstrapFacts,
  existing: number,
): BootstrapResult {
  const { modelVersionId, rationale } = draft
  const evaluationHash = draft.evaluationHash ?? null
  const problems: InputProblem[] = [...checkText(rationale, MAX_RATIONALE_LENGTH, ['rationale'])]
  if (!identifierSchema.safeParse(modelVersionId).success) {
    problems.push({ path: ['modelVersionId'], message: 'must be 1 to 256 characters of well-formed text' })
  }
  if (evaluationHash !== null && !sha256Schema.safeParse(evaluationHash).success) {
    problems.push({ path: ['evaluationHash'], message: 'is not a SHA-256 in hex' })
  }
  if (problems.length > 0) return refused({ type: 'invalid-input', problems })
  if (before !== null && isInForce(before, facts.at))
    return refused({ type: 'bootstrap-final', modelVersionId })
  const checked = evaluatedVersion(modelVersionId, facts)
  if (checked.type === 'refused') return checked
  if (before === null && existing >= MAX_BOOTSTRAPS) {
    return refused({ type: 'too-many-bootstraps', limit: MAX_BOOTSTRAPS })
  }
  const { at, by } = facts
  const revision = (before?.revision ?? 0) + 1
  return {
    type: 'changed',
    bootstrap: {
      modelVersionId,
      revision,
      status: 'IN_REVIEW',
      artefactHash: checked.artefactHash,
      evaluationHash,
      rationale,
      decidedBy: by,
      decidedAt: at,
      reviews: before?.reviews ?? [],
      submission: revision,
      signed: null,
    },
  }
}

/**
 * A review of what is in review. The last approval that is needed signs it; a rejection ends it, and another one may be
 * recorded.
 * @param options.quorum at least one approval is needed whatever it says
 */
export function reviewBootstrap(
  before: Bootstrap | null,
  review: {
    readonly modelVersionId: string
    readonly revision: number
    readonly approved: boolean
    readonly comment: string
  },
  facts: BootstrapFacts,
  options: { readonly quorum: number; readonly sign: SignBootstrap },
): BootstrapResult {
  const { approved, comment, modelVersionId, revision } = review
  if (before === null) return refused({ type: 'bootstrap-not-found', modelVersionId })
  if (before.signed !== null) return refused({ type: 'bootstrap-final', modelVersionId })
  if (before.status !== 'IN_REVIEW') {
    return refused({ type: 'bootstrap-not-in-review', status: before.status })
  }
  if (before.revision !== revision) {
    return refused({ type: 'bootstrap-revision-conflict', sent: revision, current: before.revision })
  }
  const { at, by } = facts
  if (before.decidedBy === by) return refused({ type: 'bootstrap-own-work' })
  const earlier = approversOf(currentReviews(before)).includes(by)
  if (earlier && approved) return refused({ type: 'already-approved', by })
  if (before.reviews.length >= MAX_REVIEWS) {
    const message = `has been reviewed ${MAX_REVIEWS} times, the highest number allowed`
    return refused({ type: 'invalid-input', problems: [{ path: ['modelVersionId'], message }] })
  }
  const one = { by, approved, comment, at, submission: before.submission }
  const reviewed = { ...before, revision: revision + 1, reviews: [...before.reviews, one] }
  // Whoever rejects lets nothing in, so it is possible at any time.
  if (!approved) return { type: 'changed', bootstrap: { ...reviewed, status: 'REJECTED' } }
  const checked = evaluatedVersion(modelVersionId, facts)
  if (checked.type === 'refused') return checked
  if (checked.artefactHash !== before.artefactHash) {
    return refused({ type: 'artefact-changed', modelVersionId })
  }
  const approvers = approversOf(currentReviews(reviewed))
  // Recording never signs, so there is one approval even where none is asked for.
  if (approvers.length < options.quorum) return { type: 'changed', bootstrap: reviewed }
  const signed = options.sign(bootstrapRecord(reviewed, approvers))
  return { type: 'changed', bootstrap: { ...reviewed, status: 'APPROVED', signed } }
}

/** Signed, and not yet too old for personalization to accept it. */
function isInForce({ signed, decidedAt }: Bootstrap, now: number): boolean {
  return signed !== null && now - decidedAt <= DECISION_MAX_AGE_MS
}

/** What both steps need to be true of the version. */
function evaluatedVersion(
  modelVersionId: string,
  { version, standingShip }: BootstrapFacts,
): { readonly type: 'evaluated'; readonly artefactHash: string } | Refused {
  if (standingShip !== null) return refused({ type: 'model-shipped', experimentKey: standingShip })
  if (version?.stage === 'EVALUATED') return { type: 'evaluated', artefactHash: version.artefactHash }
  return refused({ type: 'model-not-evaluated', modelVersionId, stage: version?.stage ?? null })
}

function currentReviews({ reviews, submission }: Bootstrap): Pick<Bootstrap, 'reviews'> {
  return { reviews: reviews.filter((review) => review.submission === submission) }
}

/** What is signed. */
function bootstrapRecord(
  { modelVersionId, artefactHash, evaluationHash, rationale, decidedBy, decidedAt }: Bootstrap,
  reviewedBy: string[],
): Omit<BootstrapDecision, 'keyId' | 'signature'> {
  return {
    kind: 'bootstrap',
    modelVersionId,
    artefactHash,
    evaluationHash,
    rationale,
    decidedBy,
    decidedAt: new Date(decidedAt).toISOString(),
    reviewedBy,
  }
}

function refused(refusal: BootstrapRefusal): Refused {
  return { type: 'refused', refusal }
}
