import type { DecisionRecord } from '@bulkhead/contracts'
import type { Experiment } from './experiment.ts'
import {
  type DecisionDraft,
  decisionRecord,
  refuseDecisionReviewer,
  validateDecision,
} from './governance/deciding.ts'
import { approversOf, type Decision } from './governance/decision.ts'
import { approvalsOf, refuseReviewer, submissionsOf } from './governance/review.ts'
import { type ChangeFacts, moveTo, nextRevision, refuseAction } from './lifecycle.ts'
import { gapsOf } from './plan/analysis-plan.ts'
import type { ExperimentRefusal } from './refusals.ts'
import { rampStep } from './targeting/layer-ranges.ts'

/** What a change of an experiment leads to. */
export type ChangeResult =
  | { readonly type: 'changed'; readonly experiment: Experiment }
  | { readonly type: 'refused'; readonly refusal: ExperimentRefusal }

/** The steps that need nothing but a reason. */
export const SIMPLE_STEPS = ['submit', 'start', 'pause', 'resume', 'stop', 'archive'] as const
export type SimpleStep = (typeof SIMPLE_STEPS)[number]

/** Signs a record once its decision is final. */
export type SignDecision = (record: Omit<DecisionRecord, 'keyId' | 'signature'>) => DecisionRecord

/** Upper bound on the reviews of an experiment, as JSON: an audit entry holds them as they were before and after it. */
const MAX_REVIEW_BYTES = 40_000

/** @param quorum how many approvals a start needs */
export function takeStep(
  experiment: Experiment,
  step: SimpleStep,
  facts: ChangeFacts,
  quorum: number,
): ChangeResult {
  const refusal = refuseAction(experiment, step, quorum)
  if (refusal !== null) return refused(refusal)
  switch (step) {
    case 'submit':
      return changed(moveTo(experiment, 'IN_REVIEW', facts))
    case 'start':
      return start(experiment, facts, quorum)
    case 'pause':
      return changed(moveTo(experiment, 'PAUSED', facts))
    case 'resume':
      return changed(moveTo(experiment, 'RUNNING', facts))
    case 'stop':
      return changed({ ...moveTo(experiment, 'STOPPED', facts), stoppedAt: facts.at })
    case 'archive':
      return changed(moveTo(experiment, 'ARCHIVED', facts))
  }
}

function start(experiment: Experiment, facts: ChangeFacts, quorum: number): ChangeResult {
  const approvals = approvalsOf(experiment)
  if (approvals < quorum) return refused({ type: 'approvals-missing', approvals, needed: quorum })
  const { version, variants, plan, metrics } = experiment
  const gaps = gapsOf(plan, metrics)
  if (gaps.length > 0) return refused({ type: 'plan-incomplete', gaps })
  const { at } = facts
  return changed({
    ...moveTo(experiment, 'RUNNING', facts),
    startedAt: at,
    startQuorum: quorum,
    versions: [{ version, since: at, variants, ramp: [rampStep(experiment, at)] }],
  })
}

/** A review of what was submitted. The last approval that is needed makes it APPROVED; a rejection, a draft again. */
export function reviewExperiment(
  experiment: Experiment,
  approved: boolean,
  facts: ChangeFacts,
  quorum: number,
): ChangeResult {
  const { at, by, reason: comment } = facts
  const refusal = refuseAction(experiment, 'review', quorum) ?? refuseReviewer(experiment, { by, approved })
  if (refusal !== null) return refused(refusal)
  const review = { by, approved, comment, at, submission: submissionsOf(experiment) }
  const reviewed = { ...experiment, reviews: [...experiment.reviews, review] }
  if (Buffer.byteLength(JSON.stringify(reviewed.reviews)) > MAX_REVIEW_BYTES) {
    return refused({ type: 'too-many-reviews', limit: MAX_REVIEW_BYTES })
  }
  if (!approved) return changed(moveTo(reviewed, 'DRAFT', facts))
  const isEnough = experiment.status === 'IN_REVIEW' && approvalsOf(reviewed) >= quorum
  return changed(isEnough ? moveTo(reviewed, 'APPROVED', facts) : nextRevision(reviewed))
}

/** Records a decision, in place of one that has not been approved. Where no approval is needed, it is final at once. */
export function recordDecision(
  experiment: Experiment,
  draft: DecisionDraft,
  facts: Parameters<typeof validateDecision>[2],
  options: { readonly quorum: number; readonly sign: SignDecision },
): ChangeResult {
  const refusal = refuseAction(experiment, 'record-decision', options.quorum)
  if (refusal !== null) return refused(refusal)
  const reading = validateDecision(draft, experiment, facts)
  if (reading.type !== 'valid') return refused(reading)
  const { at, by } = facts
  return concluded(experiment, reading.decision, { at, by, reason: draft.rationale }, options)
}

/** A review of the decision. The last approval that is needed signs it; a rejection removes it. */
export function reviewDecision(
  experiment: Experiment,
  approved: boolean,
  facts: ChangeFacts,
  options: { readonly quorum: number; readonly sign: SignDecision },
): ChangeResult {
  const { decision } = experiment
  const { at, by, reason: comment } = facts
  const refusal = refuseAction(experiment, 'review-decision', options.quorum)
  if (refusal !== null) return refused(refusal)
  if (decision === null) throw new TypeError('legal only with a decision')
  const own = refuseDecisionReviewer(decision, { by, approved })
  // Enough by now, where the quorum was lowered: then approving again concludes it.
  const isEnough = approved && approversOf(decision).length >= options.quorum
  if (own?.type === 'already-approved' && isEnough) return concluded(experiment, decision, facts, options)
  if (own !== null) return refused(own)
  if (!approved) return changed(nextRevision({ ...experiment, decision: null }))
  const reviews = [...decision.reviews, { by, approved, comment, at }]
  return concluded(experiment, { ...decision, reviews }, facts, options)
}

function concluded(
  experiment: Experiment,
  decision: Decision,
  facts: ChangeFacts,
  { quorum, sign }: { readonly quorum: number; readonly sign: SignDecision },
): ChangeResult {
  if (approversOf(decision).length < quorum) return changed(nextRevision({ ...experiment, decision }))
  const signed = sign(decisionRecord(experiment, decision))
  return changed(moveTo({ ...experiment, decision: { ...decision, quorum, signed } }, 'DECIDED', facts))
}

export function changed(experiment: Experiment): ChangeResult {
  return { type: 'changed', experiment }
}

export function refused(refusal: ExperimentRefusal): ChangeResult {
  return { type: 'refused', refusal }
}
