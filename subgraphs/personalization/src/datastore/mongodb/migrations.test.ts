import { mongoDatabase } from '@bulkhead/datastore/datastore-url'
import { openMongo } from '@bulkhead/datastore/mongodb/open'
import { describeOnMongo } from '@bulkhead/datastore/testing/describe-on-mongodb'
import { expect, test } from 'vitest'
import { erasureEvent, newErasure } from '../../domain/erasure.ts'
import { trendWeight } from '../../domain/popularity.ts'
import { sampleItem } from '../../testing/samples/catalogue.ts'
import { sampleInteraction } from '../../testing/samples/interactions.ts'
import { sampleExposure, sampleSlate } from '../../testing/samples/slates.ts'
import { NOON } from '../../testing/samples/time.ts'
import { openPersonalizationStore } from '../open.ts'
import { openCollections, writeInteraction } from './collections.ts'
import { MONGO_MIGRATIONS } from './migrations.ts'
import { createMongoStore } from './store.ts'

describeOnMongo('what earlier releases stored on MongoDB', (mongo) => {
  test('items, slates and dead letters of earlier releases are found like new ones', async () => {
    const url = mongo().url('erasable')
    const open = (migrations = MONGO_MIGRATIONS) =>
      openMongo({ url, database: mongoDatabase(url), migrations })
    const { db, close } = await open(MONGO_MIGRATIONS.slice(0, 3))
    const { id: _id, servedBy, policy, producer: _, ...slate } = sampleSlate('early', { userId: 'ann' })
    const { rung, cause } = servedBy
    const { id: policyId, seed, candidatesHash } = policy
    const lacking = { servedBy: { rung, cause }, policy: { id: policyId, seed, candidatesHash } }
    const letters = [
      { ...sampleExposure('refused'), unit: 'ann' },
      { kind: 'unitErased', eventId: 'erased', unit: 'ann', occurredAt: new Date(NOON).toISOString() },
    ]
    const text = db.collection<{ _id: string }>('dead_letters')
    await db
      .collection<{ _id: string }>('slates')
      .insertOne({ _id, ...slate, ...lacking, attributes: null } as { _id: string })
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
    expect(await store.slatesByIds(['early'])).toEqual([
      {
        ...slate,
        id: 'early',
        servedBy: { rung, cause, sources: null, modelShare: null },
        policy: { id: policyId, seed, candidatesHash, candidateWidth: null },
        producer: null,
      },
    ])
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

  test('is read with what it lacks, and its popularity is counted again, by listeners', async () => {
    const url = mongo().url('earlier')
    const earlier = await openMongo({
      url,
      database: mongoDatabase(url),
      migrations: MONGO_MIGRATIONS.slice(0, 3),
    })
    const { interactions, popularity, items } = openCollections(earlier.db)
    const hit = { itemId: 'hit', userId: 'u1' }
    await interactions.insertMany(
      [
        sampleInteraction('e1', { ...hit, occurredAt: NOON + 9 }),
        sampleInteraction('e2', { ...hit, type: 'LIKE', occurredAt: NOON }),
        sampleInteraction('e3', { ...hit, userId: 'u2' }),
        sampleInteraction('e4', { itemId: 'pushed' }),
        sampleInteraction('e5', { itemId: 'pushed' }),
        sampleInteraction('e6', { itemId: 'shunned', type: 'HIDE' }),
      ].map(writeInteraction),
    )
    await earlier.db.collection<{ _id: string; interactions: number }>(popularity.collectionName).insertMany([
      { _id: 'hit', interactions: 3 },
      { _id: 'pushed', interactions: 2 },
    ])
    const { availableFrom, availableUntil, markets, id, ...fields } = sampleItem('hit')
    await items.insertOne({ _id: id, ...fields, attributes: null, titleFolded: '' })
    await earlier.close()

    const store = await openPersonalizationStore(url)
    expect(await store.itemsByIds(['hit'])).toEqual([sampleItem('hit')])
    expect(await store.servingHistory('u1', { opinions: 9, used: 9, skipped: 9 })).toMatchObject({
      opinions: [{ itemId: 'shunned' }, { itemId: 'hit' }],
      used: [{ itemId: 'hit', occurredAt: NOON + 9 }, { itemId: 'pushed' }],
    })
    await store.importInteractions([sampleInteraction('e7', { itemId: 'pushed' })])
    expect(await store.popularItems(9)).toEqual([
      { itemId: 'hit', listeners: 2 },
      { itemId: 'pushed', listeners: 1 },
    ])
    const [first] = await store.trendingItems(1)
    expect((first?.trend ?? 0) / trendWeight(NOON, NOON)).toBeCloseTo(2, 9)
    await store.close()
  })
})
