import { mongoDatabase } from '@bulkhead/datastore/datastore-url'
import { openMongo } from '@bulkhead/datastore/mongodb/open'
import { describeOnMongo } from '@bulkhead/datastore/testing/describe-on-mongodb'
import { expect, test } from 'vitest'
import {
  NOON,
  sampleErasure,
  sampleExposure,
  sampleExposures,
  sampleIncoming,
  sampleSlateId,
} from '../../testing/samples.ts'
import { createStoreErasing } from '../../testing/unit-erasing.ts'
import type { ExperimentationStore } from '../port.ts'
import { positionAll, readUpTo } from '../testing/position-checks.ts'
import { type Collections, openCollections } from './collections.ts'
import { keepErasures } from './erasures.ts'
import { storing } from './event-claims.ts'
import { createMongoEvents } from './events.ts'
import { MONGO_MIGRATIONS } from './migrations.ts'
import { createMongoStore } from './store.ts'

const events = [sampleIncoming(sampleExposure()), ...sampleExposures('other', 0, 2)]

async function carryOut(store: ExperimentationStore): Promise<void> {
  await store.ingest([sampleIncoming(sampleErasure())])
  await carryOutRecorded(store)
}

async function carryOutRecorded(store: ExperimentationStore): Promise<void> {
  const erasing = createStoreErasing(store)
  while ((await erasing.step()).more);
  expect(await store.waitingErasures(1)).toEqual([])
}

describeOnMongo('erasures beside writers', (mongo) => {
  async function open(name: string) {
    const url = mongo().url(name)
    const datastore = await openMongo({ url, database: mongoDatabase(url), migrations: MONGO_MIGRATIONS })
    const store = createMongoStore(datastore)
    const collections = openCollections(datastore.db)
    /** A writer that does something else before it writes its blocks. */
    function writer(meanwhile: () => Promise<void>) {
      const eventBlocks: Collections['eventBlocks'] = new Proxy(collections.eventBlocks, {
        get(target, name) {
          if (name !== 'insertMany') {
            const value: unknown = Reflect.get(target, name)
            return typeof value === 'function' ? value.bind(target) : value
          }
          const insertMany: typeof target.insertMany = async (...parameters) => {
            await meanwhile()
            return target.insertMany(...parameters)
          }
          return insertMany
        },
      })
      return createMongoEvents(datastore.client, { ...collections, eventBlocks })
    }
    async function units() {
      await positionAll(store)
      const stored = await readUpTo(store, await store.head())
      return stored.map(({ event }) => ('unit' in event ? event.unit : null))
    }
    return { store, client: datastore.client, collections, writer, units }
  }

  test('a writer that freezes until an erasure is carried out leaves nothing behind', async () => {
    const { store, writer, units } = await open('frozen')
    await writer(() => carryOut(store)).ingest(events)
    expect(await units()).toEqual(['other-0', 'other-1'])
    expect(await store.head()).toBe(3)
    await store.close()
  })

  test('a writer finds an erasure whose recorder died before it raised the mark', async () => {
    const { store, collections, writer, units } = await open('unmarked')
    async function recordAndDie() {
      const erasureMark: Pick<Collections['erasureMark'], 'updateOne'> = {
        updateOne: () => Promise.reject(new Error('died')),
      }
      const dying = { ...collections, erasureMark: erasureMark as Collections['erasureMark'] }
      await expect(keepErasures(dying, [{ unit: 'u1', occurredAt: NOON, recordedAt: NOON }])).rejects.toThrow(
        'died',
      )
      await carryOutRecorded(store)
    }
    await writer(recordAndDie).ingest(events)
    expect(await units()).toEqual(['other-0', 'other-1'])
    await store.close()
  })

  test('a replica goes on finding erasures that others record, however many there are', async () => {
    const { store, client, collections, units } = await open('others')
    const other = createMongoEvents(client, collections)
    for (let number = 0; number < 50; number += 1) {
      await other.ingest([
        sampleIncoming(sampleErasure({ unit: `gone-${number}`, eventId: `erasure-${number}` })),
      ])
      const unit = `gone-${number}`
      await store.ingest([sampleIncoming(sampleExposure({ unit, slateId: sampleSlateId(number, unit) }))])
    }
    expect(await units()).toEqual([])
    await store.close()
  })

  test('what a writer left behind that died is erased before a delivery of the same events is acknowledged', async () => {
    const { store, client, collections, units } = await open('died')
    await client.withSession({ causalConsistency: true }, async (session) => {
      for await (const step of storing(collections, session, events)) {
        if (step === 'write blocks') await carryOut(store)
      }
      // It dies before it looks for erasures.
    })
    expect(await store.unpositioned()).toMatchObject({ events: 3 })
    await store.ingest(events)
    expect(await units()).toEqual(['other-0', 'other-1'])
    await store.close()
  })
})
