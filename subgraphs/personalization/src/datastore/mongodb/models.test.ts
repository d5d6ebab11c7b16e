import { mongoDatabase } from '@bulkhead/datastore/datastore-url'
import {
  type ClientSession,
  type Filter,
  type MongoDatastore,
  openMongo,
} from '@bulkhead/datastore/mongodb/open'
import { describeOnMongo } from '@bulkhead/datastore/testing/describe-on-mongodb'
import { expect, test, vi } from 'vitest'
import { sampleModelVersion, sampleProductionVersion } from '../../testing/samples/models.ts'
import { saveServing, serveModel } from '../../testing/serving-model.ts'
import { ABANDONED_UPLOAD_MS } from '../limits.ts'
import { byCodePoint } from '../testing/store-contents.ts'
import { type ModelVersionDocument, openCollections } from './collections.ts'
import { MONGO_MIGRATIONS } from './migrations.ts'
import { createMongoModels } from './models.ts'
import { createMongoStore } from './store.ts'

const ARTEFACT = new Uint8Array([1])

describeOnMongo('the model registry', (mongo) => {
  function open(database: string, migrations = MONGO_MIGRATIONS): Promise<MongoDatastore> {
    const url = mongo().url(database)
    return openMongo({ url, database: mongoDatabase(url), migrations })
  }

  test('a promotion that fails half-way leaves the version in production where it was', async () => {
    const datastore = await open('half_way')
    const store = createMongoStore(datastore)
    const serving = sampleProductionVersion('serving-v1')
    const next = sampleModelVersion('next-v1')
    await saveServing(store, serving, ARTEFACT)
    await store.saveModelVersion(next, ARTEFACT)
    // Whatever is written from now on may be retired but not promoted.
    await datastore.db.command({ collMod: 'model_versions', validator: { stage: { $ne: 'PRODUCTION' } } })
    await expect(serveModel(store, next)).rejects.toThrow('validation')
    const kept = await store.modelVersionsByIds([serving.id, next.id])
    expect(kept.toSorted((a, b) => byCodePoint(a.id, b.id))).toEqual([next, serving])
    await store.close()
  })

  test('of two that are the first in production, the one that commits later finds the other there', async () => {
    const datastore = await open('first')
    const store = createMongoStore(datastore)
    for (const id of ['slow-v1', 'fast-v1']) await store.saveModelVersion(sampleModelVersion(id), ARTEFACT)
    const collections = openCollections(datastore.db)
    const findOne = collections.modelVersions.findOne.bind(collections.modelVersions)
    let overtaken = false
    vi.spyOn(collections.modelVersions, 'findOne').mockImplementation(
      async (filter: Filter<ModelVersionDocument>, options: { readonly session?: ClientSession } = {}) => {
        const found = await findOne(filter, options)
        if (options.session === undefined || overtaken) return found
        overtaken = true
        await serveModel(store, { id: 'fast-v1' })
        return found
      },
    )
    const slow = createMongoModels(datastore, collections)
    const change = { from: 'REGISTERED', to: 'PRODUCTION', at: 0, by: 'eve', reason: 'a test' } as const
    const moves = [{ versionId: 'slow-v1', from: 'REGISTERED', change }] as const
    expect(await slow.moveModelVersions({ expectedProduction: null, moves })).toBe('conflict')
    expect(overtaken).toBe(true)
    expect((await store.productionModelVersion())?.id).toBe('fast-v1')
    expect(await store.modelVersionsByIds(['slow-v1'])).toEqual([sampleModelVersion('slow-v1')])
    await store.close()
  })

  test('of the versions in production that an older database holds, one for each model, the newest stays', async () => {
    const older = await open('older', MONGO_MIGRATIONS.slice(0, 1))
    const first = sampleProductionVersion('a-v1', { model: 'a', createdAt: 1 })
    const second = sampleProductionVersion('b-v1', { model: 'b', createdAt: 2 })
    const third = sampleProductionVersion('c-v1', { model: 'c', createdAt: 2 })
    const other = sampleModelVersion('other-v1')
    const { modelVersions } = openCollections(older.db)
    await modelVersions.insertMany(
      [first, third, second, other].map(({ id, ...fields }) => ({ _id: id, ...fields, uploadId: 'none' })),
    )
    await older.close()

    const before = Date.now()
    // Replicas that start together both migrate.
    const replicas = await Promise.all([open('older'), open('older')])
    const store = createMongoStore(replicas[0])
    const replica = createMongoStore(replicas[1])
    expect(await store.productionModelVersion()).toEqual(third)
    for (const version of [first, second]) {
      const [retired] = await store.modelVersionsByIds([version.id])
      const history = retired?.stageHistory ?? []
      expect(history.at(-1)).toMatchObject({ from: 'PRODUCTION', to: 'RETIRED', by: 'schema migration 2' })
      expect(history.at(-1)?.at).toBeGreaterThanOrEqual(before)
      expect({ ...retired, stage: 'PRODUCTION', stageHistory: history.slice(0, -1) }).toEqual(version)
    }
    expect(await store.modelVersionsByIds([other.id])).toEqual([other])
    const promotedByHand = openCollections(replicas[0].db).modelVersions.updateOne(
      { _id: other.id },
      { $set: { stage: 'PRODUCTION' } },
    )
    await expect(promotedByHand).rejects.toThrow('duplicate key')
    await saveServing(replica, sampleProductionVersion('d-v1', { model: 'a' }), ARTEFACT)
    expect((await store.productionModelVersion())?.id).toBe('d-v1')
    await store.close()
    await replica.close()
  })

  test('uploads whose process died are deleted after a day; those of versions, and of today, stay', async () => {
    const datastore = await open('uploads')
    const store = createMongoStore(datastore)
    const { artefactChunks } = openCollections(datastore.db)
    await store.saveModelVersion(sampleModelVersion('kept-v1'), ARTEFACT)
    await artefactChunks.updateMany({}, { $set: { uploadedAt: 0 } })
    const dayAgo = Date.now() - ABANDONED_UPLOAD_MS
    const chunk = (uploadId: string, position: number, uploadedAt: number) => {
      return { _id: `${uploadId}:${position}`, uploadId, position, bytes: ARTEFACT, uploadedAt }
    }
    await artefactChunks.insertMany([
      chunk('abandoned', 0, dayAgo - 1),
      chunk('abandoned', 1, dayAgo - 1),
      chunk('under-way', 0, dayAgo + 60_000),
    ])
    await store.saveModelVersion(sampleModelVersion('next-v1'), ARTEFACT)
    expect(await store.modelArtefact('kept-v1')).toEqual(ARTEFACT)
    expect(await store.modelArtefact('next-v1')).toEqual(ARTEFACT)
    const uploads = await artefactChunks.distinct('uploadId')
    expect(uploads).toHaveLength(3)
    expect(uploads).toContain('under-way')
    await store.close()
  })
})
