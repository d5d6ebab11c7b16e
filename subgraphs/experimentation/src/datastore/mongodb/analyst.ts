import { ignoreDuplicates } from '@bulkhead/datastore/mongodb/ignore'
import type { AnalystStore } from '../analyst-port.ts'
import { readJsonObject } from '../stored-object.ts'
import type { Collections, NotificationDocument } from './collections.ts'

const LEASE = 'analyst'
export const LOG = 'log'

export function createMongoAnalyst({
  analysisRequests,
  analystLease,
  erasures,
  eventBlocks,
  logIdentity,
  notifications,
  segments,
  toldLooks,
}: Pick<
  Collections,
  | 'analysisRequests'
  | 'analystLease'
  | 'erasures'
  | 'eventBlocks'
  | 'logIdentity'
  | 'notifications'
  | 'segments'
  | 'toldLooks'
>): AnalystStore {
  return {
    async lease() {
      const found = await analystLease.findOne({ _id: LEASE })
      return found === null ? null : { holder: found.holder, beat: found.beat, progress: found.progress }
    },

    async replaceLease({ expectedBeat, lease }) {
      if (expectedBeat === null) {
        const inserted = await analystLease.insertOne({ _id: LEASE, ...lease }).catch(ignoreDuplicates)
        return inserted !== undefined
      }
      const { modifiedCount } = await analystLease.replaceOne({ _id: LEASE, beat: expectedBeat }, lease)
      return modifiedCount === 1
    },

    async logId() {
      const found = await logIdentity.findOne({ _id: LOG })
      if (found === null) throw new Error('the datastore has no log id')
      return found.id
    },

    async logStart() {
      const oldest = await eventBlocks.findOne(
        { first: { $exists: true } },
        { sort: { first: 1 }, projection: { first: 1 } },
      )
      if (oldest?.first !== undefined) return oldest.first - 1
      const newest = await segments.findOne({ stamped: true }, { sort: { _id: -1 } })
      return newest?.to ?? 0
    },

    async erasuresSince(since) {
      const found = await erasures
        .find(
          { recordedAt: { $gte: since } },
          { sort: { recordedAt: 1, _id: 1 }, projection: { unit: 1, occurredAt: 1, recordedAt: 1 } },
        )
        .toArray()
      return found.map(({ _id: unitHash, unit, occurredAt, recordedAt }) => ({
        ...{ unitHash, occurredAt, recordedAt },
        done: unit === undefined,
      }))
    },

    async addAnalysisRequest({ id, ...request }) {
      await analysisRequests.insertOne({ _id: id, ...request, outcome: null }).catch(ignoreDuplicates)
    },

    async waitingAnalysisRequests(limit) {
      const found = await analysisRequests
        .find({ outcome: null }, { sort: { requestedAt: 1, _id: 1 }, limit })
        .toArray()
      return found.map(({ _id: id, experimentKey, cutoff, requestedBy, requestedAt }) => ({
        ...{ id, experimentKey, cutoff, requestedBy, requestedAt },
      }))
    },

    async settleAnalysisRequest(id, outcome) {
      await analysisRequests.updateOne(
        { _id: id, outcome: null },
        { $set: { outcome: JSON.stringify(outcome) } },
      )
    },

    async analysisOutcome(id) {
      const outcome = (await analysisRequests.findOne({ _id: id }))?.outcome ?? null
      return outcome === null ? null : readJsonObject(outcome)
    },

    async forgetAnalysisRequests(requestedBefore) {
      await analysisRequests.deleteMany({ requestedAt: { $lt: requestedBefore } })
    },

    async addNotifications(added) {
      if (added.length === 0) return
      const documents = added.map(
        ({ id, receiver, body, attempts, dueAt, createdAt }): NotificationDocument => ({
          ...{ _id: { id, receiver }, attempts, dueAt, createdAt },
          body: JSON.stringify(body),
        }),
      )
      await notifications.insertMany(documents, { ordered: false }).catch(ignoreDuplicates)
    },

    async dueNotifications({ now, limit }) {
      const found = await notifications
        .find({ dueAt: { $lte: now } }, { sort: { dueAt: 1, _id: 1 }, limit })
        .toArray()
      return found.flatMap(({ _id: { id, receiver }, body, attempts, dueAt, createdAt }) =>
        dueAt === null ? [] : [{ id, receiver, body: readJsonObject(body), attempts, dueAt, createdAt }],
      )
    },

    async moveNotification({ id, receiver }, to) {
      await notifications.updateOne({ _id: { id, receiver } }, { $set: to })
    },

    async forgetNotifications(createdBefore) {
      await notifications.deleteMany({ dueAt: null, createdAt: { $lt: createdBefore } })
    },

    async recordLook({ experimentKey, cutoff, analysisId }) {
      await toldLooks.insertOne({ _id: { experimentKey, cutoff }, analysisId }).catch(ignoreDuplicates)
    },

    async lookBefore({ experimentKey, cutoff }) {
      // Documents compare field by field, so the ids of one experiment are in the order of their cutoffs.
      const ofExperiment = { $gt: { experimentKey, cutoff: -Infinity }, $lt: { experimentKey, cutoff } }
      const found = await toldLooks.findOne({ _id: ofExperiment }, { sort: { _id: -1 } })
      return found === null ? null : { ...found._id, analysisId: found.analysisId }
    },
  }
}
