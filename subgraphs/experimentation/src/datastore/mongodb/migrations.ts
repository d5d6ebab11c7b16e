import { randomUUID } from 'node:crypto'
import { foldCase } from '@bulkhead/datastore/fold-case'
import { ignoreDuplicates, ignoreExistingCollection } from '@bulkhead/datastore/mongodb/ignore'
import type { Db, MongoMigration } from '@bulkhead/datastore/mongodb/open'
import { baselineEntries } from '../baseline.ts'
import { readExperiment } from '../stored-json.ts'
import { LOG } from './analyst.ts'
import { auditDocument } from './audit.ts'
import { openCollections } from './collections.ts'
import { moveEvents } from './move-events.ts'

export const MONGO_MIGRATIONS: readonly MongoMigration[] = [
  {
    version: 1,
    name: 'experiments, snapshots, events and their positions',
    async up(db) {
      const { experiments, segments, snapshots, rejections } = openCollections(db)
      const events = db.collection('events')
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
      await createMissing(
        db,
        [segments, snapshots, rejections].map(({ collectionName }) => ({ name: collectionName })),
      )
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
      await createMissing(db, [{ name: openCollections(db).modelVersions.collectionName }])
    },
  },
  {
    version: 4,
    name: 'audit log, metrics, decisions',
    async up(db) {
      const { audit, experiments, metrics } = openCollections(db)
      await createMissing(db, [{ name: metrics.collectionName }])
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
  {
    version: 5,
    name: 'events in blocks, and stored counters of exposures',
    async up(db) {
      const { countedThrough, eventBlocks, eventIds, exposureCounts, exposureUnits } = openCollections(db)
      await createMissing(db, [
        // Clustered, because its documents are hardly larger than the entries of an index of their own. Ids come in no
        // order, so each insert that the cache cannot hold writes a whole page: small ones cost a fifth of the CPU time.
        {
          name: eventIds.collectionName,
          options: {
            clusteredIndex: { key: { _id: 1 }, unique: true },
            storageEngine: { wiredTiger: { configString: 'leaf_page_max=4KB' } },
          },
        },
        { name: countedThrough.collectionName },
        { name: exposureUnits.collectionName },
      ])
      await eventBlocks.createIndexes([
        // Holds only the blocks that wait for a position, so it stays small.
        {
          key: { recordedAt: 1, _id: 1 },
          name: 'unpositioned',
          partialFilterExpression: { unpositioned: true },
        },
        // The segments already make positions unique. This index would show a bug in them.
        { key: { first: 1 }, name: 'position', unique: true, sparse: true },
      ])
      await exposureCounts.createIndexes([{ key: { '_id.e': 1, '_id.m': 1 }, name: 'counts' }])
      await moveEvents(db)
    },
  },
  {
    version: 6,
    name: 'layers, holdouts, saved groups',
    async up(db) {
      const { experiments, targeting } = openCollections(db)
      await createMissing(db, [{ name: targeting.collectionName }])
      await experiments.createIndex({ layer: 1, _id: 1 })
    },
  },
  {
    version: 7,
    name: 'units that are erased',
    async up(db) {
      const { erasures, eventBlocks } = openCollections(db)
      await erasures.createIndexes([
        {
          key: { recordedAt: 1, _id: 1 },
          name: 'waiting',
          partialFilterExpression: { unit: { $exists: true } },
        },
      ])
      await eventBlocks.createIndexes([
        { key: { erased: 1, first: 1 }, name: 'erased', partialFilterExpression: { erased: { $gt: 0 } } },
      ])
    },
  },
  {
    version: 8,
    name: 'events by kind, refused events by age',
    async up(db) {
      const { eventBlocks, rejections, voidBlocks } = openCollections(db)
      await eventBlocks.createIndex(
        { kind: 1, first: 1 },
        { name: 'kind', partialFilterExpression: { first: { $exists: true } } },
      )
      await voidBlocks.createIndex({ voidedAt: 1 }, { name: 'void', sparse: true })
      await rejections.createIndex({ rejectedAt: 1 }, { name: 'age' })
    },
  },
  {
    version: 9,
    name: 'stored analyses',
    async up(db) {
      const newestFirst = { cutoff: -1, createdAt: -1, _id: -1 } as const
      await openCollections(db).analyses.createIndexes([
        { key: { experimentKey: 1, ...newestFirst }, name: 'experiment' },
        { key: { experimentKey: 1, segment: 1, ...newestFirst }, name: 'segment' },
      ])
    },
  },
  {
    version: 10,
    name: 'the lease of the analyst, what is asked of it, and what it has to tell',
    async up(db) {
      const { analysisRequests, erasures, logIdentity, notifications } = openCollections(db)
      await analysisRequests.createIndex({ requestedAt: 1, _id: 1 }, { name: 'arrival' })
      await notifications.createIndex({ dueAt: 1, _id: 1 }, { name: 'due' })
      await erasures.createIndex({ recordedAt: 1, _id: 1 }, { name: 'arrival' })
      // Of two replicas that migrate at once, one says it.
      await logIdentity.insertOne({ _id: LOG, id: randomUUID() }).catch(ignoreDuplicates)
    },
  },
  {
    version: 11,
    name: 'decisions that live model versions need',
    async up(db) {
      const { bootstraps, experiments, modelVersions } = openCollections(db)
      // Created here: a collection that appears inside a transaction holds up the others.
      await createMissing(db, [{ name: bootstraps.collectionName }])
      await modelVersions.createIndex({ stage: 1, _id: 1 }, { name: 'stage' })
      await experiments.createIndex(
        { decisionModel: 1, decidedAt: 1, _id: 1 },
        { name: 'shipped', partialFilterExpression: { decisionOutcome: 'SHIP' } },
      )
    },
  },
]

type NewCollection = { readonly name: string; readonly options?: Parameters<Db['createCollection']>[1] }

async function createMissing(db: Db, collections: readonly NewCollection[]): Promise<void> {
  const present = new Set(
    (await db.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name),
  )
  for (const { name, options } of collections) {
    if (!present.has(name)) await db.createCollection(name, options).catch(ignoreExistingCollection)
  }
}
