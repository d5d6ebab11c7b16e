import type { MongoClient } from '@bulkhead/datastore/mongodb'
import { isDuplicateKey } from '@bulkhead/datastore/mongodb-errors'
import { readSnapshot } from '../documents.ts'
import type { ExperimentationStore } from '../port.ts'
import type { Collections } from './collections.ts'
import { experimentDocument } from './experiments.ts'

/** Bounds the retries of a transaction that meets another one. */
const TRANSACTION_TIMEOUT_MS = 5000

export function createSnapshots(
  client: MongoClient,
  { experiments, snapshots }: Pick<Collections, 'experiments' | 'snapshots'>,
): Pick<ExperimentationStore, 'latestSnapshot' | 'snapshotsByVersions' | 'publish'> {
  return {
    latestSnapshot: async () => {
      const newest = await snapshots.findOne({}, { sort: { _id: -1 } })
      return newest === null ? null : readSnapshot(newest.body)
    },

    snapshotsByVersions: async (versions) => {
      if (versions.length === 0) return []
      const documents = await snapshots
        .find({ _id: { $in: versions } }, { sort: { _id: 1 }, batchSize: versions.length + 1 })
        .toArray()
      return documents.map((document) => readSnapshot(document.body))
    },

    publish: ({ change, snapshot }) =>
      client.withSession(async (session) => {
        try {
          return await session.withTransaction(
            async () => {
              const newest = await snapshots.findOne(
                {},
                { sort: { _id: -1 }, projection: { _id: 1 }, session },
              )
              let fits = snapshot.version === (newest?._id ?? 0) + 1
              if (fits && change !== null) {
                const { matchedCount } = await experiments.replaceOne(
                  { _id: change.experiment.key, revision: change.expectedRevision },
                  experimentDocument(change.experiment),
                  { session },
                )
                fits = matchedCount === 1
              }
              if (!fits) {
                await session.abortTransaction()
                return 'conflict'
              }
              await snapshots.insertOne(
                { _id: snapshot.version, body: JSON.stringify(snapshot) },
                { session },
              )
              return 'published'
            },
            {
              readConcern: { level: 'snapshot' },
              writeConcern: { w: 'majority', journal: true },
              readPreference: 'primary',
              timeoutMS: TRANSACTION_TIMEOUT_MS,
            },
          )
        } catch (error) {
          // Another publication took the version between the look and the insert.
          if (isDuplicateKey(error)) return 'conflict'
          throw error
        }
      }),
  }
}
