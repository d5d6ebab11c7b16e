import { mongoDatabase } from '@bulkhead/datastore/datastore-url'
import { type MongoDatastore, openMongo } from '@bulkhead/datastore/mongodb/open'
import { describeOnMongo } from '@bulkhead/datastore/testing/describe-on-mongodb'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { HOUR, NOON, sampleExposures, sampleHeartbeat, sampleIncoming } from '../../testing/samples.ts'
import type { ExperimentationStore, IncomingEvent } from '../port.ts'
import {
  expectSettled,
  positionAll,
  type Reading,
  readUpTo,
  takeReading,
} from '../testing/position-checks.ts'
import { type Collections, openCollections } from './collections.ts'
import { MONGO_MIGRATIONS } from './migrations.ts'
import { type Positioned, type PositioningStep, positioning, stampBlocks } from './positions.ts'
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
    await clear()
    // A fresh one, because a store remembers the head that it has read.
    store = createMongoStore(datastore)
  })
  afterAll(() => datastore.close())

  async function clear() {
    for (const part of [collections.eventIds, collections.eventBlocks, collections.segments]) {
      await part.deleteMany({})
    }
  }

  /** One block for each event. */
  async function ingestApart(events: readonly IncomingEvent[]) {
    for (const event of events) await store.ingest([event])
  }

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
    'read vouching',
    'read others',
    'append segment',
    'stamp',
    'mark stamped',
  ] as const

  test.each(STEPS_OF_A_RUN.map((step, index) => [step, index] as const))(
    'survive a writer that is frozen before "%s" and wakes up late',
    async (step, index) => {
      await ingestApart(sampleExposures('early', 0, 6))
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
    await ingestApart(sampleExposures('u', 0, 6))
    const frozen = createWriter(6)
    while ((await frozen.step()) !== 'stamp');
    const [segment] = await collections.segments.find().toArray()
    if (segment === undefined) throw new Error('the segment was not appended')
    await datastore.client.withSession((session) =>
      stampBlocks(collections, segment, session, (index) => index === 2 || index === 3),
    )
    expect(await store.head()).toBe(0)

    expect(await store.assignPositions(10)).toBe(0)
    expect(await store.head()).toBe(6)
    const events = await readUpTo(store, 6)
    expect(events).toHaveLength(6)
    await frozen.finish()
    await expectSettled(store, [{ upTo: 6, text: JSON.stringify(events) }])
    await frozen.end()
  })

  test('are given to each event by one writer of many that propose it', async () => {
    await ingestApart(sampleExposures('u', 0, 9))
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
        await clear()
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
            if (head === undefined) continue
            await datastore.client.withSession((session) =>
              stampBlocks(collections, head, session, (index) => index >= todo.from),
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

  test('are given oldest first, whatever the order of the inserts', async () => {
    const [late, early, middle] = sampleExposures('u', 0, 3)
    if (late === undefined || early === undefined || middle === undefined) throw new Error('three were made')
    const sent = [
      { ...late, recordedAt: NOON + 3 },
      { ...early, recordedAt: NOON + 1 },
      { ...middle, recordedAt: NOON + 2 },
    ]
    await ingestApart(sent)
    await positionAll(store)
    expect((await readUpTo(store, 3)).map(({ recordedAt }) => recordedAt - NOON)).toEqual([1, 2, 3])
  })

  test('leave nothing of their blocks in a stamped segment', async () => {
    await ingestApart(sampleExposures('u', 0, 5))
    await positionAll(store)
    expect(await collections.segments.find().toArray()).toEqual([{ _id: 1, from: 1, to: 5, stamped: true }])
  })

  test('of a heartbeat come after what was acknowledged before it, although a writer read in between', async () => {
    // The writer finds no heartbeat, then events are acknowledged and after them a heartbeat.
    const writer = createWriter(100)
    while ((await writer.step()) !== 'read others');
    await store.ingest(sampleExposures('before', 0, 3))
    await store.ingest([vouchingAt(1, -50)])
    await writer.finish()
    await writer.end()
    await positionAll(store)
    await expectVouched([{ sequence: 1, after: 3 }])
  })

  test('of a heartbeat wait while there is more than a segment before it', async () => {
    await ingestApart(sampleExposures('before', 0, 5))
    await store.ingest([vouchingAt(1, -50)])
    expect(await store.assignPositions(2)).toBe(2)
    expect(await store.assignPositions(2)).toBe(2)
    expect(await readUpTo(store, 4)).not.toContainEqual(
      expect.objectContaining({ event: expect.objectContaining({ kind: 'heartbeat' }) }),
    )
    await positionAll(store)
    await expectVouched([{ sequence: 1, after: 5 }])
  })

  /** A heartbeat that a replica with this clock stored. */
  function vouchingAt(sequence: number, clock: number): IncomingEvent {
    return sampleIncoming(
      sampleHeartbeat({ eventId: `heartbeat-${sequence}`, sequence }),
      NOON + HOUR + clock,
    )
  }

  /** Checks that each heartbeat has at least so many events that do not vouch before it. */
  async function expectVouched(promised: readonly { readonly sequence: number; readonly after: number }[]) {
    const events = await readUpTo(store, await store.head())
    for (const { sequence, after } of promised) {
      const at = events.findIndex(({ event }) => event.kind === 'heartbeat' && event.sequence === sequence)
      expect(at).toBeGreaterThan(-1)
      const before = events.slice(0, at).filter(({ event }) => event.kind !== 'heartbeat')
      expect(before.length).toBeGreaterThanOrEqual(after)
    }
  }

  const causal = fc.oneof(
    { weight: 6, arbitrary: fc.record({ type: fc.constant('step' as const), writer: fc.nat({ max: 2 }) }) },
    {
      weight: 3,
      arbitrary: fc.record({
        type: fc.constant('ingest' as const),
        clock: fc.integer({ min: -60, max: 60 }),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ type: fc.constant('vouch' as const), clock: fc.integer({ min: -60, max: 60 }) }),
    },
  )

  test('of heartbeats are causal for any clocks of the replicas and any interleaving of three writers', async () => {
    let heartbeats = 0
    const property = fc.asyncProperty(
      fc.array(causal, { minLength: 15, maxLength: 60 }),
      fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 3, maxLength: 3 }),
      async (commands, limits) => {
        await clear()
        store = createMongoStore(datastore)
        const writers = limits.map(createWriter)
        const promised: { sequence: number; after: number }[] = []
        let ingested = 0
        for (const todo of commands) {
          if (todo.type === 'step') await writers[todo.writer]?.step()
          else if (todo.type === 'ingest') {
            const [event] = sampleExposures('causal', ingested, 1)
            if (event !== undefined) await store.ingest([{ ...event, recordedAt: NOON + HOUR + todo.clock }])
            ingested += 1
          } else {
            promised.push({ sequence: promised.length + 1, after: ingested })
            await store.ingest([vouchingAt(promised.length, todo.clock)])
          }
        }
        for (const writer of writers) {
          await writer.finish()
          await writer.end()
        }
        await positionAll(store)
        heartbeats += promised.length
        await expectVouched(promised)
      },
    )
    await fc.assert(property, { numRuns: 100 })
    expect(heartbeats).toBeGreaterThan(100)
  }, 120_000)

  test('are read and written in one causally consistent session, of what a majority has', async () => {
    const { store: watched, commands, close } = await watchedStore()
    await watched.ingest(sampleExposures('u', 0, 3))
    commands.length = 0
    await watched.assignPositions(10)
    const steps = commands.filter(({ name }) => name !== 'endSessions')
    // Two runs: the second finds nothing left.
    expect(steps.map(({ name }) => name)).toEqual([
      ...['find', 'find', 'find', 'insert', 'update', 'update'],
      ...['find', 'find', 'find'],
    ])
    expect(new Set(steps.map(({ command }) => command.lsid.id.toString('hex'))).size).toBe(1)
    const reads = steps.filter(({ name }) => name === 'find')
    for (const [index, { command }] of reads.entries()) {
      expect(command.readConcern.level).toBe('majority')
      // The first read has nothing to be later than.
      if (index > 0) expect(command.readConcern.afterClusterTime).toBeDefined()
    }
    for (const { name, command } of steps) {
      if (name !== 'find') expect(command.writeConcern).toMatchObject({ w: 'majority', j: true })
    }
    await close()
  })

  test('are read after the head in a session that is past it, of what a majority has', async () => {
    await store.ingest(sampleExposures('u', 0, 3))
    await positionAll(store)
    // One that has read nothing but the head: the driver keeps in a collection what its commands were later than.
    const { store: watched, commands, close } = await watchedStore()
    const head = await watched.head()
    commands.length = 0
    await readUpTo(watched, head)
    expect(commands.map(({ name }) => name)).toEqual(['find'])
    expect(commands[0]?.command.readConcern).toMatchObject({
      level: 'majority',
      afterClusterTime: expect.anything(),
    })
    await close()
  })

  /** A store whose commands are kept. */
  async function watchedStore() {
    const opened = await openMongo({
      url: mongo().url('positions'),
      database: datastore.db.databaseName,
      migrations: MONGO_MIGRATIONS,
      clientOptions: { monitorCommands: true },
    })
    // biome-ignore lint/suspicious/noExplicitAny: what the driver sends has no type
    const commands: { readonly name: string; readonly command: any }[] = []
    opened.client.on('commandStarted', ({ commandName: name, command }) => commands.push({ name, command }))
    const watched = createMongoStore(opened)
    return { store: watched, commands, close: () => watched.close() }
  }

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
