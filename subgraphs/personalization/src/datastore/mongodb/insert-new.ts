import { DatastoreUnavailableError } from '@bulkhead/datastore/errors'
import type { Collection } from '@bulkhead/datastore/mongodb'
import { isDuplicateKey } from '@bulkhead/datastore/mongodb-errors'
import { MongoBulkWriteError, type OptionalUnlessRequiredId } from 'mongodb'

/**
 * One unordered insert that leaves documents alone whose `_id` is there already; no transaction.
 *
 * @returns the documents that are new, in their order. When it resolves all of them are durable, the ones that were
 * there before included: the server waits for the write concern at the newest operation it knows, duplicates or not.
 */
export async function insertNew<Document extends { readonly _id: string }>(
  collection: Collection<Document>,
  documents: readonly Document[],
): Promise<readonly Document[]> {
  if (documents.length === 0) return []
  try {
    await collection.insertMany([...documents] as OptionalUnlessRequiredId<Document>[], { ordered: false })
    return documents
  } catch (error) {
    if (!(error instanceof MongoBulkWriteError) || !isDuplicateKey(error)) throw error
    const unacknowledged = error.result.getWriteConcernError()
    if (unacknowledged !== undefined) {
      throw new DatastoreUnavailableError(`MongoDB: ${unacknowledged.errmsg}`, { cause: error })
    }
    const duplicates = new Set([error.writeErrors].flat().map(({ index }) => index))
    return documents.filter((_, index) => !duplicates.has(index))
  }
}
