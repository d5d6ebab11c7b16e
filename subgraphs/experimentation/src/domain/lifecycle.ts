import type { Experiment, ExperimentStatus } from './experiment.ts'

type Step = { readonly from: readonly ExperimentStatus[]; readonly to: ExperimentStatus }

/** Every step that an experiment can take. STOPPED is final as long as there are no decisions. */
export const LIFECYCLE_STEPS = {
  start: { from: ['DRAFT'], to: 'RUNNING' },
  pause: { from: ['RUNNING'], to: 'PAUSED' },
  resume: { from: ['PAUSED'], to: 'RUNNING' },
  stop: { from: ['RUNNING', 'PAUSED'], to: 'STOPPED' },
} as const satisfies Record<string, Step>

export type LifecycleAction = keyof typeof LIFECYCLE_STEPS

export type IllegalTransition = {
  readonly type: 'illegal-transition'
  readonly action: LifecycleAction
  readonly from: ExperimentStatus
  readonly to: ExperimentStatus
}

type TransitionResult = { readonly type: 'moved'; readonly experiment: Experiment } | IllegalTransition

/**
 * The experiment after the step, with the next revision. The version stays the same, because no step changes
 * assignments: a resumed experiment gives every unit the variant that it had.
 * @param input.at epoch milliseconds
 * @param input.by who takes the step
 */
export function transition(
  experiment: Experiment,
  action: LifecycleAction,
  input: { readonly at: number; readonly by: string; readonly reason: string },
): TransitionResult {
  const step: Step = LIFECYCLE_STEPS[action]
  const { status: from } = experiment
  const { to } = step
  if (!step.from.includes(from)) return { type: 'illegal-transition', action, from, to }
  return {
    type: 'moved',
    experiment: {
      ...experiment,
      status: to,
      revision: experiment.revision + 1,
      startedAt: action === 'start' ? input.at : experiment.startedAt,
      stoppedAt: action === 'stop' ? input.at : experiment.stoppedAt,
      history: [...experiment.history, { from, to, ...input }],
    },
  }
}
