import { isDuplicateKey } from '@bulkhead/datastore/mongodb/errors'
import type { MongoDatastore } from '@bulkhead/datastore/mongodb/open'
import { inTransaction } from '@bulkhead/datastore/mongodb/transaction'
import type { ExperimentationStore } from '../port.ts'
import { readSnapshot } from '../stored-json.ts'
import type { Collections } from './collections.ts'
import { experimentDocument } from './experiments.ts'

export function createMongoSnapshots(
  datastore: MongoDatastore,
  { experiments, snapshots }: Pick<Collections, 'experiments' | 'snapshots'>,
): Pick<ExperimentationStore, 'latestSnapshot' | 'snapshotsByVersions' | 'publish'> {
  return {
    async latestSnapshot() {
      const newest = await snapshots.findOne({}, { sort: { _id: -1 } })
      return newest === null ? null : readSnapshot(newest.body)
    },

    async snapshotsByVersions(versions) {
      if (versions.length === 0) return []
      const documents = await snapshots
        .find({ _id: { $in: versions } }, { sort: { _id: 1 }, batchSize: versions.length + 1 })
        .toArray()
      return documents.map((document) => readSnapshot(document.body))
    },

    async publish({ change, snapshot }) {
      try {
        return await inTransaction(datastore, async (session) => {
          const newest = await snapshots.findOne({}, { sort: { _id: -1 }, projection: { _id: 1 }, session })
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
          await snapshots.insertOne({ _id: snapshot.version, body: JSON.stringify(snapshot) }, { session })
          return 'published'
        })
      } catch (error) {
        // Another replica published this version between the read and the insert.
        if (isDuplicateKey(error)) return 'conflict'
        throw error
      }
    },
  }
}
