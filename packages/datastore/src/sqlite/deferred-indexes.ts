import type { DatabaseSync } from 'node:sqlite'

/**
 * Threads that sort beside the one that asks, while an index is built. The default of SQLite is none.
 */
const SORTING_THREADS = 4
/**
 * Of the page cache meanwhile. SQLite hands keys to another thread when they have filled as much memory as the cache may
 * have. So with a large cache one thread sorts them all: five indexes of a million rows took 9.3 s with 512 MiB, and 6.4 s
 * with this.
 */
const SORTING_CACHE_MIB = 16

const TABLE = `
  CREATE TABLE IF NOT EXISTS deferred_indexes (name TEXT PRIMARY KEY, sql TEXT NOT NULL) STRICT, WITHOUT ROWID`

/**
 * Drops the indexes of a table, but for those of its keys, until `buildDeferredIndexes`: built over all rows at once they
 * cost a fraction of what they cost row by row. What they were is kept in the same transaction, so that whoever opens the
 * file after a crash builds them. Call it where no other connection uses the file: queries that name such an index fail
 * meanwhile.
 */
export function deferIndexes(database: DatabaseSync, table: string): void {
  database.exec('BEGIN IMMEDIATE')
  try {
    database.exec(TABLE)
    database
      .prepare(
        `INSERT INTO deferred_indexes (name, sql)
         SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL
         ON CONFLICT (name) DO UPDATE SET sql = excluded.sql`,
      )
      .run(table)
    for (const { name } of deferred(database)) database.exec(`DROP INDEX IF EXISTS ${quoted(name)}`)
    database.exec('COMMIT')
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK')
    throw error
  }
}

/** Builds what `deferIndexes` dropped, whichever process that was. Killed in between, the next call does the rest. */
export function buildDeferredIndexes(database: DatabaseSync): void {
  const waiting = deferred(database)
  if (waiting.length === 0) return
  sortInThreads(database, () => {
    for (const index of waiting) build(database, index)
  })
}

function build(database: DatabaseSync, { name, sql }: Index): void {
  database.exec('BEGIN IMMEDIATE')
  try {
    const exists = database.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'index' AND name = ?").get(name)
    if (exists === undefined) database.exec(sql)
    database.prepare('DELETE FROM deferred_indexes WHERE name = ?').run(name)
    database.exec('COMMIT')
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK')
    throw error
  }
}

/** Runs something that sorts many rows: with several threads, and the cache that makes SQLite use them. */
export function sortInThreads(database: DatabaseSync, run: () => void): void {
  const before = ['cache_size', 'threads'].map((name): string => {
    return `PRAGMA ${name} = ${database.prepare(`PRAGMA ${name}`).get()?.[name]}`
  })
  database.exec(`PRAGMA threads = ${SORTING_THREADS}; PRAGMA cache_size = ${-SORTING_CACHE_MIB * 1024}`)
  try {
    run()
  } finally {
    database.exec(before.join(';'))
  }
}

type Index = { readonly name: string; readonly sql: string }

function deferred(database: DatabaseSync): readonly Index[] {
  const known = database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'deferred_indexes'").get()
  if (known === undefined) return []
  const rows = database.prepare('SELECT name, sql FROM deferred_indexes ORDER BY name').all()
  return rows.map(({ name, sql }) => ({ name: String(name), sql: String(sql) }))
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
