import { mongoDatabase } from '@bulkhead/datastore/datastore-url'
import { type MongoDatastore, openMongo } from '@bulkhead/datastore/mongodb/open'
import { describeOnMongo } from '@bulkhead/datastore/testing/describe-on-mongodb'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sampleInteraction, sampleRecord } from '../../testing/samples/interactions.ts'
import { sampleExposure, sampleSlate } from '../../testing/samples/slates.ts'
import { NOON } from '../../testing/samples/time.ts'
import type { PersonalizationStore } from '../port.ts'
import { callEverything, fill, SOME_ITEMS, SOME_SLATES } from '../testing/every-call.ts'
import { newestInteractions } from '../testing/store-contents.ts'
import { MONGO_MIGRATIONS } from './migrations.ts'
import { createMongoStore } from './store.ts'

describeOnMongo('round trips of the personalization store', (mongo) => {
  let datastore: MongoDatastore
  let store: PersonalizationStore
  const warnings: string[] = []
  const commands: { readonly name: string; readonly transaction: boolean }[] = []

  beforeAll(async () => {
    const url = mongo().url('round_trips')
    datastore = await openMongo({
      url,
      database: mongoDatabase(url),
      migrations: MONGO_MIGRATIONS,
      clientOptions: { monitorCommands: true },
    })
    datastore.client.on('commandStarted', ({ commandName, command }) => {
      commands.push({ name: commandName, transaction: command.autocommit === false })
    })
    store = createMongoStore(datastore, { warn: (_, message) => warnings.push(message) })
    await fill(store)
  })
  afterAll(() => store.close())

  /** The commands that a call costs. */
  async function costOf(call: () => Promise<unknown>): Promise<readonly string[]> {
    commands.length = 0
    await call()
    return commands.map(({ name }) => name)
  }

  test('a batch of ids costs one command, however many rows it answers', async () => {
    let answered: readonly unknown[] = []
    async function note(rows: Promise<readonly unknown[]>): Promise<void> {
      answered = await rows
    }
    expect(await costOf(() => note(store.itemsByIds(SOME_ITEMS)))).toEqual(['find'])
    expect(answered).toHaveLength(SOME_ITEMS.length)
    expect(await costOf(() => note(store.slatesByIds(SOME_SLATES)))).toEqual(['find'])
    expect(answered).toHaveLength(SOME_SLATES.length)
    expect(await costOf(() => note(store.modelVersionsByIds(['a', 'b'])))).toEqual(['find'])
  })

  test('a page of history and the popular items cost one command each', async () => {
    expect(await costOf(() => newestInteractions(store, 'u1', 250))).toEqual(['find'])
    expect(await costOf(() => store.popularItems(250))).toEqual(['find'])
    expect(await costOf(() => store.trendingItems(250))).toEqual(['find'])
    expect(await costOf(() => store.outboxState())).toEqual(['aggregate'])
  })

  test('a page costs one command, and its count is another, asked for by itself', async () => {
    const items = { filter: { available: true }, limit: 10, after: 'item-1' }
    const versions = { filter: { model: 'none' }, limit: 10, after: null }
    expect(await costOf(() => store.findItems(items))).toEqual(['find'])
    expect(await costOf(() => store.findModelVersions(versions))).toEqual(['find'])
    expect(await costOf(() => store.countItems(items.filter))).toEqual(['aggregate'])
    expect(await costOf(() => store.countModelVersions(versions.filter))).toEqual(['aggregate'])
  })

  test('slates of one turn of the event loop share an insert of at most 100', async () => {
    const slates = Array.from({ length: 200 }, (_, index) => sampleSlate(`turn-${index}`))
    const save = () =>
      Promise.all(slates.map((slate) => store.saveSlate(slate, [sampleExposure(`e-${slate.id}`)])))
    expect(await costOf(save)).toEqual(['insert', 'insert'])
  })

  test('interactions of one turn share an insert, and one of who uses what, a look at imports and a count after it', async () => {
    const calls = Array.from({ length: 100 }, (_, index) => [
      sampleRecord(`turn-event-${index}`, { userId: `turn-${index}` }),
    ])
    const record = () => Promise.all(calls.map((records) => store.recordInteractions(records)))
    expect(await costOf(record)).toEqual(['insert', 'insert', 'find', 'update'])
  })

  test('a delivery costs eight commands to claim and two to complete, and no transaction', async () => {
    await store.saveSlate(sampleSlate('delivery'), [sampleExposure('delivery-exposure')])
    await store.recordInteractions([sampleRecord('delivery-event')])
    const claim = () => store.claimOutbox({ now: NOON, leaseMs: 1_000, limit: 2_000 })
    const cost = await costOf(async () => {
      const { token, entries } = await claim()
      await store.completeOutbox(
        token,
        entries.map(({ id }) => id),
      )
    })
    expect(cost.toSorted()).toEqual([...Array(6).fill('find'), ...Array(4).fill('update')])
    expect(commands.filter(({ transaction }) => transaction)).toEqual([])
    expect(await costOf(claim)).toEqual(Array(4).fill('find'))
  })

  test('what serving and the relay ask never scans a collection', async () => {
    await store.saveSlate(sampleSlate('scan'), [sampleExposure('scan-exposure')])
    await datastore.db.command({ profile: 2 })
    await callEverything(store)
    await datastore.db.command({ profile: 0 })
    const profiled = await datastore.db
      .collection('system.profile')
      .find({ ns: { $not: /system\.profile/ }, planSummary: { $exists: true } })
      .toArray()
    expect(profiled.length).toBeGreaterThan(12)
    const small = /counters$|last_snapshot$/
    const scans = profiled.filter(({ ns, planSummary }) => planSummary === 'COLLSCAN' && !small.test(ns))
    expect(scans.map(({ ns, command }) => ({ ns, command }))).toEqual([])
  })

  test('what serving knows of a user is read from its indexes alone, past no impression', async () => {
    const userId = 'profiled'
    const rows = Array.from({ length: 400 }, (_, at) => {
      const type = at === 0 ? 'HIDE' : at < 3 ? 'PLAY' : 'IMPRESSION'
      return sampleInteraction(`profiled-${at}`, { userId, type, occurredAt: NOON + at })
    })
    await store.importInteractions(rows)
    const read = () => store.servingHistory(userId, { opinions: 500, used: 500, skipped: 500 })
    expect(await costOf(read)).toEqual(['aggregate'])

    await datastore.db.command({ profile: 2 })
    await read()
    await datastore.db.command({ profile: 0 })
    const profiled = await datastore.db
      .collection('system.profile')
      .find({ 'command.pipeline.0.$match.userId': userId })
      .toArray()
    const seen = profiled.map(({ keysExamined, docsExamined, nreturned, hasSortStage = false }) => {
      return { keysExamined, docsExamined, nreturned, hasSortStage }
    })
    expect(seen).toEqual([{ keysExamined: 3, docsExamined: 0, nreturned: 3, hasSortStage: false }])
  })

  test('so is what it knows of several users at once', async () => {
    const users = ['one of two', 'two of two']
    await store.importInteractions(
      users.flatMap((userId) =>
        Array.from({ length: 200 }, (_, at) => {
          const type = at === 0 ? 'HIDE' : at < 3 ? 'PLAY' : 'IMPRESSION'
          return sampleInteraction(`${userId}-${at}`, { userId, type, occurredAt: NOON + at })
        }),
      ),
    )
    const limits = { opinions: 500, used: 500, skipped: 500 }
    await datastore.db.command({ profile: 2 })
    await Promise.all(users.map((userId) => store.servingHistory(userId, limits)))
    await datastore.db.command({ profile: 0 })
    const [read] = await datastore.db
      .collection('system.profile')
      .find({ 'command.pipeline.0.$match.userId': users[0] })
      .toArray()
    expect(read).toMatchObject({ docsExamined: 0, nreturned: 6 })
    // Where a read names no index, the server examines a few keys more than there are rows.
    expect(read?.keysExamined).toBeLessThanOrEqual(12)
    expect(read?.hasSortStage ?? false).toBe(false)
  })

  test('histories of one turn of the event loop share a command of at most 20', async () => {
    const limits = { opinions: 5, used: 5, skipped: 5 }
    const users = Array.from({ length: 41 }, (_, at) => `turn-user-${at}`)
    const read = () => Promise.all(users.map((userId) => store.servingHistory(userId, limits)))
    expect(await costOf(read)).toEqual(['aggregate', 'aggregate', 'aggregate'])
  })

  test('a longer history costs one command more for each window that has more than 100 rows', async () => {
    const rows = Array.from({ length: 300 }, (_, at) =>
      sampleInteraction(`long-${at}`, {
        userId: 'long',
        type: at < 150 ? 'PLAY' : 'SKIP',
        itemId: `i-${at}`,
      }),
    )
    await store.importInteractions(rows)
    const read = () => store.servingHistory('long', { opinions: 500, used: 500, skipped: 500 })
    expect(await costOf(read)).toEqual(['aggregate', 'find', 'find'])
  })

  test('interactions that are stored are accepted even where their popularity cannot be counted', async () => {
    await datastore.db.command({ collMod: 'item_popularity', validator: { never: true } })
    await store.recordInteractions([sampleRecord('uncounted', { userId: 'uncounted' })])
    await datastore.db.command({ collMod: 'item_popularity', validator: {} })
    expect(await newestInteractions(store, 'uncounted', 5)).toHaveLength(1)
    expect(warnings).toEqual(['popularity of stored interactions was not counted'])
  })
})
