import { PERSONALIZATION_ERRORS } from '../errors.ts'
import type { InteractionRefusal } from '../services/interaction-service.ts'
import type { UserError } from './resolver-types.generated.ts'

/** The one place where a refusal becomes what clients see of it. */
export function toUserError(refusal: InteractionRefusal): UserError {
  const { code, meaning, whatToDo } = PERSONALIZATION_ERRORS[refusal.code]
  const path = ['interactions']
  if (refusal.index !== null) path.push(String(refusal.index))
  if (refusal.field !== null) path.push(refusal.field)
  return { code, message: `${meaning} ${whatToDo}`, path }
}
