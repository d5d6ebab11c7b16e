import { createGroupCommit, type GroupCommit } from '@bulkhead/datastore/group-commit'
import type { DatastoreLog } from '@bulkhead/datastore/log'
import type { Collection } from '@bulkhead/datastore/mongodb/open'
import { type CallLimit, MAX_ROWS_PER_CALL, MAX_WAITING_BATCHES } from '../limits.ts'
import type { PersonalizationStore } from '../port.ts'
import { type createMongoBulkImport, noteUncounted } from './bulk-import.ts'
import {
  type Collections,
  candidatesOf,
  type InteractionDocument,
  outboxOf,
  readSlate,
  writeInteraction,
  writeSlate,
} from './collections.ts'
import { insertNew, knownIds } from './insert-new.ts'
import { countFirstUses } from './popularity.ts'

/** A slate holds up to 500 items: a batch of them stays below the 48 MB of one message. */
const MAX_SLATES_PER_BATCH = 100

type RecordingMethods = Pick<
  PersonalizationStore,
  'recordInteractions' | 'importInteractions' | 'saveSlate' | 'slatesByIds' | 'expireSlates'
> & { drain(): Promise<void> }

/**
 * What serving writes. Everything that arrives in one turn of the event loop is one unordered insert, without a
 * transaction. The events to deliver are part of the slate's or interaction's own document, so they become durable with
 * it.
 */
export function createMongoRecording(
  collections: Collections,
  limit: CallLimit,
  bulkImport: Pick<ReturnType<typeof createMongoBulkImport>, 'isDeferring' | 'noteChange'>,
  log: Pick<DatastoreLog, 'warn'> | undefined,
): RecordingMethods {
  const { interactions, slates } = collections
  const interactionCommits = groupInserts(interactions, MAX_ROWS_PER_CALL, countPopularity)
  const slateCommits = groupInserts(slates, MAX_SLATES_PER_BATCH)

  /**
   * Separate writes after the interactions: who has consumed what, and a count for each that was new. A crash or an
   * outage in between loses these counts, which is accepted: popularity is a heuristic, and interactions that are stored
   * must not be refused because of it.
   */
  async function countPopularity(inserted: readonly InteractionDocument[]): Promise<void> {
    try {
      if (!(await countFirstUses(collections, inserted))) await noteUncounted(collections)
    } catch (error) {
      const details = { err: error, interactions: inserted.length }
      log?.warn(details, 'popularity of stored interactions was not counted')
    }
  }

  /** Then rows are looked up first: to refuse a known one costs the server several times as much as to find it. */
  let mostAreKnown = false

  async function insertUnknown(documents: readonly InteractionDocument[]) {
    let unknown = documents
    if (mostAreKnown) {
      const ids = documents.map(({ _id }) => _id)
      const known = await knownIds(interactions, ids)
      unknown = documents.filter(({ _id }) => !known.has(_id))
    }
    const inserted = await insertNew(interactions, unknown)
    mostAreKnown = inserted.length < documents.length / 2
    return inserted
  }

  return {
    async recordInteractions(records) {
      const documents = records.map(({ interaction, events }): InteractionDocument => {
        return { ...writeInteraction(interaction), ...outboxOf(events) }
      })
      await Promise.all(documents.map((document) => interactionCommits.add(document)))
    },

    async importInteractions(rows) {
      limit.assert('importInteractions', rows)
      const documents = rows.map(writeInteraction)
      if (!bulkImport.isDeferring()) {
        const inserted = await insertUnknown(documents)
        await countPopularity(inserted)
        return inserted.length
      }
      const inserted = await insertUnknown(documents.map((one) => ({ ...one, imported: true })))
      await bulkImport.noteChange()
      return inserted.length
    },

    async saveSlate(slate, events, candidates = null) {
      await slateCommits.add({ ...writeSlate(slate), ...candidatesOf(candidates), ...outboxOf(events) })
    },

    async slatesByIds(ids) {
      const documents = await slates
        .find(
          { _id: { $in: [...ids] } },
          { projection: { outbox: 0, candidates: 0 }, batchSize: ids.length + 1 },
        )
        .toArray()
      return documents.map(readSlate)
    },

    // Not by a TTL index: it would take the events that a slate holds until they are delivered.
    async expireSlates({ before, limit }) {
      const old = await slates
        .find({ createdAt: { $lt: before }, outbox: { $exists: false } }, { projection: { _id: 1 } })
        .sort({ createdAt: 1 })
        .limit(limit)
        .batchSize(limit + 1)
        .toArray()
      if (old.length === 0) return 0
      const { deletedCount } = await slates.deleteMany({ _id: { $in: old.map(({ _id }) => _id) } })
      return deletedCount
    },

    async drain() {
      await Promise.all([interactionCommits.drain(), slateCommits.drain()])
    },
  }
}

function groupInserts<Document extends { readonly _id: string }>(
  collection: Collection<Document>,
  maxBatch: number,
  afterwards?: (inserted: readonly Document[]) => Promise<void>,
): GroupCommit<Document, undefined> {
  return createGroupCommit<Document, undefined>({
    async commit(batch) {
      const inserted = await insertNew(collection, batch)
      await afterwards?.(inserted)
      return batch.map(() => undefined)
    },
    maxBatch,
    maxQueue: MAX_WAITING_BATCHES * maxBatch,
  })
}
