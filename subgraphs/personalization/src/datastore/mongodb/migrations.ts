import { ignoreMissingIndex } from '@bulkhead/datastore/mongodb/ignore'
import type { Collection, MongoMigration } from '@bulkhead/datastore/mongodb/open'
import type { StageChange } from '../../domain/model-version.ts'
import { TREND_HALF_LIFE_MS, TREND_LANDMARK } from '../../domain/popularity.ts'
import { readEvent } from '../stored-json.ts'
import { unitOfLetter } from '../write-rules.ts'
import { modelEventDocuments, openCollections, readModelVersion, type WithOutbox } from './collections.ts'
import { insertNew } from './insert-new.ts'

/**
 * Earlier than any valid instant. `oldest >= EARLIEST_INSTANT` means "has pending events", in a form that a partial
 * index accepts.
 */
export const EARLIEST_INSTANT = -8.64e15

export const OUTBOX_INDEX = 'outbox_by_age'
export const CHANGE_INDEX = 'by_change'
const PRODUCTION_PER_MODEL_INDEX = 'one_in_production_per_model'
const PRODUCTION_INDEX = 'one_in_production'
export const HISTORY_INDEX = 'by_user'
export const TRAINING_INDEX = 'for_training'
const TASTE_INDEX = 'of_taste'
const BLOCKING_INDEX = 'that_block'
export const OPINION_INDEX = 'of_opinion'
export const USE_INDEX = 'of_use'
export const SKIP_INDEX = 'of_skips'
export const LOGGED_INDEX = 'logged'

/** Holds every field that serving reads, so that it never fetches the documents. */
const SERVING_KEY = { userId: 1, occurredAt: 1, _id: 1, itemId: 1, type: 1 } as const

/** Without a collation strings compare by their UTF-8 bytes, which is the order of code points. */
export const MONGO_MIGRATIONS: readonly MongoMigration[] = [
  {
    version: 1,
    name: 'catalogue, interactions, slates, outbox, models, snapshot',
    async up(db) {
      const collections = openCollections(db)
      const { items, popularity, counters, interactions, slates, modelVersions, artefactChunks } = collections
      await items.createIndexes([
        { key: { creator: 1, _id: 1 }, name: 'by_creator' },
        { key: { categories: 1, _id: 1 }, name: 'by_category' },
      ])
      await popularity.createIndex({ interactions: -1, _id: 1 }, { name: 'by_interactions' })
      await interactions.createIndexes([
        { key: { userId: 1, occurredAt: 1, _id: 1 }, name: HISTORY_INDEX },
        { key: { userId: 1, itemId: 1, _id: 1 }, name: TRAINING_INDEX },
        {
          key: SERVING_KEY,
          name: TASTE_INDEX,
          partialFilterExpression: { type: { $in: ['CLICK', 'PLAY', 'LIKE', 'SKIP'] } },
        },
        {
          key: SERVING_KEY,
          name: BLOCKING_INDEX,
          partialFilterExpression: { type: { $in: ['DISLIKE', 'HIDE'] } },
        },
      ])
      for (const owner of [interactions, slates]) {
        await createOutboxIndex(owner)
      }
      await modelVersions.createIndexes([
        { key: { createdAt: 1, _id: 1 }, name: 'by_age' },
        {
          key: { model: 1 },
          name: PRODUCTION_PER_MODEL_INDEX,
          unique: true,
          partialFilterExpression: { stage: 'PRODUCTION' },
        },
      ])
      await artefactChunks.createIndexes([
        { key: { uploadId: 1, position: 1 }, name: 'by_upload', unique: true },
        { key: { uploadedAt: 1 }, name: 'by_age' },
      ])
      // Creates the collection now: in a transaction, older servers cannot, and newer ones would lock the database's
      // catalogue.
      await counters.updateOne({ _id: 'catalogue' }, { $setOnInsert: { value: 0 } }, { upsert: true })
    },
  },
  {
    version: 2,
    name: 'one version in production, whatever its model',
    async up(db) {
      const { modelVersions } = openCollections(db)
      // Until now a version could be promoted only when it was created, so the newest one in PRODUCTION is the one that
      // served.
      const [, ...others] = await modelVersions
        .find({ stage: 'PRODUCTION' })
        .sort({ createdAt: -1, _id: -1 })
        .toArray()
      const change: StageChange = {
        from: 'PRODUCTION',
        to: 'RETIRED',
        at: Date.now(),
        by: 'schema migration 2',
        reason: 'one version in production, whatever its model: a newer one was there',
      }
      await modelVersions.updateMany(
        { _id: { $in: others.map(({ _id }) => _id) }, stage: 'PRODUCTION' },
        { $set: { stage: 'RETIRED' }, $push: { stageHistory: change } },
      )
      await modelVersions.createIndex(
        { stage: 1 },
        { name: PRODUCTION_INDEX, unique: true, partialFilterExpression: { stage: 'PRODUCTION' } },
      )
      await modelVersions.dropIndex(PRODUCTION_PER_MODEL_INDEX).catch(ignoreMissingIndex)
    },
  },
  {
    version: 3,
    name: 'experimentation learns of every change of stage',
    async up(db) {
      const { modelVersions, modelEvents } = openCollections(db)
      await createOutboxIndex(modelEvents)
      for await (const document of modelVersions.find({})) {
        await insertNew(modelEvents, modelEventDocuments(readModelVersion(document), 0))
      }
    },
  },
  {
    version: 4,
    name: 'the change that each item was last written in',
    async up(db) {
      await openCollections(db).items.createIndex({ changed: 1, _id: 1 }, { name: CHANGE_INDEX })
    },
  },
  {
    version: 5,
    name: 'erasures, and slates and dead letters by user and age',
    async up(db) {
      const { slates, deadLetters, erasures, outboxEvents } = openCollections(db)
      await slates.createIndexes([
        { key: { userId: 1, createdAt: 1 }, name: 'by_user' },
        { key: { createdAt: 1 }, name: 'by_age' },
      ])
      for await (const { _id, event } of deadLetters.find({ unit: { $exists: false } })) {
        await deadLetters.updateOne({ _id }, { $set: { unit: unitOfLetter(readEvent(event)) } })
      }
      await deadLetters.createIndexes([
        { key: { unit: 1, at: 1 }, name: 'by_unit', partialFilterExpression: { unit: { $type: 'string' } } },
        { key: { at: 1, _id: 1 }, name: 'by_age' },
      ])
      await erasures.createIndexes([
        { key: { at: 1, _id: 1 }, name: 'by_age' },
        { key: { open: 1, at: 1, _id: 1 }, name: 'open', sparse: true },
      ])
      await createOutboxIndex(outboxEvents)
    },
  },
  {
    version: 6,
    name: 'hidden creators, and a window of history for each kind of interaction',
    async up(db) {
      const { interactions } = openCollections(db)
      await interactions.createIndexes([
        {
          key: { ...SERVING_KEY, hiddenCreator: 1 },
          name: OPINION_INDEX,
          partialFilterExpression: { type: { $in: ['LIKE', 'DISLIKE', 'HIDE'] } },
        },
        {
          key: SERVING_KEY,
          name: USE_INDEX,
          partialFilterExpression: { type: { $in: ['CLICK', 'PLAY'] } },
        },
        { key: SERVING_KEY, name: SKIP_INDEX, partialFilterExpression: { type: 'SKIP' } },
      ])
      // Replicas of the release before, which name these, serve without histories until they are replaced.
      for (const name of [TASTE_INDEX, BLOCKING_INDEX]) {
        await interactions.dropIndex(name).catch(ignoreMissingIndex)
      }
    },
  },
  {
    version: 7,
    name: 'popularity by distinct listeners, and what is trending',
    async up(db) {
      const { interactions, popularity, itemListeners } = openCollections(db)
      await popularity.createIndexes([
        { key: { listeners: -1, _id: 1 }, name: 'by_listeners' },
        { key: { trend: -1, _id: 1 }, name: 'by_trend' },
      ])
      await itemListeners.createIndex({ '_id.userId': 1 }, { name: 'by_user' })
      const uses = { $match: { type: { $in: ['CLICK', 'PLAY', 'LIKE'] } } }
      const pair = { itemId: '$itemId', userId: '$userId' }
      const age = { $subtract: [{ $min: ['$firstUse', Date.now()] }, TREND_LANDMARK] }
      const weight = { $pow: [2, { $min: [1000, { $divide: [age, TREND_HALF_LIFE_MS] }] }] }
      const options = { allowDiskUse: true }
      await interactions
        .aggregate(
          [uses, { $group: { _id: pair } }, { $merge: { into: itemListeners.collectionName } }],
          options,
        )
        .toArray()
      await interactions
        .aggregate(
          [
            uses,
            { $group: { _id: pair, firstUse: { $min: '$occurredAt' } } },
            { $group: { _id: '$_id.itemId', listeners: { $sum: 1 }, trend: { $sum: weight } } },
            { $merge: { into: popularity.collectionName, whenMatched: 'replace' } },
          ],
          options,
        )
        .toArray()
      await popularity.dropIndex('by_interactions').catch(ignoreMissingIndex)
    },
  },
  {
    version: 8,
    name: 'erasures by user',
    async up(db) {
      await openCollections(db).erasures.createIndex({ userHash: 1, at: 1 }, { name: 'by_user' })
    },
  },
  {
    version: 9,
    name: 'evaluations of model versions',
    async up(db) {
      const newest = { '_id.versionId': 1, createdAt: 1 } as const
      await openCollections(db).modelEvaluations.createIndex(newest, { name: 'by_version' })
    },
  },
  {
    version: 10,
    name: 'candidates of explored slates, for off-policy evaluation',
    async up(db) {
      await openCollections(db).slates.createIndex(
        { logged: 1, _id: 1 },
        { name: LOGGED_INDEX, partialFilterExpression: { logged: true } },
      )
    },
  },
  {
    version: 11,
    name: 'what models did in shadow',
    async up(db) {
      await openCollections(db).shadowParts.createIndex({ '_id.versionId': 1 }, { name: 'by_version' })
    },
  },
  {
    version: 12,
    name: 'model versions by stage',
    async up(db) {
      await openCollections(db).modelVersions.createIndex({ stage: 1 }, { name: 'by_stage' })
    },
  },
  {
    version: 13,
    name: 'how refreshes did in their canary',
    async up(db) {
      await openCollections(db).canaryParts.createIndex({ '_id.versionId': 1 }, { name: 'by_version' })
    },
  },
]

/** Only documents with pending events are in it, so that the outbox costs nothing once it is empty. */
async function createOutboxIndex(owner: Pick<Collection<WithOutbox>, 'createIndex'>): Promise<void> {
  await owner.createIndex(
    { 'outbox.oldest': 1, _id: 1, 'outbox.dueAt': 1 },
    { name: OUTBOX_INDEX, partialFilterExpression: { 'outbox.oldest': { $gte: EARLIEST_INSTANT } } },
  )
}
