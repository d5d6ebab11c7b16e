import { identifierSchema, keySchema } from '@bulkhead/contracts'
import { serviceError } from '@bulkhead/service/errors'
import { z } from 'zod'
import { EXPERIMENTATION_ERRORS } from '../errors.ts'
import type { SlateParent, UserParent } from './parents.ts'

/*
 * Representations reach resolvers as they came over the wire, whatever the schema says of their keys. A key that cannot
 * be one names nothing: its entity is null, and no other entity of the batch suffers.
 */

export function readExperimentKey(key: unknown): string | null {
  return keySchema.safeParse(key).data ?? null
}

export function readUserReference(id: unknown): UserParent | null {
  const parsed = identifierSchema.safeParse(id)
  return parsed.success ? { id: parsed.data } : null
}

/** @throws ServiceError INVALID_EXPOSURE_CONTEXT where a slate comes without text in its place */
export function readSlateReference(reference: {
  readonly id: unknown
  readonly exposureContext: unknown
}): SlateParent | null {
  const id = identifierSchema.safeParse(reference.id)
  if (!id.success) return null
  const exposureContext = z.string().safeParse(reference.exposureContext)
  if (!exposureContext.success) throw serviceError(EXPERIMENTATION_ERRORS.INVALID_EXPOSURE_CONTEXT)
  return { id: id.data, exposureContext: exposureContext.data }
}
