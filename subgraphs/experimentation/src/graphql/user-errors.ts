import type { ErrorDefinition } from '@bulkhead/service/errors'
import type { ExperimentRefusal } from '../domain/refusals.ts'
import { EXPERIMENTATION_ERRORS } from '../errors.ts'
import type { UserError } from './resolver-types.generated.ts'

/** Turns a refusal of the domain into the errors that a client reads. Nothing else does. */
export function toUserErrors(refusal: ExperimentRefusal): UserError[] {
  const errors = EXPERIMENTATION_ERRORS
  switch (refusal.type) {
    case 'invalid-input':
      return refusal.problems.map(({ path, message }) =>
        userError(errors.INVALID_INPUT, `${path.join('.')} ${message}.`, path),
      )
    case 'experiment-exists':
      return [userError(errors.EXPERIMENT_EXISTS, `An experiment "${refusal.key}" exists already.`, ['key'])]
    case 'experiment-not-found':
      return [userError(errors.EXPERIMENT_NOT_FOUND, 'There is no experiment with this key.', ['key'])]
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
          `Cannot ${refusal.action} an experiment that is ${refusal.from} (it would become ${refusal.to}).`,
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
    case 'models-absent':
      return refusal.modelVersionIds.map((id) =>
        userError(
          errors.MODEL_VERSION_ABSENT,
          `Personalization has not told of a model version "${id}": register it there; if that was just now, start again in some seconds.`,
          ['key'],
        ),
      )
    case 'snapshot-full':
      return [
        userError(
          errors.SNAPSHOT_FULL,
          `The snapshot already lists ${refusal.limit} experiments, the highest number allowed.`,
          ['key'],
        ),
      ]
  }
}

function userError({ code }: ErrorDefinition, message: string, path: readonly string[]): UserError {
  return { code, message, path: [...path] }
}
