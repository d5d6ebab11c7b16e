import { mongoDatabase } from '@bulkhead/datastore/datastore-url'
import { type MongoDatastore, openMongo } from '@bulkhead/datastore/mongodb/open'
import { describeOnMongo } from '@bulkhead/datastore/testing/describe-on-mongodb'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { sampleExposures, sampleHeartbeat, sampleIncoming } from '../../testing/samples.ts'
import type { ExperimentationStore, IncomingEvent } from '../port.ts'
import { positionAll, readUpTo } from '../testing/position-checks.ts'
import { type Collections, openCollections } from './collections.ts'
import { type ClaimStep, storing } from './event-claims.ts'
import { MONGO_MIGRATIONS } from './migrations.ts'
import { createMongoStore } from './store.ts'

describeOnMongo('storing events', (mongo) => {
  let datastore: MongoDatastore
  let collections: Collections
  let store: ExperimentationStore

  beforeAll(async () => {
    const url = mongo().url('claims')
    datastore = await openMongo({ url, database: mongoDatabase(url), migrations: MONGO_MIGRATIONS })
    collections = openCollections(datastore.db)
  })
  beforeEach(clear)
  afterAll(() => datastore.close())

  async function clear() {
    const { eventIds, eventBlocks, segments } = collections
    for (const part of [eventIds, eventBlocks, segments]) await part.deleteMany({})
    store = createMongoStore(datastore)
  }

  /** A delivery that takes one step at a time: not asking it for the next one is what freezes or kills its writer. */
  function createDelivery(events: readonly IncomingEvent[], patience = 0) {
    const session = datastore.client.startSession({ causalConsistency: true })
    const steps = storing(collections, session, events, patience)
    let acknowledged = false
    async function step(): Promise<ClaimStep | 'acknowledged'> {
      const { done, value } = await steps.next()
      acknowledged ||= done === true
      return value ?? 'acknowledged'
    }
    return {
      events,
      step,
      isAcknowledged: () => acknowledged,
      async finish() {
        while ((await step()) !== 'acknowledged');
      },
      end: () => session.endSession(),
    }
  }

  async function storedIds(): Promise<string[]> {
    await positionAll(store)
    return (await readUpTo(store, await store.head())).map(({ event }) => event.eventId).toSorted()
  }
  const idsOf = (events: readonly IncomingEvent[]) => events.map(({ event }) => event.eventId).toSorted()

  const events = [...sampleExposures('u', 0, 3), sampleIncoming(sampleHeartbeat())]

  test.each([['claim'], ['write blocks']] as const)(
    'that a killed writer began ("%s" came next) are stored by who delivers them again',
    async (next) => {
      const killed = createDelivery(events)
      while ((await killed.step()) !== next);
      expect(await storedIds()).toEqual([])
      const claimed = await store.exposureRecords(idsOf(events))
      expect([...claimed]).toEqual([])

      await store.ingest(events)
      expect(await storedIds()).toEqual(idsOf(events))
      expect((await store.exposureRecords(idsOf(events))).size).toBe(4)
      await killed.end()
    },
  )

  test('of a writer that wakes up after others have stored them are there once', async () => {
    const frozen = createDelivery([...events, ...sampleExposures('own', 0, 2)])
    while ((await frozen.step()) !== 'write blocks');
    const other = createDelivery(events)
    await other.finish()
    await frozen.finish()
    expect(await storedIds()).toEqual(idsOf(frozen.events))
    await frozen.end()
    await other.end()
  })

  test('are claimed again by one of two that find the same block void', async () => {
    const killed = createDelivery(events)
    while ((await killed.step()) !== 'write blocks');
    const both = [createDelivery(events), createDelivery(events)]
    for (const delivery of both) while ((await delivery.step()) !== 'claim again');
    for (const delivery of both) while ((await delivery.step()) === 'claim again');
    for (const delivery of both) await delivery.finish()
    expect(await storedIds()).toEqual(idsOf(events))
    for (const delivery of [killed, ...both]) await delivery.end()
  })

  test('wait for a writer that is only slow, and leave its block to it', async () => {
    const slow = createDelivery(events)
    while ((await slow.step()) !== 'write blocks');
    const other = createDelivery(events, 1_000)
    while ((await other.step()) !== 'wait');
    await slow.finish()
    await other.finish()
    expect(await collections.voidBlocks.countDocuments({ void: true })).toBe(0)
    expect(await storedIds()).toEqual(idsOf(events))
    await slow.end()
    await other.end()
  })

  const command = fc.oneof(
    { weight: 9, arbitrary: fc.record({ type: fc.constant('step' as const), delivery: fc.nat({ max: 3 }) }) },
    { weight: 1, arbitrary: fc.record({ type: fc.constant('kill' as const), delivery: fc.nat({ max: 3 }) }) },
    { weight: 1, arbitrary: fc.record({ type: fc.constant('position' as const), delivery: fc.constant(0) }) },
  )

  test('are there once for any interleaving of deliveries of the same events, whoever is killed', async () => {
    const pool = sampleExposures('pool', 0, 6)
    const subset = fc.subarray(pool, { minLength: 1 })
    let voided = 0
    let acknowledgedByMany = 0
    const property = fc.asyncProperty(
      fc.array(command, { minLength: 10, maxLength: 60 }),
      fc.array(subset, { minLength: 4, maxLength: 4 }),
      async (commands, sets) => {
        await clear()
        const deliveries = sets.map((set) => createDelivery(set))
        const killed = new Set<number>()
        for (const { type, delivery } of commands) {
          if (type === 'position') await store.assignPositions(10)
          else if (type === 'kill') killed.add(delivery)
          else if (!killed.has(delivery)) await deliveries[delivery]?.step()
        }
        const delivered = () =>
          new Set(deliveries.filter((one) => one.isAcknowledged()).flatMap((one) => idsOf(one.events)))
        expect(await storedIds()).toEqual(expect.arrayContaining([...delivered()]))
        for (const [index, one] of deliveries.entries()) if (!killed.has(index)) await one.finish()
        const ids = await storedIds()
        expect(new Set(ids).size).toBe(ids.length)
        expect(ids).toEqual(expect.arrayContaining([...delivered()]))
        // Whatever the killed ones left behind can still be delivered.
        const last = createDelivery(pool)
        await last.finish()
        expect(await storedIds()).toEqual(idsOf(pool))
        voided += await collections.voidBlocks.countDocuments({ void: true })
        acknowledgedByMany += deliveries.filter((one) => one.isAcknowledged()).length
        for (const one of [...deliveries, last]) await one.end()
      },
    )
    await fc.assert(property, { numRuns: 60 })
    expect(voided).toBeGreaterThan(5)
    expect(acknowledgedByMany).toBeGreaterThan(60)
  }, 120_000)
})
