import { ignoreDuplicates } from '@bulkhead/datastore/mongodb/ignore'
import type { MongoClient } from '@bulkhead/datastore/mongodb/open'
import type { StoredEvent } from '../../domain/stored-event.ts'
import { assertBatchSize } from '../batch-size.ts'
import { isErasedBody, unitsOfBody } from '../erased-bodies.ts'
import { withoutRepeatedIds } from '../event-blocks.ts'
import type { ExperimentationStore, ExposureRecord } from '../port.ts'
import { splitErasures } from '../unit-erasures.ts'
import type { Collections } from './collections.ts'
import { eraseLate, keepErasures, withoutErased } from './erasures.ts'
import { storing } from './event-claims.ts'
import { createKnownErasures } from './known-erasures.ts'

type RecordRow = { _id: string; o?: number; r?: number }

export function createMongoEvents(
  client: MongoClient,
  collections: Pick<
    Collections,
    'eventIds' | 'eventBlocks' | 'voidBlocks' | 'rejections' | 'modelVersions' | 'erasures' | 'erasureMark'
  >,
): Pick<ExperimentationStore, 'ingest' | 'reject' | 'exposureRecords' | 'modelVersionsByIds'> {
  const { eventIds, eventBlocks, voidBlocks, rejections, modelVersions } = collections
  const known = createKnownErasures(client, collections)

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

  return {
    async ingest(incoming) {
      assertBatchSize(incoming)
      await keepModelVersions(incoming.map(({ event }) => event))
      const { erasures, events: all } = splitErasures(incoming)
      await keepErasures(collections, erasures)
      const events = withoutRepeatedIds(all)
      if (events.length === 0) return
      const kept = await withoutErased(known, events)
      await client.withSession({ causalConsistency: true }, async (session) => {
        for await (const _ of storing({ eventIds, eventBlocks, voidBlocks }, session, kept));
        await eraseLate(collections, known, session, events)
      })
    },

    async reject(refused) {
      assertBatchSize(refused)
      if (refused.length === 0) return
      const units = refused.flatMap(({ body }) => unitsOfBody(body))
      const erased = await known.find(units)
      const documents = refused.map((event) => ({
        ...event,
        ...(isErasedBody(event.body, erased) && { body: '' }),
        ...(event.eventId !== null && { _id: event.eventId }),
      }))
      await rejections.insertMany(documents, { ordered: false }).catch(ignoreDuplicates)
    },

    async exposureRecords(ids) {
      const records = new Map<string, ExposureRecord>()
      if (ids.length === 0) return records
      const rows = await eventIds
        .aggregate<RecordRow>(
          [
            { $match: { _id: { $in: ids } } },
            // An id without its block is only claimed.
            {
              $lookup: {
                from: eventBlocks.collectionName,
                localField: 'b',
                foreignField: '_id',
                pipeline: [{ $match: { count: { $gt: 0 } } }, { $project: { _id: 1 } }],
                as: 'block',
              },
            },
            { $match: { 'block.0': { $exists: true } } },
            { $project: { o: 1, r: 1 } },
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
