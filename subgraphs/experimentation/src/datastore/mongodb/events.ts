import { ignoreDuplicates } from '@bulkhead/datastore/mongodb/ignore'
import type { MongoClient } from '@bulkhead/datastore/mongodb/open'
import { assertBatchSize } from '../batch-size.ts'
import { isErasedBody, unitsOfBody } from '../erased-bodies.ts'
import { withoutRepeatedIds } from '../event-blocks.ts'
import type { ExperimentationStore, ExposureRecord } from '../port.ts'
import { splitErasures } from '../unit-erasures.ts'
import type { Collections } from './collections.ts'
import { eraseLate, keepErasures, withoutErased } from './erasures.ts'
import { storing } from './event-claims.ts'
import { createKnownErasures } from './known-erasures.ts'
import { keepModelVersions } from './model-decisions.ts'

type RecordRow = { _id: string; o?: number; r?: number }

export function createMongoEvents(
  client: MongoClient,
  collections: Pick<
    Collections,
    'eventIds' | 'eventBlocks' | 'voidBlocks' | 'rejections' | 'modelVersions' | 'erasures' | 'erasureMark'
  >,
): Pick<ExperimentationStore, 'ingest' | 'reject' | 'exposureRecords'> {
  const { eventIds, eventBlocks, voidBlocks, rejections } = collections
  const known = createKnownErasures(client, collections)

  return {
    async ingest(incoming) {
      assertBatchSize(incoming)
      await keepModelVersions(
        collections,
        incoming.map(({ event }) => event),
      )
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
  }
}
