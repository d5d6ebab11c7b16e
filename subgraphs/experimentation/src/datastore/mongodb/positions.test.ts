import { mongoDatabase } from '@bulkhead/datastore/datastore-url'
import { type MongoDatastore, openMongo } from '@bulkhead/datastore/mongodb/open'
import { describeOnMongo } from '@bulkhead/datastore/testing/describe-on-mongodb'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { sampleExposures } from '../../testing/samples.ts'
import type { ExperimentationStore } from '../port.ts'
import {
  expectSettled,
  positionAll,
  type Reading,
  readUpTo,
  takeReading,
} from '../testing/position-checks.ts'
import { type Collections, openCollections } from './collections.ts'
import { MONGO_MIGRATIONS } from './migrations.ts'
import { type Positioned, type PositioningStep, positioning, stampEvents } from './positions.ts'
import { createMongoStore } from './store.ts'

describeOnMongo('ingest positions', (mongo) => {
  let datastore: MongoDatastore
  let collections: Collections
  let store: ExperimentationStore

  beforeAll(async () => {
    const url = mongo().url('positions')
    datastore = await openMongo({
      url,
      database: mongoDatabase(url),
      migrations: MONGO_MIGRATIONS,
    })
    collections = openCollections(datastore.db)
  })
  beforeEach(async () => {
    await collections.events.deleteMany({})
    await collections.segments.deleteMany({})
    // A fresh one, because a store remembers the head that it has read.
    store = createMongoStore(datastore)
  })
  afterAll(() => datastore.close())

  /** A writer that takes one step at a time: not asking it for the next one is what freezes it. */
  function createWriter(limit: number) {
    const session = datastore.client.startSession({ causalConsistency: true })
    let steps: AsyncGenerator<PositioningStep, Positioned, void> | undefined
    return {
      /** The name of the step that comes next, or how the run ended; the next call then begins another run. */
      async step(): Promise<PositioningStep | Positioned> {
        steps ??= positioning(collections, session, limit)
        const { done, value } = await steps.next()
        if (done) steps = undefined
        return value
      },
      async finish() {
        while (steps !== undefined) if ((await steps.next()).done) steps = undefined
      },
      end: () => session.endSession(),
    }
  }

  const STEPS_OF_A_RUN = [
    'read head',
    'read unpositioned',
    'append segment',
    'stamp',
    'mark stamped',
  ] as const

  test.each(STEPS_OF_A_RUN.map((step, index) => [step, index] as const))(
    'survive a writer that is frozen before "%s" and wakes up late',
    async (step, index) => {
      await store.ingest(sampleExposures('early', 0, 6))
      const frozen = createWriter(4)
      let next: PositioningStep | Positioned = await frozen.step()
      for (let taken = 0; taken < index; taken += 1) next = await frozen.step()
      expect(next).toBe(step)

      const readings: Reading[] = [await takeReading(store)]
      await store.ingest(sampleExposures('late', 0, 5))
      await positionAll(store)
      readings.push(await takeReading(store))
      expect(readings.at(-1)?.upTo).toBe(11)

      await frozen.finish()
      readings.push(await takeReading(store))
      await store.ingest(sampleExposures('later', 0, 2))
      await positionAll(store)
      expect(await expectSettled(store, readings)).toHaveLength(13)
      await frozen.end()
    },
  )

  test('show nothing of a segment that is appended and half stamped, until another writer completes it', async () => {
    await store.ingest(sampleExposures('u', 0, 6))
    const frozen = createWriter(6)
    while ((await frozen.step()) !== 'stamp');
    const [segment] = await collections.segments.find().toArray()
    if (segment?.eventIds === undefined) throw new Error('the segment was not appended')
    await datastore.client.withSession((session) =>
      stampEvents(collections, segment, segment.eventIds?.slice(2, 4) ?? [], session),
    )
    expect(await store.head()).toBe(0)

    expect(await store.assignPositions(10)).toBe(0)
    expect(await store.head()).toBe(6)
    const events = await readUpTo(store, 6)
    expect(events.map(({ event }) => event.eventId)).toEqual(segment.eventIds)
    await frozen.finish()
    await expectSettled(store, [{ upTo: 6, text: JSON.stringify(events) }])
    await frozen.end()
  })

  test('are given to each event by one writer of many that propose it', async () => {
    await store.ingest(sampleExposures('u', 0, 9))
    const writers = [createWriter(4), createWriter(5), createWriter(9)]
    for (const writer of writers) while ((await writer.step()) !== 'append segment');
    const outcomes: (PositioningStep | Positioned)[] = []
    for (const writer of writers) outcomes.push(await writer.step())
    expect(outcomes).toEqual(['stamp', { type: 'overtaken' }, { type: 'overtaken' }])
    for (const writer of writers) await writer.finish()
    await positionAll(store)
    expect(await expectSettled(store, [])).toHaveLength(9)
    for (const writer of writers) await writer.end()
  })

  const command = fc.oneof(
    { weight: 8, arbitrary: fc.record({ type: fc.constant('step' as const), writer: fc.nat({ max: 2 }) }) },
    {
      weight: 2,
      arbitrary: fc.record({ type: fc.constant('ingest' as const), count: fc.integer({ min: 1, max: 4 }) }),
    },
    { weight: 2, arbitrary: fc.record({ type: fc.constant('read' as const) }) },
    // What a server that fails in the middle of an update leaves behind.
    {
      weight: 1,
      arbitrary: fc.record({ type: fc.constant('half stamp' as const), from: fc.nat({ max: 3 }) }),
    },
  )

  test('never change below a head that was read, for any interleaving of the steps of three writers', async () => {
    let runs = 0
    const outcomes = { positioned: 0, overtaken: 0, completedForAnother: 0, halfStamped: 0 }

    const property = fc.asyncProperty(
      fc.array(command, { minLength: 20, maxLength: 90 }),
      fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 3, maxLength: 3 }),
      async (commands, limits) => {
        runs += 1
        await collections.events.deleteMany({})
        await collections.segments.deleteMany({})
        const reader = createMongoStore(datastore)
        const writers = limits.map((limit) => ({ ...createWriter(limit), last: '' }))
        const readings: Reading[] = []
        let ingested = 0
        for (const todo of commands) {
          if (todo.type === 'ingest') {
            await reader.ingest(sampleExposures(`r${runs}`, ingested, todo.count))
            ingested += todo.count
          } else if (todo.type === 'read') {
            readings.push(await takeReading(reader))
          } else if (todo.type === 'half stamp') {
            const [head] = await collections.segments.find({ stamped: false }).toArray()
            if (head?.eventIds === undefined) continue
            const { eventIds } = head
            await datastore.client.withSession((session) =>
              stampEvents(collections, head, eventIds.slice(todo.from), session),
            )
            outcomes.halfStamped += 1
          } else {
            const writer = writers[todo.writer]
            const result = await writer?.step()
            if (typeof result === 'object') outcomes[result.type] += 1
            else if (writer !== undefined && result !== undefined) {
              if (result === 'stamp' && writer.last === 'read head') outcomes.completedForAnother += 1
              writer.last = result
            }
          }
        }
        readings.push(await takeReading(reader))
        // All wake up, one after another, each at the step where it was frozen.
        for (const writer of writers) {
          await writer.finish()
          readings.push(await takeReading(reader))
          await writer.end()
        }
        await positionAll(reader)
        const events = await expectSettled(reader, readings)
        expect(events).toHaveLength(ingested)
      },
    )
    await fc.assert(property, { numRuns: 120 })
    // Each branch was taken, often.
    for (const count of Object.values(outcomes)) expect(count).toBeGreaterThan(20)
  }, 120_000)

  test('need two round trips of a store that has not read the head, and one of a store that has', async () => {
    await store.ingest(sampleExposures('u', 0, 3))
    await positionAll(store)
    const counted = await openMongo({
      url: mongo().url('positions'),
      database: datastore.db.databaseName,
      migrations: MONGO_MIGRATIONS,
      clientOptions: { monitorCommands: true },
    })
    const commands: string[] = []
    counted.client.on('commandStarted', ({ commandName }) => commands.push(commandName))
    const other = createMongoStore(counted)
    commands.length = 0
    await readUpTo(other, 3)
    expect(commands).toEqual(['find', 'find'])
    commands.length = 0
    await readUpTo(other, 2)
    expect(commands).toEqual(['find'])
    await other.close()
  })
})
