import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { mongoDatabase } from '@bulkhead/datastore/datastore-url'
import { type MongoDatastore, openMongo } from '@bulkhead/datastore/mongodb/open'
import { describeOnMongo } from '@bulkhead/datastore/testing/describe-on-mongodb'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { erasureEvent, newErasure } from '../../domain/erasure.ts'
import { sampleInteraction, sampleRecord } from '../../testing/samples/interactions.ts'
import { NOON } from '../../testing/samples/time.ts'
import { openPersonalizationStore } from '../open.ts'
import type { PersonalizationStore } from '../port.ts'
import { eventIdsOf, newestInteractions } from '../testing/store-contents.ts'
import { putInOrder } from './bulk-import.ts'
import { openCollections } from './collections.ts'
import { MONGO_MIGRATIONS, OUTBOX_INDEX } from './migrations.ts'
import { recountPopularity } from './popularity.ts'

const CLI = fileURLToPath(new URL('../../cli.ts', import.meta.url))
/** So many that the indexes are left out. */
const MANY = 1_000_000
const WINDOWS = { opinions: 9, used: 9, skipped: 9 }

describeOnMongo('a bulk import', (mongo) => {
  let databases = 0
  let url: string
  /** Looks at the database without putting anything in order. */
  let beside: MongoDatastore
  let all: Indexes
  let opened: PersonalizationStore[]
  beforeEach(async () => {
    url = mongo().url(`bulk_${databases++}`)
    beside = await openMongo({ url, database: mongoDatabase(url), migrations: MONGO_MIGRATIONS })
    all = await indexes()
    opened = []
  })
  afterEach(async () => {
    for (const store of opened) await store.close()
    await beside.close()
  })

  type Indexes = readonly { readonly name?: string }[]

  async function indexes(): Promise<Indexes> {
    const all: Indexes = await openCollections(beside.db).interactions.indexes()
    return all.toSorted((one, other) => String(one.name).localeCompare(String(other.name)))
  }

  const namesOf = (some: Indexes) => some.map(({ name }) => name)
  const isDeferred = async () => (await openCollections(beside.db).bulkImports.countDocuments()) > 0

  async function isConnected(appName: string): Promise<boolean> {
    const { inprog } = await beside.db.admin().command({ currentOp: true, $all: true, appName })
    return inprog.length > 0
  }

  async function open(): Promise<PersonalizationStore> {
    const store = await openPersonalizationStore(url)
    opened.push(store)
    return store
  }

  /** As a process that is killed leaves the store. */
  async function kill(store: PersonalizationStore): Promise<void> {
    opened = opened.filter((other) => other !== store)
    await store.close()
  }

  async function expectInOrder(
    store: PersonalizationStore,
    popular: Readonly<Record<string, number>>,
  ): Promise<void> {
    expect(await indexes()).toEqual(all)
    expect(await isDeferred()).toBe(false)
    expect(await popularityIn(store)).toEqual(popular)
  }

  async function popularityIn(store: PersonalizationStore): Promise<Readonly<Record<string, number>>> {
    const counted = await store.popularItems(100)
    return Object.fromEntries(counted.map(({ itemId, listeners }) => [itemId, listeners]))
  }

  const play = (userId: string, itemId: string) =>
    sampleInteraction(`${userId}-${itemId}`, { userId, itemId, occurredAt: NOON })
  const plays = (itemId: string, ...users: readonly string[]) => users.map((user) => play(user, itemId))

  test('leaves out the indexes until its end, except the one that the outbox is read by', async () => {
    expect(all.length).toBeGreaterThan(6)
    const store = await open()
    expect(await store.beginBulkImport(MANY)).toBe(5_000)
    const deferred = await indexes()
    expect(namesOf(deferred)).toEqual(['_id_', OUTBOX_INDEX])
    expect(await store.importInteractions(plays('hit', 'u1', 'u2', 'u1'))).toBe(2)
    expect(await store.importInteractions(plays('hit', 'u2', 'u3'))).toBe(1)
    await store.endBulkImport()
    await expectInOrder(store, { hit: 3 })
    const { used } = await store.servingHistory('u1', WINDOWS)
    expect(used.map(({ itemId }) => itemId)).toEqual(['hit'])
  })

  test('keeps the indexes where interactions are there, or few are to come', async () => {
    const store = await open()
    await store.beginBulkImport(100)
    expect(await indexes()).toEqual(all)
    await store.importInteractions(plays('hit', 'u1'))
    await store.endBulkImport()
    await store.beginBulkImport(MANY)
    await store.importInteractions(plays('hit', 'u2'))
    await expectInOrder(store, { hit: 2 })
    await store.endBulkImport()
    await expectInOrder(store, { hit: 2 })
  })

  test('begun and ended twice it is one, and known rows that come again change nothing', async () => {
    const store = await open()
    const rows = plays('hit', 'u1', 'u2')
    await store.beginBulkImport(MANY)
    await store.importInteractions(rows)
    await store.beginBulkImport(MANY)
    expect(await store.importInteractions(rows)).toBe(0)
    await store.endBulkImport()
    await store.endBulkImport()
    await expectInOrder(store, { hit: 2 })
    await store.beginBulkImport(MANY)
    expect(await store.importInteractions(rows)).toBe(0)
    await store.endBulkImport()
    await expectInOrder(store, { hit: 2 })
  })

  test('after one that was killed, the next opening builds the indexes and counts', async () => {
    const killed = await open()
    await killed.beginBulkImport(MANY)
    await killed.importInteractions([...plays('hit', 'u1', 'u2'), ...plays('b-side', 'u1')])
    await kill(killed)
    expect(await indexes()).not.toEqual(all)
    const store = await open()
    await expectInOrder(store, { hit: 2, 'b-side': 1 })
    expect(await newestInteractions(store, 'u1', 9)).toHaveLength(2)
    // The next import adds the rest.
    await store.beginBulkImport(MANY)
    expect(await store.importInteractions(plays('hit', 'u1', 'u2', 'u3'))).toBe(1)
    await store.endBulkImport()
    await expectInOrder(store, { hit: 3, 'b-side': 1 })
  })

  test('killed before its first row, the next import is one without indexes again', async () => {
    const killed = await open()
    await killed.beginBulkImport(MANY)
    await kill(killed)
    const store = await open()
    await expectInOrder(store, {})
    await store.beginBulkImport(MANY)
    expect(await isDeferred()).toBe(true)
    await store.importInteractions(plays('hit', 'u1'))
    await store.endBulkImport()
    await expectInOrder(store, { hit: 1 })
  })

  test('is right where a process opens the store meanwhile, which makes it slower', async () => {
    const importer = await open()
    await importer.beginBulkImport(MANY)
    await importer.importInteractions(plays('hit', 'u1', 'u2'))
    const other = await open()
    expect(await indexes()).toEqual(all)
    await importer.importInteractions(plays('hit', 'u2', 'u3'))
    await other.recordInteractions([sampleRecord('live', { userId: 'u4', itemId: 'hit' })])
    await importer.importInteractions(plays('b-side', 'u1'))
    await importer.endBulkImport()
    await expectInOrder(other, { hit: 4, 'b-side': 1 })
  })

  test('killed after that, what it had imported since is counted at the next opening', async () => {
    const importer = await open()
    await importer.beginBulkImport(MANY)
    await importer.importInteractions(plays('hit', 'u1', 'u2'))
    await open()
    await importer.importInteractions(plays('hit', 'u3'))
    await importer.importInteractions(plays('b-side', 'u3'))
    await kill(importer)
    await expectInOrder(await open(), { hit: 3, 'b-side': 1 })
  })

  test.each(['first', 'second'])('beside another one, of which the %s ends first', async (ends) => {
    const first = await open()
    const second = await open()
    await first.beginBulkImport(MANY)
    await second.beginBulkImport(MANY)
    await first.importInteractions(plays('hit', 'u1', 'u2'))
    await second.importInteractions(plays('hit', 'u2', 'u3'))
    await (ends === 'first' ? first : second).endBulkImport()
    await first.importInteractions(plays('b-side', 'u1'))
    await second.importInteractions(plays('b-side', 'u2'))
    await (ends === 'first' ? second : first).endBulkImport()
    // The first has ended before its last rows, which count one by one then.
    await expectInOrder(first, { hit: 3, 'b-side': 2 })
  })

  test('killed beside another one that has begun after it, it has lost no index', async () => {
    const both = [await open(), await open()]
    for (const store of both) await store.beginBulkImport(MANY)
    for (const [at, store] of both.entries()) await store.importInteractions(plays('hit', `u${at}`))
    for (const store of both) await kill(store)
    await expectInOrder(await open(), { hit: 2 })
  })

  test('a count that a change came between is made again, and is left to others after some', async () => {
    const store = await open()
    await store.beginBulkImport(MANY)
    await store.importInteractions(plays('hit', 'u1'))
    await kill(store)
    const { bulkImports } = openCollections(beside.db)
    const indexesText = (await bulkImports.findOne())?.indexes ?? ''
    let counts = 0
    const disturbed = (times: number) => async () => {
      if (++counts <= times) await bulkImports.updateOne({}, { $inc: { changes: 1 } })
    }
    await putInOrder(beside.db, indexesText, 3, disturbed(9))
    expect({ counts, deferred: await isDeferred() }).toEqual({ counts: 3, deferred: true })
    counts = 0
    await putInOrder(beside.db, indexesText, 3, disturbed(1))
    expect({ counts, deferred: await isDeferred() }).toEqual({ counts: 2, deferred: false })
  })

  test('what a service records after the count has read, and before it can be looked up, is counted', async () => {
    const service = await open()
    const killed = await open()
    await killed.beginBulkImport(MANY)
    await killed.importInteractions(plays('hit', 'u1'))
    await kill(killed)
    let counts = 0
    async function recount(...args: Parameters<typeof recountPopularity>): Promise<void> {
      await recountPopularity(...args)
      if (++counts > 1) return
      await service.recordInteractions([sampleRecord('live', { userId: 'u2', itemId: 'hit' })])
    }
    // Without an index, as if building them took longer than the count.
    await putInOrder(beside.db, '[]', 3, recount)
    expect({ counts, popularity: await popularityIn(service) }).toEqual({ counts: 2, popularity: { hit: 2 } })
  })

  test('beside another one that was opened after it, both without indexes', async () => {
    const first = await open()
    await first.beginBulkImport(MANY)
    const second = await open()
    await second.beginBulkImport(MANY)
    expect(await indexes()).toHaveLength(2)
    await second.importInteractions(plays('hit', 'u2', 'u3'))
    await first.importInteractions(plays('hit', 'u1', 'u2'))
    await first.endBulkImport()
    expect(await indexes()).toEqual(all)
    await second.importInteractions(plays('b-side', 'u2'))
    await second.endBulkImport()
    await expectInOrder(first, { hit: 3, 'b-side': 1 })
  })

  test('counts what a service records meanwhile, whose events are delivered and whose histories fail at once', async () => {
    const service = await open()
    const importer = await open()
    await importer.beginBulkImport(MANY)
    await importer.importInteractions(plays('hit', 'u1', 'u2'))
    const live = (id: string, userId: string) => sampleRecord(id, { userId, itemId: 'hit' })
    await service.recordInteractions([live('live-1', 'u1'), live('live-2', 'u3'), live('live-3', 'u4')])
    await importer.importInteractions(plays('hit', 'u3', 'u5'))
    const { entries } = await service.claimOutbox({ now: NOON, leaseMs: 1_000, limit: 9 })
    expect(eventIdsOf(entries).toSorted()).toEqual(['live-1', 'live-2', 'live-3'])
    await expect(service.servingHistory('u1', WINDOWS)).rejects.toThrow(/hint/)
    await expect(newestInteractions(service, 'u1', 9)).rejects.toThrow(/hint/)
    await importer.endBulkImport()
    await expectInOrder(service, { hit: 5 })
    expect(await newestInteractions(service, 'u1', 9)).toHaveLength(2)
    // Whom the import has counted is not counted again.
    await service.recordInteractions(
      ['u1', 'u2', 'u4', 'u5', 'u6'].map((user) => live(`after-${user}`, user)),
    )
    await service.importInteractions(plays('b-side', 'u5'))
    await expectInOrder(service, { hit: 6, 'b-side': 1 })
  })

  test('does not count whom an erasure has taken out, meanwhile or afterwards', async () => {
    const service = await open()
    const importer = await open()
    async function erase(userId: string): Promise<number> {
      const erasure = newErasure({ id: `of-${userId}`, userId, by: 'eve', at: NOON })
      await service.beginErasure(erasure, erasureEvent(erasure))
      const { interactions } = await service.eraseSome({ erasureId: erasure.id, through: NOON, limit: 9 })
      await service.finishErasure(erasure.id, NOON)
      return interactions
    }
    const changes = async () => (await openCollections(beside.db).bulkImports.findOne())?.changes ?? 0
    await importer.beginBulkImport(MANY)
    await importer.importInteractions([...plays('hit', 'u1', 'u2'), ...plays('b-side', 'u1')])
    await importer.importInteractions(plays('hit', 'u3', 'u4'))
    // One for its beginning, and one for each call.
    await expect.poll(changes).toBe(3)
    expect(await erase('u1')).toBe(2)
    // So that a count that had begun before is made again.
    expect(await changes()).toBe(4)
    await importer.endBulkImport()
    await expectInOrder(service, { hit: 3 })
    await service.recordInteractions([sampleRecord('again', { userId: 'u2', itemId: 'hit' })])
    expect(await erase('u2')).toBe(2)
    expect(await erase('u3')).toBe(1)
    await expectInOrder(service, { hit: 1 })
  })

  test('killed in the middle, the import adds the rest, nothing twice', async () => {
    const rows = 60_000
    const folder = mkdtempSync(join(tmpdir(), 'bulkhead-bulk-'))
    try {
      const file = join(folder, 'plays.txt')
      writeFileSync(file, Array.from({ length: rows }, (_, n) => `u${n} i${n % 100} 4 1100000000\n`).join(''))
      const args = [CLI, 'import', 'interactions', file, '--no-train', '--json']
      const env = { DATASTORE_URL: url }
      const named = new URL(url)
      named.searchParams.set('appName', 'killed')
      const child = spawn(process.execPath, args, { env: { DATASTORE_URL: named.href }, stdio: 'ignore' })
      const exited = once(child, 'exit')
      const { interactions } = openCollections(beside.db)
      const isStoring = async () => (await interactions.estimatedDocumentCount()) > 0
      await vi.waitUntil(isStoring, { timeout: 60_000, interval: 2 })
      expect(await isConnected('killed')).toBe(true)
      child.kill('SIGKILL')
      await exited
      expect(await isDeferred()).toBe(true)
      // The server still carries out the messages that it has, and leaves a connection after its last one.
      await vi.waitUntil(async () => !(await isConnected('killed')), { timeout: 20_000, interval: 20 })
      const before = await interactions.countDocuments()
      expect(before).toBeLessThan(rows)
      const listeners = async (store: PersonalizationStore) =>
        (await store.popularItems(100)).reduce((sum, one) => sum + one.listeners, 0)
      expect(await listeners(await open())).toBe(before)
      expect(await indexes()).toEqual(all)

      const again = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'ignore'] })
      let out = ''
      again.stdout?.on('data', (text) => (out += text))
      await once(again, 'close')
      expect(JSON.parse(out)).toMatchObject({ interactions: { new: rows - before, known: before } })
      expect(await listeners(await open())).toBe(rows)
    } finally {
      rmSync(folder, { recursive: true })
    }
  }, 120_000)
})
