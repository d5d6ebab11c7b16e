import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  isUniqueViolation,
  openSqlite,
  SHORTEST_BULK_PAUSE_MS,
  type SqliteDatabase,
  type SqliteMigration,
  withBusyRetry,
} from './open.ts'
import { selectAll, selectArrays } from './rows.ts'

const MIGRATIONS: readonly SqliteMigration[] = [
  { version: 1, name: 'items', up: 'CREATE TABLE items (id TEXT PRIMARY KEY, n INTEGER NOT NULL) STRICT' },
]

let folder: string
const opened: { close(): void }[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulkhead-sqlite-'))
})
afterEach(() => {
  for (const database of opened.splice(0)) database.close()
  rmSync(folder, { recursive: true, force: true })
})

function open(name = 'x.db', migrations = MIGRATIONS): SqliteDatabase {
  const database = openSqlite(join(folder, name), migrations)
  opened.push(database)
  return database
}

function insert(database: SqliteDatabase, id: string, n = 1) {
  return database.statement('INSERT INTO items (id, n) VALUES (?, ?)').run(id, n)
}

function ids(database: SqliteDatabase) {
  return database
    .statement('SELECT id FROM items ORDER BY id')
    .all()
    .map((row) => row.id)
}

test('opening creates the folder and sets what makes an acknowledged write durable', () => {
  const database = open('deep/er/x.db')
  const pragma = (name: string) => Object.values(database.statement(`PRAGMA ${name}`).get() ?? {})[0]
  expect(pragma('journal_mode')).toBe('wal')
  expect(pragma('synchronous')).toBe(2)
  expect(pragma('foreign_keys')).toBe(1)
  expect(pragma('busy_timeout')).toBe(0)
})

test('what was written is there after a reopen', async () => {
  const database = open()
  await database.write(() => insert(database, 'a'))
  database.close()
  expect(ids(open())).toEqual(['a'])
})

test('a transaction that throws leaves nothing behind, and the next one works', async () => {
  const database = open()
  const failing = database.write(() => {
    insert(database, 'a')
    throw new Error('changed my mind')
  })
  await expect(failing).rejects.toThrow('changed my mind')
  expect(await database.write(() => insert(database, 'b').changes)).toBe(1)
  expect(ids(database)).toEqual(['b'])
})

test('rows come as arrays where that is asked for, and the same statement gives objects afterwards', async () => {
  const database = open()
  insert(database, 'a', 7)
  const sql = 'SELECT id, n FROM items'
  expect(await selectArrays<[id: string, n: number]>(database, sql)).toEqual([['a', 7]])
  expect(await selectAll(database, sql)).toEqual([{ id: 'a', n: 7 }])
  expect(await selectArrays(database, sql)).toEqual([['a', 7]])
})

test('a constraint comes back as it is, for the adapter to read', async () => {
  const database = open()
  await database.write(() => insert(database, 'a'))
  const failure: unknown = await database.write(() => insert(database, 'a')).catch((error) => error)
  expect(isUniqueViolation(failure)).toBe(true)
})

test('one statement is prepared once, and the cache is bounded', () => {
  const database = open()
  const first = database.statement('SELECT 0')
  expect(database.statement('SELECT 0')).toBe(first)
  for (let index = 1; index <= 300; index++) database.statement(`SELECT ${index}`)
  expect(database.statement('SELECT 0')).not.toBe(first)
})

/** Another process's connection, which holds the write lock until it is told to release it. */
function holdWriteLock(database: SqliteDatabase): { release(): void } {
  const holder = new DatabaseSync(database.path)
  opened.push(holder)
  holder.exec('BEGIN IMMEDIATE')
  return { release: () => holder.exec('COMMIT') }
}

/** How often a transaction was tried to begin, and the milliseconds that these calls took. */
function watchBegins(database: SqliteDatabase): { readonly tries: number; readonly blockedMs: number } {
  const seen = { tries: 0, blockedMs: 0 }
  const exec = database.raw.exec.bind(database.raw)
  database.raw.exec = (sql) => {
    if (sql !== 'BEGIN IMMEDIATE') return exec(sql)
    const startedAt = performance.now()
    seen.tries += 1
    try {
      exec(sql)
    } finally {
      seen.blockedMs += performance.now() - startedAt
    }
  }
  return seen
}

test('a write waits for another process’s lock without blocking the event loop, and then succeeds', async () => {
  const HELD_MS = 300
  const database = open()
  const begins = watchBegins(database)
  const lock = holdWriteLock(database)
  const startedAt = performance.now()
  setTimeout(lock.release, HELD_MS)
  let runs = 0
  await database.write(() => {
    runs += 1
    insert(database, 'a')
  })
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(HELD_MS - 1)
  expect(begins.tries).toBeGreaterThan(5)
  expect(begins.blockedMs).toBeLessThan(HELD_MS / 5)
  // The conflict shows before the transaction begins, never in its middle.
  expect(runs).toBe(1)
  expect(ids(database)).toEqual(['a'])
})

test('a lock that is never released becomes an outage after the limit', async () => {
  const database = open()
  holdWriteLock(database)
  const write = withBusyRetry(() => database.raw.exec('BEGIN IMMEDIATE'), { limitMs: 100 })
  await expect(write).rejects.toMatchObject({ name: 'DatastoreUnavailableError', retryable: true })
})

test('a read that meets a lock, as while another process recovers the file, is repeated', async () => {
  const database = open()
  insert(database, 'a')
  let runs = 0
  const found = await database.read(() => {
    runs += 1
    // SQLITE_BUSY_RECOVERY
    if (runs < 3) throw Object.assign(new Error('database is locked'), { errcode: 261 })
    return ids(database)
  })
  expect([runs, found]).toEqual([3, ['a']])
})

test('whoever waits for the lock tries more than once while a bulk write pauses', async () => {
  const pauses: number[] = []
  function locked() {
    throw Object.assign(new Error('database is locked'), { errcode: 5 })
  }
  const options = {
    limitMs: 20,
    random: () => 1,
    async pause(ms: number) {
      pauses.push(ms)
      await new Promise(setImmediate)
    },
  }
  await expect(withBusyRetry(locked, options)).rejects.toThrow('database is locked')
  expect(Math.max(...pauses)).toBeLessThanOrEqual(SHORTEST_BULK_PAUSE_MS / 2)
  expect(pauses.length).toBeGreaterThan(5)
})

test('a bulk write leaves the lock free before the next one, for as long as it held it itself', async () => {
  const database = open()
  const other = new DatabaseSync(database.path)
  opened.push(other)
  const gaps: number[] = []
  let endedAt = Number.NEGATIVE_INFINITY
  for (const heldMs of [0, 40, 0]) {
    await database.bulkWrite(() => {
      gaps.push(performance.now() - endedAt)
      insert(database, `batch-${gaps.length}`)
      const until = performance.now() + heldMs
      while (performance.now() < until);
      endedAt = performance.now()
    })
    // This connection waits for nothing: it would fail if the lock were held.
    other.exec('BEGIN IMMEDIATE; COMMIT')
  }
  const [, afterShort, afterLong] = gaps
  expect(afterShort).toBeGreaterThan(SHORTEST_BULK_PAUSE_MS - 1)
  expect(afterLong).toBeGreaterThan(40 - 1)
})

test.each([
  { what: 'the first bulk write', name: 'file.db', batches: 1, options: {} },
  {
    what: 'a database in memory, which nobody else can wait for,',
    name: ':memory:',
    batches: 50,
    options: {},
  },
  {
    what: 'a file that only this process uses',
    name: 'own.db',
    batches: 50,
    options: { pauseBulkWrites: false },
  },
])('$what does not pause', async ({ name, batches, options }) => {
  const database = openSqlite(name === ':memory:' ? name : join(folder, name), MIGRATIONS, options)
  opened.push(database)
  let timers = 0
  const timer = setInterval(() => {
    timers += 1
  })
  for (let batch = 0; batch < batches; batch++) {
    await database.bulkWrite(() => insert(database, `${batch}`))
  }
  clearInterval(timer)
  expect(timers).toBe(0)
})

test('a closed database is an outage, and closing twice is harmless', async () => {
  const database = open()
  database.close()
  database.close()
  for (const call of [database.read, database.write, database.bulkWrite]) {
    await expect(call(() => ids(database))).rejects.toMatchObject({ code: 'DATASTORE_UNAVAILABLE' })
  }
})

test('a full disk is an outage, and what was there stays', async () => {
  const database = open()
  await database.write(() => insert(database, 'a'))
  database.raw.exec('PRAGMA max_page_count = 4')
  const filling = database.write(() => {
    for (let index = 0; index < 5_000; index++) insert(database, `row-${index}`)
  })
  await expect(filling).rejects.toMatchObject({ name: 'DatastoreUnavailableError' })
  expect(ids(database)).toEqual(['a'])
})

test('a wrong statement is a defect, not an outage', async () => {
  const database = open()
  const read = database.read(() => database.statement('SELECT * FROM nowhere').all())
  const failure: unknown = await read.catch((error) => error)
  expect(failure).toMatchObject({ message: expect.stringMatching(/no such table/) })
  expect(failure).not.toMatchObject({ name: 'DatastoreUnavailableError' })
})

test('a path that cannot be written is one line that says what to do', () => {
  writeFileSync(join(folder, 'file'), '')
  expect(() => openSqlite(join(folder, 'file', 'x.db'), MIGRATIONS)).toThrow(
    expect.objectContaining({
      name: 'DatastoreStartupError',
      message: expect.stringMatching(/^cannot open SQLite database [^\n]*make its folder writable[^\n]*$/),
    }),
  )
  expect(() => openSqlite(folder, MIGRATIONS)).toThrow(
    expect.objectContaining({ name: 'DatastoreStartupError' }),
  )
})

test('a file that is no database is refused and left alone', () => {
  const path = join(folder, 'letter.db')
  writeFileSync(path, 'Dear SQLite, this is a letter and no database. '.repeat(50))
  expect(() => openSqlite(path, MIGRATIONS)).toThrow(/not an SQLite database/)
})

test('migrations run once, in order, and later ones are added to what is there', () => {
  const second: SqliteMigration = {
    version: 2,
    name: 'labels',
    up: (database) => database.exec("ALTER TABLE items ADD COLUMN label TEXT NOT NULL DEFAULT 'none'"),
  }
  const database = open()
  insert(database, 'a')
  database.close()
  const migrated = open('x.db', [...MIGRATIONS, second])
  expect(migrated.statement('SELECT label FROM items').get()?.label).toBe('none')
  migrated.close()
  const again = open('x.db', [...MIGRATIONS, second])
  expect(again.statement('SELECT version, name FROM schema_migrations').all().map(Object.values)).toEqual([
    [1, 'items'],
    [2, 'labels'],
  ])
})

test('a migration that fails leaves the schema at the version before it', () => {
  const broken: SqliteMigration = {
    version: 2,
    name: 'broken',
    up: 'CREATE TABLE t (a); SELECT * FROM nowhere',
  }
  expect(() => open('x.db', [...MIGRATIONS, broken])).toThrow(/no such table/)
  const database = open()
  expect(database.statement("SELECT count(*) AS n FROM sqlite_schema WHERE name = 't'").get()?.n).toBe(0)
})

test('a database of newer code is refused', () => {
  open('x.db', [...MIGRATIONS, { version: 2, name: 'more', up: 'CREATE TABLE t (a)' }]).close()
  expect(() => open()).toThrow(
    expect.objectContaining({
      name: 'DatastoreStartupError',
      message: expect.stringContaining('is at schema version 2, but this code knows 1'),
    }),
  )
})

test('migrations with a gap are a defect that the first start finds', () => {
  expect(() => open('x.db', [{ version: 2, name: 'late', up: '' }])).toThrow(RangeError)
})
