import { identifierSchema, keySchema } from '@bulkhead/contracts'
import { serviceError } from '@bulkhead/service/errors'
import { z } from 'zod'
import { EXPERIMENTATION_ERRORS } from '../errors.ts'
import type { SlateParent, UserParent } from './parents.ts'

/*
 * Nothing checks the keys of representations against the schema before they get here. With an invalid key the entity is
 * null, and the other entities of the batch are not affected.
 */

export function readExperimentKey(key: unknown): string | null {
  return keySchema.safeParse(key).data ?? null
}

export function readUserReference(id: unknown): UserParent | null {
  const parsed = identifierSchema.safeParse(id)
  return parsed.success ? { id: parsed.data } : null
}

/** @throws ServiceError INVALID_EXPOSURE_CONTEXT if the exposure context is not text */
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
