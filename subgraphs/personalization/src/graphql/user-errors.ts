import { PERSONALIZATION_ERRORS } from '../errors.ts'
import type { InteractionRefusal } from '../services/interaction-service.ts'
import type { UserError } from './resolver-types.generated.ts'

/** The one place where a refusal becomes what clients see of it. */
function userError(refused: keyof typeof PERSONALIZATION_ERRORS, path: string[]): UserError {
  const { code, meaning, whatToDo } = PERSONALIZATION_ERRORS[refused]
  return { code, message: `${meaning} ${whatToDo}`, path }
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
