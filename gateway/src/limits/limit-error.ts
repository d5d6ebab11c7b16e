import { type ErrorDefinition, type ServiceError, serviceError } from '@bulkhead/service/errors'

/** @param label names what is limited, as the beginning of a sentence */
export function limitError(
  definition: ErrorDefinition,
  label: string,
  limit: { readonly name: string; readonly max: number; readonly measured: number },
): ServiceError {
  const message = `${label} ${limit.measured} exceeds the limit of ${limit.max}.`
  return serviceError(definition, message, { limit })
}
