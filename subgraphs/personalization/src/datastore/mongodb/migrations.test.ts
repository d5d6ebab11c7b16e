import { mongoDatabase } from '@bulkhead/datastore/datastore-url'
import { openMongo } from '@bulkhead/datastore/mongodb/open'
import { describeOnMongo } from '@bulkhead/datastore/testing/describe-on-mongodb'
import { expect, test } from 'vitest'
import { erasureEvent, newErasure } from '../../domain/erasure.ts'
import { sampleItem } from '../../testing/samples/catalogue.ts'
import { sampleExposure, sampleSlate } from '../../testing/samples/slates.ts'
import { NOON } from '../../testing/samples/time.ts'
import { MONGO_MIGRATIONS } from './migrations.ts'
import { createMongoStore } from './store.ts'

describeOnMongo('migrations', (mongo) => {
  test('items, slates and dead letters of earlier releases are found like new ones', async () => {
    const url = mongo().url('erasable')
    const open = (migrations = MONGO_MIGRATIONS) =>
      openMongo({ url, database: mongoDatabase(url), migrations })
    const { db, close } = await open(MONGO_MIGRATIONS.slice(0, 3))
    const { id: _id, ...slate } = sampleSlate('early', { userId: 'ann' })
    const letters = [
      { ...sampleExposure('refused'), unit: 'ann' },
      { kind: 'unitErased', eventId: 'erased', unit: 'ann', occurredAt: new Date(NOON).toISOString() },
    ]
    const text = db.collection<{ _id: string }>('dead_letters')
    await db
      .collection<{ _id: string }>('slates')
      .insertOne({ _id, ...slate, attributes: null } as { _id: string })
    for (const event of letters) {
      const letter = { _id: event.eventId, event: JSON.stringify(event), code: 'NO', message: 'no', at: NOON }
      await text.insertOne(letter)
    }
    const { id, ...fields } = sampleItem('old', { title: 'Old', attributes: null })
    await db.collection<{ _id: string }>('items').insertOne({ _id: id, ...fields, titleFolded: 'OLD' } as {
      _id: string
    })
    await close()

    const store = createMongoStore(await open())
    expect(await store.itemsByIds(['old'])).toEqual([sampleItem('old', { title: 'Old', attributes: null })])
    await store.upsertItems([sampleItem('old', { title: 'New' })])
    const through = await store.catalogueVersion()
    const changes = await store.catalogueChanges({ after: { version: 0, itemId: null }, through, limit: 9 })
    expect(changes.items.map(({ title }) => title)).toEqual(['New'])
    const erasure = newErasure({ id: 'e1', userId: 'ann', by: 'eve', at: NOON })
    await store.beginErasure(erasure, erasureEvent(erasure))
    expect(await store.eraseSome({ erasureId: 'e1', through: NOON, limit: 9 })).toEqual({
      interactions: 0,
      slates: 1,
      // The erasure that was refused stays, because it has to be carried out.
      deadLetters: 1,
    })
    await store.close()
  })
})
