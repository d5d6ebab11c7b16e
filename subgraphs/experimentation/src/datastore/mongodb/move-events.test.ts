import { mongoDatabase } from '@bulkhead/datastore/datastore-url'
import { openMongo } from '@bulkhead/datastore/mongodb/open'
import { describeOnMongo } from '@bulkhead/datastore/testing/describe-on-mongodb'
import { expect, test } from 'vitest'
import { sampleExposures, sampleHeartbeat, sampleIncoming } from '../../testing/samples.ts'
import type { IncomingEvent } from '../port.ts'
import { positionAll, readUpTo, withoutTime } from '../testing/position-checks.ts'
import { MONGO_MIGRATIONS } from './migrations.ts'
import { createMongoStore } from './store.ts'

describeOnMongo('events of the first releases', (mongo) => {
  test('keep their positions, and those without one get the next', async () => {
    const url = mongo().url('moved')
    const database = mongoDatabase(url)
    const old = await openMongo({ url, database, migrations: MONGO_MIGRATIONS.slice(0, 2) })
    const stored = sampleExposures('u', 0, 700)
    const halfStamped = sampleExposures('half', 0, 4)
    const waiting = [...sampleExposures('waiting', 0, 2), sampleIncoming(sampleHeartbeat())]
    type OldSegment = { _id: number; from: number; to: number; stamped: boolean; eventIds?: string[] }
    type OldEvent = { _id: string; position?: number; unpositioned?: true }
    const single = ({ event, producer, recordedAt }: IncomingEvent, position?: number) => ({
      _id: event.eventId,
      producer,
      recordedAt,
      body: JSON.stringify(event),
      ...(position === undefined ? { unpositioned: true as const } : { position }),
    })
    await old.db.collection<OldEvent>('events').insertMany([
      ...stored.map((event, index) => single(event, index + 1)),
      // Two of four have their position already.
      ...halfStamped.map((event, index) => single(event, index < 2 ? 701 + index : undefined)),
      ...waiting.map((event) => single(event)),
    ])
    await old.db.collection<OldSegment>('segments').insertMany([
      { _id: 1, from: 1, to: 700, stamped: true },
      {
        _id: 2,
        from: 701,
        to: 704,
        stamped: false,
        eventIds: halfStamped.map(({ event }) => event.eventId),
      },
    ])
    await old.close()

    // Two replicas that start at the same time both move them.
    const datastores = await Promise.all(
      [1, 2].map(() => openMongo({ url, database, migrations: MONGO_MIGRATIONS })),
    )
    const [store, other] = datastores.map(createMongoStore)
    if (store === undefined || other === undefined) throw new Error('two were opened')
    expect(await store.head()).toBe(704)
    expect(await readUpTo(store, 704)).toEqual(
      [...stored, ...halfStamped].map((event, index) => ({ ...withoutTime(event), position: index + 1 })),
    )
    await positionAll(store)
    const rest = (await readUpTo(store, await store.head())).slice(704)
    expect(rest.map(({ event }) => event.eventId).toSorted()).toEqual(
      waiting.map(({ event }) => event.eventId).toSorted(),
    )
    expect(rest.at(-1)?.event.kind).toBe('heartbeat')
    await store.ingest([...stored.slice(0, 9), ...halfStamped, ...waiting])
    expect(await store.unpositioned()).toEqual({ events: 0, oldest: null })

    // A replica of the old release that still runs gets no acknowledgement.
    const left = datastores[0]?.db.collection<OldEvent>('events')
    const [late] = sampleExposures('late', 0, 1).map((event) => single(event))
    await expect(left?.insertMany([late ?? { _id: '' }], { ordered: false })).rejects.toThrow('validation')
    expect(await left?.countDocuments()).toBe(0)
    await store.close()
    await other.close()
  })
})
