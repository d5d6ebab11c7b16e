import { openSqlite, type SqliteDatabase } from '@bulkhead/datastore/sqlite/open'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { sampleItem } from '../../testing/samples/catalogue.ts'
import { sampleInteraction, sampleRecord } from '../../testing/samples/interactions.ts'
import { sampleModelVersion } from '../../testing/samples/models.ts'
import { sampleExposure, sampleSlate } from '../../testing/samples/slates.ts'
import type { PersonalizationStore } from '../port.ts'
import { callEverything, fill, SOME_ITEMS, SOME_SLATES } from '../testing/every-call.ts'
import { SQLITE_MIGRATIONS } from './migrations.ts'
import { createSqliteStore } from './store.ts'

/** An authorizer's yes (https://www.sqlite.org/rescode.html). */
const SQLITE_OK = 0

let db: SqliteDatabase
let store: PersonalizationStore
const statements: string[] = []
let transactions = 0
let bulkTransactions = 0

beforeAll(async () => {
  db = openSqlite(':memory:', SQLITE_MIGRATIONS)
  store = createSqliteStore({
    ...db,
    statement(sql) {
      statements.push(sql)
      return db.statement(sql)
    },
    write(run) {
      transactions++
      return db.write(run)
    },
    bulkWrite(run) {
      bulkTransactions++
      return db.bulkWrite(run)
    },
  })
  await fill(store)
})
afterAll(() => store.close())
beforeEach(() => {
  statements.length = 0
  transactions = 0
  bulkTransactions = 0
})

test('a batch of ids costs one statement on sqlite, however many rows it answers', async () => {
  expect(await store.itemsByIds(SOME_ITEMS)).toHaveLength(SOME_ITEMS.length)
  expect(statements).toHaveLength(1)
  expect(await store.slatesByIds(SOME_SLATES)).toHaveLength(SOME_SLATES.length)
  expect(statements).toHaveLength(2)
  await store.modelVersionsByIds(['a', 'b'])
  expect(statements).toHaveLength(3)
})

test('the history of a user costs one statement on sqlite, which is planned once for all users', async () => {
  const limits = { opinions: 5_000, used: 500, skipped: 500 }
  let planned = 0
  // SQLite asks it while it plans a statement, and plans all of them anew once it is set.
  db.raw.setAuthorizer(() => {
    planned++
    return SQLITE_OK
  })
  try {
    await store.servingHistory('u1', limits)
    expect(statements).toHaveLength(1)
    expect(planned).toBeGreaterThan(0)
    planned = 0
    await store.servingHistory('u2', { opinions: 500, used: 50, skipped: 50 })
    expect(planned).toBe(0)
  } finally {
    db.raw.setAuthorizer(null)
  }
})

test('a page costs one statement on sqlite, and its count is another, asked for by itself', async () => {
  await store.findItems({ filter: { available: true }, limit: 10, after: 'item-1' })
  expect(statements).toHaveLength(1)
  await store.findModelVersions({ filter: { model: 'none' }, limit: 10, after: null })
  expect(statements).toHaveLength(2)
  await store.countItems({ available: true })
  await store.countModelVersions({ model: 'none' })
  expect(statements).toHaveLength(4)
})

test('slates of one turn of the event loop share a transaction on sqlite', async () => {
  const slates = Array.from({ length: 200 }, (_, index) => sampleSlate(`turn-${index}`))
  await Promise.all(slates.map((slate) => store.saveSlate(slate, [sampleExposure(`e-${slate.id}`)])))
  expect(transactions).toBe(1)
})

test('what comes in many batches is written in bulk, which pauses for serving, and nothing else is', async () => {
  await store.upsertItems([sampleItem('bulk-1')])
  await store.insertMissingItems([sampleItem('bulk-2')])
  await store.importInteractions([sampleInteraction('bulk-event')])
  expect([bulkTransactions, transactions]).toEqual([3, 0])
  await store.saveModelVersion(sampleModelVersion('bulk-v1'), new Uint8Array(3 * 1024 * 1024))
  expect([bulkTransactions, transactions]).toEqual([6, 1])
  await store.saveSlate(sampleSlate('not-bulk'), [])
  await store.recordInteractions([sampleRecord('not-bulk')])
  expect(bulkTransactions).toBe(6)
  // Of these, the steps of an erasure and of the expiry of slates.
  await callEverything(store)
  expect(bulkTransactions).toBe(8)
})

test('what serving and the relay ask never scans or sorts a table on sqlite', async () => {
  await callEverything(store)
  const plans = new Map<string, string>()
  for (const sql of new Set(statements)) {
    const steps = db.raw.prepare(`EXPLAIN QUERY PLAN ${sql}`).all()
    plans.set(sql, steps.map(({ detail }) => detail).join('\n'))
  }
  const history = [...plans].filter(([sql]) => sql.includes('INDEXED BY')).map(([, plan]) => plan)
  const searches = history.map((plan) => plan.split('\n').filter((step) => step.startsWith('SEARCH')))
  const range = 'SEARCH interactions USING COVERING INDEX interactions_of_'
  expect(new Set(searches)).toEqual(
    new Set([
      [`${range}opinion (user_id=?)`, `${range}use (user_id=?)`, `${range}skips (user_id=?)`],
      [`${range}use (user_id=? AND (occurred_at,event_id)<(?,?))`],
    ]),
  )
  expect(plans.size).toBeGreaterThan(12)
  // The parts of the first pages are limited, like what is listed here by name.
  const small = /SCAN (last_snapshot|json_each|model_versions|\(subquery-\d+\))/
  for (const [sql, plan] of plans) {
    const scans = plan.split('\n').filter((step) => /^SCAN (?!.* USING )/.test(step) && !small.test(step))
    expect(scans, sql).toEqual([])
    if (!sql.includes('IN (SELECT')) expect(plan, sql).not.toContain('TEMP B-TREE FOR ORDER BY')
  }
})
