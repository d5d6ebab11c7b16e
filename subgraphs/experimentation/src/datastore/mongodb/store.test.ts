import { mongoDatabase } from '@bulkhead/datastore/datastore-url'
import { type MongoDatastore, openMongo } from '@bulkhead/datastore/mongodb/open'
import { describeOnMongo } from '@bulkhead/datastore/testing/describe-on-mongodb'
import { expect, test } from 'vitest'
import { sampleStoredAnalysis } from '../../testing/sample-analyses.ts'
import { sampleBatch } from '../../testing/sample-changes.ts'
import { sampleBootstrap } from '../../testing/sample-decisions.ts'
import {
  NOON,
  sampleExperiment,
  sampleExposure,
  sampleExposures,
  sampleIncoming,
  sampleSnapshot,
} from '../../testing/samples.ts'
import { describeExperimentationStore } from '../testing/conformance.ts'
import type { CountedStore } from '../testing/conformance-context.ts'
import { positionAll, readUpTo } from '../testing/position-checks.ts'
import { openCollections } from './collections.ts'
import { MONGO_MIGRATIONS } from './migrations.ts'
import { createMongoStore } from './store.ts'

/** Commands of the driver's own housekeeping. */
const HOUSEKEEPING = new Set(['hello', 'ismaster', 'endSessions', 'ping'])

async function openCounted(url: string): Promise<CountedStore> {
  let commands = 0
  const datastore = await openMongo({
    url,
    database: mongoDatabase(url),
    migrations: MONGO_MIGRATIONS,
    clientOptions: { monitorCommands: true },
  })
  datastore.client.on('commandStarted', ({ commandName }) => {
    if (!HOUSEKEEPING.has(commandName)) commands += 1
  })
  return {
    store: createMongoStore(datastore),
    roundTrips: () => commands,
    async contents() {
      const collections = await datastore.db.collections()
      return new Map(
        await Promise.all(
          collections.map(
            async (collection) => [collection.collectionName, await collection.find().toArray()] as const,
          ),
        ),
      )
    },
  }
}

describeOnMongo('the experimentation store', (mongo) => {
  describeExperimentationStore('conforms', (database) => mongo().url(database), openCounted)

  async function openFresh(name: string): Promise<MongoDatastore> {
    const url = mongo().url(name)
    return openMongo({ url, database: mongoDatabase(url), migrations: MONGO_MIGRATIONS })
  }

  test('can be opened for the first time by several replicas at once', async () => {
    const datastores = await Promise.all([1, 2, 3, 4].map(() => openFresh('at_once')))
    const stores = datastores.map(createMongoStore)
    await Promise.all(stores.map((store) => store.ingest([sampleIncoming(sampleExposure())])))
    const [store] = stores
    if (store === undefined) throw new Error('four were opened')
    await positionAll(store)
    expect(await readUpTo(store, await store.head())).toHaveLength(1)
    await Promise.all(stores.map((store) => store.close()))
  })

  test('stores a change in one transaction', async () => {
    const url = mongo().url('one_transaction')
    const datastore = await openMongo({
      url,
      database: mongoDatabase(url),
      migrations: MONGO_MIGRATIONS,
      clientOptions: { monitorCommands: true },
    })
    const store = createMongoStore(datastore)
    const batch = sampleBatch(await store.changeHead(), {
      after: sampleExperiment({ key: 'mix' }),
      snapshot: sampleSnapshot(1),
    })
    const writes: unknown[] = []
    datastore.client.on('commandStarted', ({ commandName, command }) => {
      if (commandName === 'insert' || commandName === 'update') {
        writes.push([command[commandName], command.autocommit])
      }
    })
    expect(await store.commit(batch)).toBe('committed')
    expect(writes).toEqual([
      ['audit', false],
      ['experiments', false],
      ['snapshots', false],
    ])
    await store.close()
  })

  test('reads no more documents than it returns', async () => {
    const datastore = await openFresh('indexes')
    const store = createMongoStore(datastore)
    for (const from of [0, 10, 20]) await store.ingest(sampleExposures('early', from, 10))
    await positionAll(store)
    for (const from of [0, 10]) await store.ingest(sampleExposures('late', from, 10))
    const { eventBlocks } = openCollections(datastore.db)

    const unpositioned = eventBlocks.find(
      { unpositioned: true, kind: 'exposure' },
      { sort: { recordedAt: 1, _id: 1 }, limit: 1 },
    )
    const positioned = eventBlocks.find({ first: { $gt: 3, $lte: 12 } }, { sort: { first: 1 } })
    for (const query of [unpositioned, positioned]) {
      const plan = await query.explain('executionStats')
      expect(plan.executionStats).toMatchObject({ totalDocsExamined: 1, nReturned: 1 })
    }
    for (const kinds of [['heartbeat'], ['heartbeat', 'interaction']] as const) {
      const plan = await eventBlocks
        .find({ first: { $gt: 0, $lte: 30 }, kind: { $in: kinds } }, { sort: { first: 1 } })
        .explain('executionStats')
      expect(plan.executionStats.totalDocsExamined).toBe(0)
      expect(JSON.stringify(plan.queryPlanner.winningPlan)).not.toContain('"SORT"')
    }
    await store.close()
  })

  test('finds the newest analysis among many by an index', async () => {
    const datastore = await openFresh('newest')
    const store = createMongoStore(datastore)
    for (let index = 0; index < 30; index += 1) {
      const segment = index % 3 === 0 ? null : 'country'
      await store.insertAnalysis(sampleStoredAnalysis({ id: `a${index}`, cutoff: NOON + index, segment }))
    }
    const lookup = { experimentKey: 'mix', segment: null }
    const newest = [
      { ...lookup, cutoff: null },
      { ...lookup, cutoff: NOON + 3 },
    ]
    const profiled = await profile(datastore, () => store.findAnalyses({ ids: ['a1'], newest }))
    expect(profiled.result.newest.map((analysis) => analysis?.id)).toEqual(['a27', 'a3'])
    expect(profiled.docsExamined).toBeLessThanOrEqual(3)
    const pages = await profile(datastore, () =>
      store.analysisPages({ experimentKeys: ['mix'], limit: 2, after: null }),
    )
    expect(pages.result.get('mix')?.analyses.map(({ id }) => id)).toEqual(['a29', 'a28'])
    expect(pages.docsExamined).toBeLessThanOrEqual(3)

    for (const from of [0, 10, 20, 30, 40]) await store.ingest(sampleExposures('erased', from, 10))
    await positionAll(store)
    const erased = await profile(datastore, () => store.erasedEventsUpTo([5, 15]))
    expect(erased.result).toEqual(
      new Map([
        [5, 0],
        [15, 0],
      ]),
    )
    expect(erased.docsExamined).toBeLessThanOrEqual(2)
    await store.close()
  })

  /** How many documents the server looked at for what runs meanwhile. */
  async function profile<T>({ db }: MongoDatastore, run: () => Promise<T>) {
    await db.command({ profile: 2 })
    const result = await run()
    await db.command({ profile: 0 })
    const entries = await db.collection('system.profile').find({ op: 'command' }).toArray()
    const docsExamined = entries.reduce((sum, entry) => sum + Number(entry.docsExamined ?? 0), 0)
    await db.collection('system.profile').drop()
    return { result, docsExamined }
  }

  test('erases with refused events of an age the blocks that were given up', async () => {
    const datastore = await openFresh('void')
    const store = createMongoStore(datastore)
    const { voidBlocks } = openCollections(datastore.db)
    await voidBlocks.insertMany([
      { _id: 'old', void: true, voidedAt: 1 },
      { _id: 'new', void: true, voidedAt: 2 },
    ])
    await store.eraseRejections({ rejectedBefore: 2, limit: 1 })
    expect((await voidBlocks.find().toArray()).map(({ _id }) => _id)).toEqual(['new'])
    await store.close()
  })

  test('records of documents that somebody else has changed say what differs, or cannot be read', async () => {
    const datastore = await openFresh('records')
    const store = createMongoStore(datastore)
    const { audit, bootstraps, experiments } = openCollections(datastore.db)
    await bootstraps.insertMany([
      { _id: 'v1', revision: 1, body: '{' },
      { _id: 'v2', revision: 2, body: JSON.stringify(sampleBootstrap({ modelVersionId: 'v2' })) },
    ])
    expect(await store.bootstrapRecords()).toMatchObject([
      { key: 'v1', value: null },
      { key: 'v2', value: { revision: 1 }, differing: ['revision'] },
    ])
    for (const key of ['a', 'b']) {
      await store.commit(sampleBatch(await store.changeHead(), { after: sampleExperiment({ key }) }))
    }
    await experiments.updateOne({ _id: 'a' }, { $set: { status: 'ARCHIVED', owner: 'eve' } })
    await experiments.updateOne({ _id: 'b' }, { $set: { body: '{' } })
    await audit.updateOne({ _id: 1 }, { $set: { by: 'eve' } })
    await audit.updateOne({ _id: 2 }, { $unset: { body: 1 } })
    const page = { limit: 9, after: null }
    expect(await store.experimentRecords(page)).toMatchObject([
      { key: 'a', differing: ['owner', 'status'] },
      { key: 'b', value: null },
    ])
    expect(await store.auditRecords(page)).toMatchObject([
      { key: 1, differing: ['by'] },
      { key: 2, value: null },
    ])
    await store.close()
  })
})
