import { isDuplicateKey } from '@bulkhead/datastore/mongodb/errors'
import type { Collection, Document, Filter } from '@bulkhead/datastore/mongodb/open'

/**
 * Keeps a document, unless a newer one is kept already; of writes at the same time the newest stays.
 * @param older matches the document's id and an older one
 * @param fields what is kept, and what makes it newer
 */
export async function keepNewer<Row extends Document>(
  collection: Collection<Row>,
  older: Filter<Row>,
  fields: Partial<Row>,
): Promise<void> {
  try {
    await collection.updateOne(older, { $set: fields }, { upsert: true })
  } catch (error) {
    if (!isDuplicateKey(error)) throw error
    // One is kept: a newer one, or one that another write has just inserted, which may be older.
    await collection.updateOne(older, { $set: fields })
  }
}
