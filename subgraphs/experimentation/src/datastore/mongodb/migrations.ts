import { foldCase } from '@bulkhead/datastore/fold-case'
import type { MongoMigration } from '@bulkhead/datastore/mongodb'
import { readExperiment } from '../stored-json.ts'
import { openCollections } from './collections.ts'

export const MONGO_MIGRATIONS: readonly MongoMigration[] = [
  {
    version: 1,
    name: 'experiments, snapshots, events and their positions',
    async up(db) {
      const { experiments, events, segments, snapshots, rejections } = openCollections(db)
      await experiments.createIndexes([
        { key: { createdAt: 1, _id: 1 } },
        { key: { startedAt: 1, _id: 1 } },
        { key: { status: 1, _id: 1 } },
      ])
      await events.createIndexes([
        // Holds only what waits for its position, so that it is as small as the delay is short.
        { key: { recordedAt: 1 }, name: 'unpositioned', partialFilterExpression: { unpositioned: true } },
        // Unique as an alarm: the segments already see to it.
        { key: { position: 1 }, name: 'position', unique: true, sparse: true },
        // Answers every exposure count without reading a document.
        {
          key: { countedFor: 1, variantKey: 1, day: 1, surface: 1, rung: 1, unit: 1 },
          name: 'counted',
          partialFilterExpression: { countedFor: { $exists: true } },
        },
      ])
      // Found by their _id; created here so that no transaction and no $unionWith meets a missing collection.
      const present = new Set(
        (await db.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name),
      )
      for (const { collectionName } of [segments, snapshots, rejections]) {
        if (!present.has(collectionName)) await db.createCollection(collectionName).catch(ignoreExisting)
      }
    },
  },
  {
    version: 2,
    name: 'names folded as @bulkhead/datastore/fold-case does it',
    async up(db) {
      const { experiments } = openCollections(db)
      for await (const { _id, body } of experiments.find({}, { projection: { body: 1 } })) {
        await experiments.updateOne({ _id }, { $set: { nameFolded: foldCase(readExperiment(body).name) } })
      }
    },
  },
]

const NAMESPACE_EXISTS = 48

/** Replicas that start together both get here. */
function ignoreExisting(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === NAMESPACE_EXISTS)) throw error
}
