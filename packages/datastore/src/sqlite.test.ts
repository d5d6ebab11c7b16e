import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  isUniqueViolation,
  openSqlite,
  type SqliteDatabase,
  type SqliteMigration,
  withBusyRetry,
} from './sqlite.ts'

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

const insert = (database: SqliteDatabase, id: string, n = 1) =>
  database.statement('INSERT INTO items (id, n) VALUES (?, ?)').run(id, n)
const ids = (database: SqliteDatabase) =>
  database.read(() => database.statement('SELECT id FROM items ORDER BY id').all()).map((row) => row.id)

test('opening creates the folder and sets what makes an acknowledged write durable', () => {
  const database = open('deep/er/x.db')
  const pragma = (name: string) => Object.values(database.statement(`PRAGMA ${name}`).get() ?? {})[0]
  expect(pragma('journal_mode')).toBe('wal')
  expect(pragma('synchronous')).toBe(2)
  expect(pragma('foreign_keys')).toBe(1)
  expect(pragma('busy_timeout')).toBeLessThanOrEqual(50)
})

test('what was written is there after a reopen', () => {
  const database = open()
  database.transaction(() => void insert(database, 'a'))
  database.close()
  expect(ids(open())).toEqual(['a'])
})

test('a transaction that throws leaves nothing behind, and the next one works', () => {
  const database = open()
  expect(() =>
    database.transaction(() => {
      insert(database, 'a')
      throw new Error('changed my mind')
    }),
  ).toThrow('changed my mind')
  expect(database.transaction(() => insert(database, 'b').changes)).toBe(1)
  expect(ids(database)).toEqual(['b'])
})

test('a constraint comes back as it is, for the adapter to read', () => {
  const database = open()
  database.transaction(() => void insert(database, 'a'))
  let failure: unknown
  try {
    database.transaction(() => void insert(database, 'a'))
  } catch (error) {
    failure = error
  }
  expect(isUniqueViolation(failure)).toBe(true)
})

test('one statement is prepared once, and the cache is bounded', () => {
  const database = open()
  const first = database.statement('SELECT 0')
  expect(database.statement('SELECT 0')).toBe(first)
  for (let index = 1; index <= 300; index++) database.statement(`SELECT ${index}`)
  expect(database.statement('SELECT 0')).not.toBe(first)
})

test('a write waits for another process’s lock without blocking the event loop', async () => {
  const database = open()
  const other = new DatabaseSync(database.path)
  opened.push(other)
  other.exec('BEGIN IMMEDIATE')
  let turns = 0
  const ticking = setInterval(() => {
    turns += 1
    if (turns === 5) other.exec('COMMIT')
  }, 5)
  await database.write(() => void insert(database, 'a'))
  clearInterval(ticking)
  expect(turns).toBeGreaterThanOrEqual(5)
  expect(ids(database)).toEqual(['a'])
})

test('a lock that is never released becomes an outage after the limit', async () => {
  const database = open()
  const other = new DatabaseSync(database.path)
  opened.push(other)
  other.exec('BEGIN IMMEDIATE')
  const write = withBusyRetry(() => database.transaction(() => void insert(database, 'a')), { limitMs: 100 })
  await expect(write).rejects.toMatchObject({ name: 'DatastoreUnavailableError', retryable: true })
})

test('a closed database is an outage, and closing twice is harmless', async () => {
  const database = open()
  database.close()
  database.close()
  expect(() => ids(database)).toThrow(expect.objectContaining({ name: 'DatastoreUnavailableError' }))
  await expect(database.write(() => void insert(database, 'a'))).rejects.toMatchObject({
    code: 'DATASTORE_UNAVAILABLE',
  })
})

test('a full disk is an outage, and what was there stays', () => {
  const database = open()
  database.transaction(() => void insert(database, 'a'))
  database.raw.exec('PRAGMA max_page_count = 4')
  expect(() =>
    database.transaction(() => {
      for (let index = 0; index < 5_000; index++) insert(database, `row-${index}`)
    }),
  ).toThrow(expect.objectContaining({ name: 'DatastoreUnavailableError' }))
  expect(ids(database)).toEqual(['a'])
})

test('a wrong statement is a defect, not an outage', () => {
  const database = open()
  expect(() => database.read(() => database.statement('SELECT * FROM nowhere').all())).toThrow(
    /no such table/,
  )
  expect(() => database.read(() => database.statement('SELECT * FROM nowhere').all())).not.toThrow(
    expect.objectContaining({ name: 'DatastoreUnavailableError' }),
  )
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
