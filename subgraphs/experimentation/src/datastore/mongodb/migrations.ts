import { foldCase } from '@bulkhead/datastore/fold-case'
import { isDuplicateKey } from '@bulkhead/datastore/mongodb/errors'
import type { Db, MongoMigration } from '@bulkhead/datastore/mongodb/open'
import { baselineEntries } from '../baseline.ts'
import { readExperiment } from '../stored-json.ts'
import { auditDocument } from './audit.ts'
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
        // Holds only the events that wait for a position, so it stays small.
        { key: { recordedAt: 1 }, name: 'unpositioned', partialFilterExpression: { unpositioned: true } },
        // The segments already make positions unique. This index would show a bug in them.
        { key: { position: 1 }, name: 'position', unique: true, sparse: true },
        // Answers every exposure count without reading a document.
        {
          key: { countedFor: 1, variantKey: 1, day: 1, surface: 1, rung: 1, unit: 1 },
          name: 'counted',
          partialFilterExpression: { countedFor: { $exists: true } },
        },
      ])
      // They need no other index. Created here, so that no transaction and no $unionWith finds a collection missing.
      await createCollections(db, [segments, snapshots, rejections])
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
  {
    version: 3,
    name: 'model versions that personalization has told of',
    async up(db) {
      await createCollections(db, [openCollections(db).modelVersions])
    },
  },
  {
    version: 4,
    name: 'audit log, metrics, decisions',
    async up(db) {
      const { audit, experiments, metrics } = openCollections(db)
      await createCollections(db, [metrics])
      await audit.createIndexes([{ key: { subject: 1, _id: 1 } }, { key: { by: 1, _id: 1 } }])
      await experiments.createIndex({ decidedAt: -1, _id: 1 })
      // A replica that is through with this may have written changes already.
      if ((await audit.findOne({})) !== null) return
      const stored = await experiments.find({}, { projection: { body: 1 }, sort: { _id: 1 } }).toArray()
      const entries = baselineEntries(stored.map(({ body }) => readExperiment(body)))
      if (entries.length === 0) return
      await audit.insertMany(entries.map(auditDocument), { ordered: false }).catch(ignoreDuplicates)
    },
  },
]

const NAMESPACE_EXISTS = 48

async function createCollections(
  db: Db,
  collections: readonly { readonly collectionName: string }[],
): Promise<void> {
  const present = new Set(
    (await db.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name),
  )
  for (const { collectionName } of collections) {
    if (!present.has(collectionName)) await db.createCollection(collectionName).catch(ignoreExisting)
  }
}

/** Replicas that start at the same time create the same collections. */
function ignoreExisting(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === NAMESPACE_EXISTS)) throw error
}

/** Replicas that migrate at the same time write the same entries. */
function ignoreDuplicates(error: unknown): void {
  if (!isDuplicateKey(error)) throw error
}
