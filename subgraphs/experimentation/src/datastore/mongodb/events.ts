import { isDuplicateKey } from '@bulkhead/datastore/mongodb/errors'
import type { Document } from '@bulkhead/datastore/mongodb/open'
import type { StoredEvent } from '../../domain/stored-event.ts'
import { assertBatchSize } from '../batch-size.ts'
import { GROUP_FIELDS, groupCounts } from '../exposure-groups.ts'
import type { ExperimentationStore, ExposureCount, ExposureRecord, IncomingEvent } from '../port.ts'
import { eventFields, writeEvent } from '../stored-json.ts'
import type { Collections, EventDocument } from './collections.ts'

function eventDocument(incoming: IncomingEvent): EventDocument {
  const { event, producer, recordedAt } = incoming
  const { countedFor, ...fields } = eventFields(incoming)
  return {
    _id: event.eventId,
    producer,
    recordedAt,
    ...fields,
    ...(countedFor !== null && { countedFor }),
    body: writeEvent(event),
    unpositioned: true,
  }
}

/** Rows in the first batch of a reply. MongoDB limits a batch by its size as well. */
const MAX_COUNT_ROWS = 100_000

type RecordRow = { _id: string; occurredAt?: number; recordedAt?: number }
type CountRow = Omit<ExposureCount, 'variantKey' | 'day' | 'surface' | 'rung'> & {
  _id: { experimentKey: string } & Partial<Pick<ExposureCount, 'variantKey' | 'day' | 'surface' | 'rung'>>
}

/** Runs an unordered insert in which documents that exist already count as inserted. */
async function acceptingDuplicates(insert: () => Promise<unknown>): Promise<void> {
  try {
    await insert()
  } catch (error) {
    if (!isDuplicateKey(error)) throw error
  }
}

export function createMongoEvents({
  events,
  rejections,
  modelVersions,
}: Pick<Collections, 'events' | 'rejections' | 'modelVersions'>): Pick<
  ExperimentationStore,
  'ingest' | 'reject' | 'exposureRecords' | 'modelVersionsByIds' | 'exposureCounts'
> {
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
      if (incoming.length === 0) return
      await keepModelVersions(incoming.map(({ event }) => event))
      await acceptingDuplicates(() => events.insertMany(incoming.map(eventDocument), { ordered: false }))
    },

    async reject(refused) {
      assertBatchSize(refused)
      if (refused.length === 0) return
      const documents = refused.map((event) => ({
        ...event,
        ...(event.eventId !== null && { _id: event.eventId }),
      }))
      await acceptingDuplicates(() => rejections.insertMany(documents, { ordered: false }))
    },

    async exposureRecords(eventIds) {
      const records = new Map<string, ExposureRecord>()
      if (eventIds.length === 0) return records
      const rows = await events
        .aggregate<RecordRow>(
          [
            { $match: { _id: { $in: eventIds } } },
            { $project: { occurredAt: 1, recordedAt: 1 } },
            {
              $unionWith: {
                coll: rejections.collectionName,
                pipeline: [{ $match: { _id: { $in: eventIds } } }, { $project: { _id: 1 } }],
              },
            },
          ],
          // Everything in the first batch, so that no second round trip follows.
          { batchSize: 2 * eventIds.length + 1 },
        )
        .toArray()
      for (const { _id, occurredAt, recordedAt } of rows) {
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

    async exposureCounts(experimentKeys, groupBy) {
      if (experimentKeys.length === 0) return new Map()
      const fields = groupBy.map((group) => GROUP_FIELDS[group])
      const group: Document = { experimentKey: '$countedFor' }
      for (const field of fields) group[field] = `$${field}`
      const rows = await events
        .aggregate<CountRow>(
          [
            { $match: { countedFor: { $in: experimentKeys } } },
            { $group: { _id: { ...group, unit: '$unit' }, exposures: { $sum: 1 } } },
            { $unset: '_id.unit' },
            { $group: { _id: '$_id', units: { $sum: 1 }, exposures: { $sum: '$exposures' } } },
          ],
          { batchSize: MAX_COUNT_ROWS },
        )
        .toArray()
      return groupCounts(
        experimentKeys,
        rows.map(({ _id: { experimentKey, ...dimensions }, units, exposures }) => [
          experimentKey,
          { variantKey: null, day: null, surface: null, rung: null, ...dimensions, units, exposures },
        ]),
      )
    },
  }
}
