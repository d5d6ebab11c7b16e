import { createGroupCommit, type GroupCommit } from '@bulkhead/datastore/group-commit'
import type { DatastoreLog } from '@bulkhead/datastore/log'
import type { Collection } from '@bulkhead/datastore/mongodb/open'
import type { Slate } from '../../domain/slate.ts'
import { type CallLimit, MAX_ROWS_PER_CALL, MAX_WAITING_BATCHES } from '../limits.ts'
import type { PersonalizationStore } from '../port.ts'
import { readAttributes, writeAttributes } from '../stored-json.ts'
import { consumedItems } from '../write-rules.ts'
import {
  type Collections,
  type InteractionDocument,
  outboxOf,
  readInteraction,
  type SlateDocument,
  writeInteraction,
} from './collections.ts'
import { insertNew } from './insert-new.ts'

/** A slate holds up to 500 items: a batch of them stays below the 48 MB of one message. */
const MAX_SLATES_PER_BATCH = 100

type RecordingMethods = Pick<
  PersonalizationStore,
  'recordInteractions' | 'importInteractions' | 'saveSlate' | 'slatesByIds'
> & { drain(): Promise<void> }

/**
 * What serving writes. Everything that arrives in one turn of the event loop is one unordered insert, without a
 * transaction. The events to deliver are part of the slate's or interaction's own document, so they become durable with
 * it.
 */
export function createMongoRecording(
  { interactions, slates, popularity }: Collections,
  limit: CallLimit,
  log: Pick<DatastoreLog, 'warn'> | undefined,
): RecordingMethods {
  const interactionCommits = groupInserts(interactions, MAX_ROWS_PER_CALL, countPopularity)
  const slateCommits = groupInserts(slates, MAX_SLATES_PER_BATCH)

  /**
   * A separate write after the interactions. A crash or an outage between the two loses these counts, which is
   * accepted: popularity is a heuristic, and interactions that are stored must not be refused because of it.
   */
  async function countPopularity(inserted: readonly InteractionDocument[]): Promise<void> {
    const counts = consumedItems(inserted.map(readInteraction))
    if (counts.size === 0) return
    const operations = [...counts].map(([itemId, count]) => ({
      updateOne: { filter: { _id: itemId }, update: { $inc: { interactions: count } }, upsert: true },
    }))
    try {
      await popularity.bulkWrite(operations, { ordered: false })
    } catch (error) {
      log?.warn({ err: error, items: counts.size }, 'popularity of stored interactions was not counted')
    }
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
      const inserted = await insertNew(interactions, rows.map(writeInteraction))
      await countPopularity(inserted)
      return inserted.length
    },

    async saveSlate(slate, events) {
      await slateCommits.add({ ...writeSlate(slate), ...outboxOf(events) })
    },

    async slatesByIds(ids) {
      const documents = await slates
        .find({ _id: { $in: [...ids] } }, { projection: { outbox: 0 }, batchSize: ids.length + 1 })
        .toArray()
      return documents.map(readSlate)
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

function writeSlate({ id, attributes, ...fields }: Slate): SlateDocument {
  return { _id: id, ...fields, attributes: writeAttributes(attributes) }
}

function readSlate({ _id, outbox: _, attributes, producer = null, ...fields }: SlateDocument): Slate {
  return { id: _id, ...fields, attributes: readAttributes(attributes), producer }
}
