import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { DatastoreUnavailableError } from '@bulkhead/datastore/errors'
import { isDuplicateKey } from '@bulkhead/datastore/mongodb/errors'
import type { MongoDatastore } from '@bulkhead/datastore/mongodb/open'
import { inTransaction } from '@bulkhead/datastore/mongodb/transaction'
import type { StoredEvent } from '../../domain/stored-event.ts'
import { assertBatchSize } from '../batch-size.ts'
import { eventBlocks, withoutRepeatedIds } from '../event-blocks.ts'
import type { ExperimentationStore, ExposureRecord, IncomingEvent } from '../port.ts'
import type { Collections } from './collections.ts'

type RecordRow = { _id: string; o?: number; r?: number }

/** How long an event that another writer is storing at the same moment may take to become durable. */
const OTHER_WRITER_MS = 5_000
const PAUSE_MS = 20

export function createMongoEvents(
  datastore: MongoDatastore,
  {
    eventIds,
    eventBlocks: blocks,
    rejections,
    modelVersions,
  }: Pick<Collections, 'eventIds' | 'eventBlocks' | 'rejections' | 'modelVersions'>,
): Pick<ExperimentationStore, 'ingest' | 'reject' | 'exposureRecords' | 'modelVersionsByIds'> {
  /**
   * The newest change wins, in whatever order they arrive. The comparison is part of the update: with it in the filter,
   * of two changes that create the document at the same time, the newer one could be lost as a duplicate.
   */
  async function keepModelVersions(stored: readonly StoredEvent[]): Promise<void> {
    const updates = stored.flatMap((event) => {
      if (event.kind !== 'modelStageChanged') return []
      const { modelVersionId, to, change, artefactHash } = event
      const newest = { $literal: { _id: modelVersionId, stage: to, change, artefactHash } }
      const isNewer = { $lt: [{ $ifNull: ['$change', 0] }, change] }
      const update = [{ $replaceWith: { $cond: [isNewer, newest, '$$ROOT'] } }]
      return [{ updateOne: { filter: { _id: modelVersionId }, update, upsert: true } }]
    })
    if (updates.length > 0) await modelVersions.bulkWrite(updates)
  }

  /**
   * The ids and the blocks in one transaction, so that no id is there without its event. It fails as a whole where one of
   * the ids exists.
   */
  function insert(events: readonly IncomingEvent[]): Promise<unknown> {
    const ids = events.map(({ event, recordedAt }) => ({
      _id: event.eventId,
      o: Date.parse(event.occurredAt),
      r: recordedAt,
    }))
    const documents = eventBlocks(events).map((block) => ({
      ...block,
      _id: randomUUID(),
      unpositioned: true as const,
    }))
    return inTransaction(datastore, async (session) => {
      await eventIds.insertMany(ids, { session })
      await blocks.insertMany(documents, { session })
    })
  }

  /** Those of the events that are not durable yet. */
  async function withoutStored(events: readonly IncomingEvent[]): Promise<readonly IncomingEvent[]> {
    const ids = events.map(({ event }) => event.eventId)
    const stored = await eventIds
      .find({ _id: { $in: ids } }, { projection: { _id: 1 }, batchSize: ids.length + 1 })
      .toArray()
    const known = new Set(stored.map(({ _id }) => _id))
    return events.filter(({ event }) => !known.has(event.eventId))
  }

  return {
    async ingest(incoming) {
      assertBatchSize(incoming)
      const deadline = performance.now() + OTHER_WRITER_MS
      await keepModelVersions(incoming.map(({ event }) => event))
      let events = withoutRepeatedIds(incoming)
      while (events.length > 0) {
        try {
          await insert(events)
          return
        } catch (error) {
          if (!isDuplicateKey(error)) throw error
          const missing = await withoutStored(events)
          // What exists without being found is not acknowledged by a majority yet, and neither may it be here.
          if (missing.length === events.length) {
            if (performance.now() > deadline) {
              throw new DatastoreUnavailableError('MongoDB: an event is not durable yet', { cause: error })
            }
            await sleep(PAUSE_MS)
          }
          events = missing
        }
      }
    },

    async reject(refused) {
      assertBatchSize(refused)
      if (refused.length === 0) return
      const documents = refused.map((event) => ({
        ...event,
        ...(event.eventId !== null && { _id: event.eventId }),
      }))
      try {
        await rejections.insertMany(documents, { ordered: false })
      } catch (error) {
        if (!isDuplicateKey(error)) throw error
      }
    },

    async exposureRecords(ids) {
      const records = new Map<string, ExposureRecord>()
      if (ids.length === 0) return records
      const rows = await eventIds
        .aggregate<RecordRow>(
          [
            { $match: { _id: { $in: ids } } },
            {
              $unionWith: {
                coll: rejections.collectionName,
                pipeline: [{ $match: { _id: { $in: ids } } }, { $project: { _id: 1 } }],
              },
            },
          ],
          // Everything in the first batch, so that no second round trip follows.
          { batchSize: 2 * ids.length + 1 },
        )
        .toArray()
      for (const { _id, o: occurredAt, r: recordedAt } of rows) {
        if (occurredAt !== undefined && recordedAt !== undefined) {
          records.set(_id, { type: 'recorded', occurredAt, recordedAt })
        } else if (!records.has(_id)) {
          records.set(_id, { type: 'rejected' })
        }
      }
      return records
    },

    async modelVersionsByIds(ids) {
      const documents = await modelVersions.find({ _id: { $in: [...ids] } }).toArray()
      return documents.map(({ _id, ...fields }) => ({ id: _id, ...fields }))
    },
  }
}
