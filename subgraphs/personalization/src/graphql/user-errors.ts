import { PERSONALIZATION_ERRORS } from '../errors.ts'
import type { InteractionRefusal } from '../services/interaction-service.ts'
import type { PathRefusal } from '../services/model-path-service.ts'
import type { UserError } from './resolver-types.generated.ts'

/** The one place where a refusal becomes what clients see of it. */
function userError(
  refused: keyof typeof PERSONALIZATION_ERRORS,
  path: string[],
  detail: string | null = null,
): UserError {
  const { code, meaning, whatToDo } = PERSONALIZATION_ERRORS[refused]
  return { code, message: [meaning, detail, whatToDo].filter((part) => part !== null).join(' '), path }
}

export function toPathError(refusal: PathRefusal): UserError {
  switch (refusal.type) {
    case 'unknown-version':
      return userError('UNKNOWN_MODEL_VERSION', ['id'])
    case 'unknown-artefact':
      return userError('UNKNOWN_ARTEFACT', ['artefactHash'])
    case 'damaged-artefact': {
      const { id, expected, actual } = refusal
      return userError('DAMAGED_ARTEFACT', ['artefactHash'], `Of ${id} it is ${actual}, not ${expected}.`)
    }
    case 'invalid-reason':
      return userError('INVALID_REASON', ['reason'])
    case 'illegal-step': {
      const { id, from, legal } = refusal
      const steps = legal.length === 0 ? 'no step' : `steps to ${legal.join(', ')}`
      return userError('ILLEGAL_STEP', ['to'], `From ${from}, ${id} has ${steps}.`)
    }
    case 'gate':
      return userError('GATE_NOT_PASSED', ['to'], `Of ${refusal.id}: ${refusal.missing.join('; ')}.`)
    case 'not-in-production': {
      const { id, current } = refusal
      const serves = current === null ? 'no version is' : `${current} is`
      return userError('NOT_IN_PRODUCTION', ['expectedCurrent'], `${id} is not, ${serves}.`)
    }
    case 'conflict':
      return userError('STAGE_CONFLICT', [])
  }
}

export function invalidIdentifier(path: string[]): UserError {
  return userError('INVALID_IDENTIFIER', path)
}

export function toUserError(refusal: InteractionRefusal): UserError {
  const path = ['interactions']
  if (refusal.index !== null) path.push(String(refusal.index))
  if (refusal.field !== null) path.push(refusal.field)
  return userError(refusal.code, path)
}
