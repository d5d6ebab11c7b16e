import { identifierSchema } from '@bulkhead/contracts'

/**
 * Loads the entity that a representation names. Representations reach resolvers as they came over the wire, whatever the
 * schema says of their keys: an id that cannot be one gives null, and the other entities of the batch are unaffected.
 */
export function byReference<T>(id: unknown, load: (id: string) => T): T | null {
  const parsed = identifierSchema.safeParse(id)
  return parsed.success ? load(parsed.data) : null
}
