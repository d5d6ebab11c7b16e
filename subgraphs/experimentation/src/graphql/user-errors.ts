import type { ErrorDefinition } from '@bulkhead/service/errors'
import { describeProblem } from '../domain/input-problems.ts'
import type { LifecycleAction } from '../domain/lifecycle.ts'
import type { PlanGap } from '../domain/plan/analysis-plan.ts'
import type { ExperimentRefusal } from '../domain/refusals.ts'
import { EXPERIMENTATION_ERRORS } from '../errors.ts'
import { describeRefusal } from '../services/analyses/describe-refusal.ts'
import type { RunRefusal } from '../services/analyses/stored-run.ts'
import type { UserError } from './resolver-types.generated.ts'

/** Turns a refusal of the domain into the errors that a client reads. Nothing else does. */
export function toUserErrors(refusal: ExperimentRefusal | RunRefusal): UserError[] {
  const errors = EXPERIMENTATION_ERRORS
  switch (refusal.type) {
    case 'invalid-input':
      return refusal.problems.map((problem) =>
        userError(errors.INVALID_INPUT, `${describeProblem(problem)}.`, problem.path),
      )
    case 'experiment-exists':
      return [userError(errors.EXPERIMENT_EXISTS, `An experiment "${refusal.key}" exists already.`, ['key'])]
    case 'experiment-not-found':
      return toUserErrors({ type: 'unknown-experiment' })
    case 'unknown-experiment':
      return [userError(errors.EXPERIMENT_NOT_FOUND, describeRefusal(refusal), ['key'])]
    case 'revision-conflict':
      return [
        userError(
          errors.REVISION_CONFLICT,
          `The experiment is at revision ${refusal.current}, not ${refusal.sent}: read it again first.`,
          ['revision'],
        ),
      ]
    case 'illegal-transition':
      return [
        userError(
          errors.ILLEGAL_TRANSITION,
          `${ACTION_NAMES[refusal.action]} is not possible for an experiment that is ${refusal.from}; possible: ${describeActions(refusal.legal)}.`,
          ['key'],
        ),
      ]
    case 'own-work':
      return [
        userError(
          errors.OWN_WORK,
          refusal.what === 'experiment'
            ? 'You have written this experiment: somebody else has to review it.'
            : 'You have made this decision: somebody else has to review it.',
          ['key'],
        ),
      ]
    case 'bootstrap-own-work':
      return [
        userError(errors.OWN_WORK, 'You have made this decision: somebody else has to review it.', [
          'modelVersionId',
        ]),
      ]
    case 'bootstrap-not-found':
      return [
        userError(
          errors.BOOTSTRAP_NOT_FOUND,
          `No bootstrap decision about "${refusal.modelVersionId}" has been recorded.`,
          ['modelVersionId'],
        ),
      ]
    case 'bootstrap-not-in-review':
      return [
        userError(
          errors.BOOTSTRAP_NOT_IN_REVIEW,
          `The decision is ${refusal.status}: record another one first.`,
          ['modelVersionId'],
        ),
      ]
    case 'bootstrap-revision-conflict':
      return [
        userError(
          errors.REVISION_CONFLICT,
          `The decision is at revision ${refusal.current}, not ${refusal.sent}: read it again first.`,
          ['revision'],
        ),
      ]
    case 'bootstrap-final':
      return [
        userError(
          errors.BOOTSTRAP_FINAL,
          `The bootstrap decision about "${refusal.modelVersionId}" is signed, and still counts: it does not change.`,
          ['modelVersionId'],
        ),
      ]
    case 'bootstrap-unreadable':
      return [
        userError(
          errors.BOOTSTRAP_UNREADABLE,
          `The bootstrap decision about "${refusal.modelVersionId}" cannot be read from the datastore.`,
          ['modelVersionId'],
        ),
      ]
    case 'too-many-bootstraps':
      return [
        userError(
          errors.BOOTSTRAP_LIMIT,
          `There are ${refusal.limit} bootstrap decisions already, the highest number allowed.`,
          ['modelVersionId'],
        ),
      ]
    case 'model-not-evaluated':
      return [
        userError(
          errors.MODEL_NOT_EVALUATED,
          refusal.stage === null
            ? `Personalization has not reported a model version "${refusal.modelVersionId}".`
            : `"${refusal.modelVersionId}" is ${refusal.stage}, not EVALUATED.`,
          ['modelVersionId'],
        ),
      ]
    case 'model-shipped':
      return [
        userError(
          errors.MODEL_SHIPPED,
          `The experiment "${refusal.experimentKey}" ended with SHIP: from then on experiments decide.`,
          ['modelVersionId'],
        ),
      ]
    case 'artefact-changed':
      return [
        userError(
          errors.ARTEFACT_CHANGED,
          `"${refusal.modelVersionId}" has another artefact now than the one that was decided on.`,
          ['modelVersionId'],
        ),
      ]
    case 'already-approved':
      return [userError(errors.ALREADY_APPROVED, 'You have approved this already.', ['approved'])]
    case 'approvals-missing':
      return [
        userError(
          errors.APPROVALS_MISSING,
          `The experiment has ${refusal.approvals} of ${refusal.needed} approvals.`,
          ['key'],
        ),
      ]
    case 'frozen':
      return refusal.fields.map((field) =>
        userError(errors.FROZEN, `The ${field} cannot be changed after the start.`, [field]),
      )
    case 'plan-incomplete':
      return refusal.gaps.map((gap) => userError(errors.PLAN_INCOMPLETE, GAP_MESSAGES[gap], ['key']))
    case 'too-many-changes':
      return [
        userError(
          errors.TOO_MANY_CHANGES,
          `The experiment has been changed ${refusal.limit} times, the highest number allowed.`,
          ['key'],
        ),
      ]
    case 'too-many-reviews':
      return [
        userError(
          errors.TOO_MANY_CHANGES,
          `The reviews of the experiment would take more than ${refusal.limit} octets: create another experiment.`,
          ['key'],
        ),
      ]
    case 'parameter-conflicts':
      return refusal.conflicts.map(({ experimentKey, parameters }) =>
        userError(
          errors.PARAMETER_CONFLICT,
          `"${experimentKey}" also sets ${parameters.join(', ')} for the same units.`,
          ['key'],
        ),
      )
    case 'layer-conflict':
      return refusal.holders.map(({ experimentKey, from, to }) =>
        userError(
          errors.LAYER_CONFLICT,
          `"${experimentKey}" holds ${from} to ${to} of the layer "${refusal.layer}".`,
          ['layerRange'],
        ),
      )
    case 'prerequisites-unresolvable':
      return [
        userError(
          errors.PREREQUISITE_UNRESOLVABLE,
          refusal.problem === 'missing'
            ? `It needs what is not running, or variants that are not there: ${refusal.experimentKeys.join(', ')}.`
            : `What it needs makes a circle, or a chain that is too long: ${refusal.experimentKeys.join(', ')}.`,
          ['prerequisites'],
        ),
      ]
    case 'prerequisite-in-use':
      return [
        userError(errors.PREREQUISITE_IN_USE, `Others need it: ${refusal.experimentKeys.join(', ')}.`, [
          'key',
        ]),
      ]
    case 'group-in-use':
      return [
        userError(
          errors.SAVED_GROUP_IN_USE,
          `Stopped experiments target by it: ${refusal.experimentKeys.join(', ')}.`,
          ['key'],
        ),
      ]
    case 'never-started':
      return [userError(errors.EXPERIMENT_NOT_STARTED, describeRefusal(refusal), ['key'])]
    case 'cutoff-in-future':
      return [userError(errors.INVALID_INPUT, describeRefusal(refusal), ['cutoff'])]
    case 'unusable-plan':
      return [userError(errors.PLAN_NOT_COMPUTABLE, describeRefusal(refusal), ['key'])]
    case 'events-erased':
      return [userError(errors.EVENTS_ERASED, `${refusal.message}.`, ['key'])]
    case 'sum-overflow':
      return [userError(errors.SUM_OVERFLOW, `${refusal.message}.`, ['key'])]
    case 'analysis-too-large':
      return [
        userError(
          errors.ANALYSIS_TOO_LARGE,
          `The analysis would take ${refusal.bytes} octets; at most ${refusal.limit} are stored.`,
          ['key'],
        ),
      ]
    case 'analysis-running':
      return [
        userError(
          errors.ANALYSIS_RUNNING,
          `The analysis takes longer than ${refusal.waitedMs / 1_000} s. It goes on: send the same again, or read \`results\` later.`,
          ['key'],
        ),
      ]
    case 'analyses-overloaded':
      return [
        userError(
          errors.ANALYSES_OVERLOADED,
          `${refusal.limit} analyses are waiting already, the highest number allowed: try again later.`,
          [],
        ),
      ]
    case 'models-absent':
      return refusal.modelVersionIds.map((id) =>
        userError(
          errors.MODEL_VERSION_ABSENT,
          `Personalization has not reported a model version "${id}": register it there; if that was just now, start again in some seconds.`,
          ['key'],
        ),
      )
    case 'model-retired':
      return [
        userError(
          errors.MODEL_RETIRED,
          `The model version "${refusal.modelVersionId}" is RETIRED, so it cannot be shipped: decide otherwise.`,
          ['modelVersionId'],
        ),
      ]
    case 'snapshot-full':
      return [
        userError(
          errors.SNAPSHOT_FULL,
          `The snapshot already lists ${refusal.limit} experiments, the highest number allowed.`,
          ['key'],
        ),
      ]
    case 'snapshot-too-large':
      return [
        userError(
          errors.SNAPSHOT_TOO_LARGE,
          `The snapshot would take ${refusal.bytes} octets; at most ${refusal.limit} are allowed.`,
          ['key'],
        ),
      ]
  }
}

const GAP_MESSAGES: Readonly<Record<PlanGap, string>> = {
  metrics: 'The experiment has no metrics: name some, or say so with `plan.noAnalysis`.',
  plannedSampleSize:
    'The plan has no `plannedSampleSize`: `powerAnalysis` says how many units are needed, as does `npm run experimentation -- power`.',
  looks: 'The plan has no `looks`: say how often results are looked at.',
}

/** The mutation that takes each step. */
const ACTION_NAMES: Readonly<Record<LifecycleAction, string>> = {
  edit: 'updateExperiment',
  submit: 'submitForReview',
  review: 'reviewExperiment',
  start: 'startExperiment',
  pause: 'pauseExperiment',
  resume: 'resumeExperiment',
  stop: 'stopExperiment',
  'record-decision': 'recordDecision',
  'review-decision': 'reviewDecision',
  archive: 'archiveExperiment',
}

function describeActions(actions: readonly LifecycleAction[]): string {
  return actions.length === 0 ? 'nothing' : actions.map((action) => ACTION_NAMES[action]).join(', ')
}

function userError({ code }: ErrorDefinition, message: string, path: readonly string[]): UserError {
  return { code, message, path: [...path] }
}
