import type { Experiment, ExperimentStatus } from './experiment.ts'
import { approvalsOf } from './governance/review.ts'

/** What somebody may ask for. */
export const LIFECYCLE_ACTIONS = [
  'edit',
  'submit',
  'review',
  'start',
  'pause',
  'resume',
  'stop',
  'record-decision',
  'review-decision',
  'archive',
] as const
export type LifecycleAction = (typeof LIFECYCLE_ACTIONS)[number]

/** What each status allows. `start` is legal in more of them where no approval is needed; see `legalActions`. */
const LEGAL_ACTIONS: Readonly<Record<ExperimentStatus, readonly LifecycleAction[]>> = {
  DRAFT: ['edit', 'submit', 'archive'],
  IN_REVIEW: ['edit', 'review'],
  APPROVED: ['edit', 'review', 'start'],
  RUNNING: ['edit', 'pause', 'stop'],
  PAUSED: ['edit', 'resume', 'stop'],
  STOPPED: ['record-decision', 'review-decision'],
  DECIDED: ['archive'],
  ARCHIVED: [],
}

/** Upper bound on the changes of one experiment, because it keeps its history with it. */
export const MAX_REVISIONS = 2_000
/** What is legal beyond that: nobody may be kept from switching an experiment off and concluding it. */
const ALWAYS_POSSIBLE: readonly LifecycleAction[] = [
  'pause',
  'stop',
  'record-decision',
  'review-decision',
  'archive',
]

export type IllegalTransition = {
  readonly type: 'illegal-transition'
  readonly action: LifecycleAction
  readonly from: ExperimentStatus
  /** What is legal instead. */
  readonly legal: readonly LifecycleAction[]
}

export type TooManyChanges = { readonly type: 'too-many-changes'; readonly limit: number }

/**
 * @param quorum how many approvals a start and a decision need; with 0 a start needs no review. It may be lower than it
 * was at the last approval, so what is under review can have enough by now.
 */
export function legalActions(
  experiment: Pick<Experiment, 'status' | 'decision' | 'history' | 'reviews'>,
  quorum: number,
): readonly LifecycleAction[] {
  const { status, decision } = experiment
  const legal = LEGAL_ACTIONS[status]
  if (status === 'STOPPED') return decision === null ? ['record-decision'] : legal
  if (status === 'DRAFT' && quorum === 0) return [...legal, 'start']
  if (status === 'IN_REVIEW' && approvalsOf(experiment) >= quorum) return [...legal, 'start']
  return legal
}

/** Null if the experiment's status allows the action. */
export function refuseAction(
  experiment: Experiment,
  action: LifecycleAction,
  quorum: number,
): IllegalTransition | TooManyChanges | null {
  const legal = legalActions(experiment, quorum)
  if (!legal.includes(action)) {
    return { type: 'illegal-transition', action, from: experiment.status, legal }
  }
  if (experiment.revision >= MAX_REVISIONS && !ALWAYS_POSSIBLE.includes(action)) {
    return { type: 'too-many-changes', limit: MAX_REVISIONS }
  }
  return null
}

/** Who changes an experiment, when and why. */
export type ChangeFacts = {
  /** Epoch milliseconds. */
  readonly at: number
  readonly by: string
  readonly reason: string
}

/** The experiment after a change that leaves its status as it is. */
export function nextRevision(experiment: Experiment): Experiment {
  return { ...experiment, revision: experiment.revision + 1 }
}

/** The experiment in another status, with the next revision and the step in its history. Refuses nothing. */
export function moveTo(experiment: Experiment, to: ExperimentStatus, facts: ChangeFacts): Experiment {
  const { at, by, reason } = facts
  return {
    ...nextRevision(experiment),
    status: to,
    history: [...experiment.history, { from: experiment.status, to, at, by, reason }],
  }
}
