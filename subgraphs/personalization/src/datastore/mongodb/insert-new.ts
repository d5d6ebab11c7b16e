import { duplicateIndexes } from '@bulkhead/datastore/mongodb/errors'
import type { ClientSession, Collection, Filter } from '@bulkhead/datastore/mongodb/open'

/**
 * Inserts the documents whose `_id` is new and leaves the existing ones as they are. One unordered insert, no
 * transaction.
 *
 * @returns the documents that were new, in their order. When it resolves, all documents are durable, including those
 *   that were there before: even where it inserts nothing, the server waits until its newest operation meets the write
 *   concern
 */
export async function insertNew<Document extends { readonly _id: unknown }>(
  collection: Collection<Document>,
  documents: readonly Document[],
): Promise<readonly Document[]> {
  if (documents.length === 0) return []
  // The driver's types depend on whether `_id` may be left out, which TypeScript cannot tell for a type parameter.
  const rows = [...documents] as unknown as Parameters<typeof collection.insertMany>[0]
  const known = await collection.insertMany(rows, { ordered: false }).then(() => [], duplicateIndexes)
  const refused = new Set(known)
  return documents.filter((_, index) => !refused.has(index))
}

/** Those of the ids that the collection has. */
export async function knownIds<Document extends { readonly _id: string }>(
  collection: Collection<Document>,
  ids: readonly string[],
  session?: ClientSession,
): Promise<ReadonlySet<string>> {
  const those = { _id: { $in: ids } } as Filter<Document>
  const options = { batchSize: ids.length + 1, ...(session && { session }) }
  const found = await collection.find(those, options).project<{ readonly _id: string }>({ _id: 1 }).toArray()
  return new Set(found.map(({ _id }) => _id))
}
