import type { ErrorDefinition } from '@bulkhead/service/errors'
import type { ExperimentRefusal } from '../domain/refusals.ts'
import { EXPERIMENTATION_ERRORS } from '../errors.ts'
import type { UserError } from './resolver-types.generated.ts'

/** The one place where a refusal of the domain becomes what a client reads. */
export function toUserErrors(refusal: ExperimentRefusal): UserError[] {
  const errors = EXPERIMENTATION_ERRORS
  switch (refusal.type) {
    case 'invalid-input':
      return refusal.problems.map(({ path, message }) =>
        userError(errors.INVALID_INPUT, `${path.join('.')} ${message}.`, path),
      )
    case 'experiment-exists':
      return [
        userError(errors.EXPERIMENT_EXISTS, `There is an experiment "${refusal.key}" already.`, ['key']),
      ]
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
          `An experiment that is ${refusal.from} cannot ${refusal.action} (become ${refusal.to}).`,
          ['key'],
        ),
      ]
    case 'parameter-conflicts':
      return refusal.conflicts.map(({ experimentKey, parameters }) =>
        userError(
          errors.PARAMETER_CONFLICT,
          `"${experimentKey}" reaches the same units and sets ${parameters.join(', ')} too.`,
          ['key'],
        ),
      )
    case 'snapshot-full':
      return [
        userError(errors.SNAPSHOT_FULL, `The snapshot lists ${refusal.limit} experiments, its most.`, [
          'key',
        ]),
      ]
  }
}

function userError({ code }: ErrorDefinition, message: string, path: readonly string[]): UserError {
  return { code, message, path: [...path] }
}
