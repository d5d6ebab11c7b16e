import { accessSync, constants, existsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { LRUCache } from 'lru-cache'
import { ensureFolder } from '../ensure-folder.ts'
import { DatastoreStartupError, DatastoreUnavailableError } from '../errors.ts'
import { buildDeferredIndexes } from './deferred-indexes.ts'
import { migrateSqlite, type SqliteMigration, type WhenBehind } from './migrations.ts'

export type { SqliteMigration, WhenBehind } from './migrations.ts'

/**
 * An open SQLite database. Its calls block the thread that it is on: keep reads indexed and writes in bounded batches.
 *
 * `read`, `write` and `bulkWrite` never wait for a lock inside SQLite, which would stop the thread: they try again
 * after a pause until they get it, for 5 seconds at most. They translate failures, so that adapters need no try/catch.
 * The functions they run are synchronous: an await inside would let other callers write into the same transaction.
 */
export type SqliteDatabase = {
  readonly path: string
  readonly raw: DatabaseSync
  /** Whether the file was opened `alone`. */
  readonly alone: boolean
  /** A prepared statement, from a bounded cache. */
  statement(sql: string): StatementSync
  /**
   * Runs reads. Writers never lock them out, but another process that recovers the file after a crash does for a
   * moment, so `run` may be called again.
   */
  read<T>(run: () => T): Promise<T>
  /** `BEGIN IMMEDIATE … COMMIT`, rolled back if `run` throws. Durable once it resolves. */
  write<T>(run: () => NotPromise<T>): Promise<T>
  /**
   * `write` for imports and other loops over many batches: the next batch waits for as long as the one before held the
   * lock, so that a serving process on the same file gets it for half of the time, on a slow machine too. Call it for
   * one batch after another, never for two at a time.
   */
  bulkWrite<T>(run: () => NotPromise<T>): Promise<T>
  close(): void
}

type NotPromise<T> = T extends PromiseLike<unknown> ? never : T

/** Migrations run before the process serves anyone, so SQLite itself may wait for the lock. */
const STARTUP_BUSY_TIMEOUT_MS = 5_000
/** Zero, because SQLite's waiting stops the event loop; `withBusyRetry` waits instead. */
const BUSY_TIMEOUT_MS = 0
/** At least twice the longest pause of `withBusyRetry`, so that a process that waits for the lock meets it free. */
export const SHORTEST_BULK_PAUSE_MS = 10
/** Longer than any batch takes. It only bounds the pause after a batch during which the process was suspended. */
const LONGEST_BULK_PAUSE_MS = 500
const STATEMENT_CACHE_SIZE = 256
/** Of a process that is alone: random keys of millions of rows stay in memory, and pages are written once for many. */
const CACHE_MIB_ALONE = 512
const CHECKPOINT_PAGES_ALONE = 50_000

/**
 * Opens or creates the database and migrates it: WAL, `synchronous=FULL` (acknowledged survives power loss).
 * @param path a file, whose folder is created, or `:memory:`
 * @param options.whenBehind to migrate, unless said otherwise
 * @param options.pauseBulkWrites false where no other process can be waiting for the file
 * @param options.alone keeps every other process out until it is closed, for large imports: bulk writes do not pause,
 *   and there is more memory for them
 * @throws DatastoreStartupError with one line that says what to do
 */
export function openSqlite(
  path: string,
  migrations: readonly SqliteMigration[],
  options: {
    readonly pauseBulkWrites?: boolean
    readonly alone?: boolean
    readonly whenBehind?: WhenBehind
  } = {},
): SqliteDatabase {
  const { alone = false } = options
  const database = openFile(path)
  try {
    database.exec(`PRAGMA busy_timeout = ${STARTUP_BUSY_TIMEOUT_MS}`)
    if (alone) database.exec('PRAGMA locking_mode = EXCLUSIVE')
    database.exec('PRAGMA journal_mode = WAL')
    database.exec('PRAGMA synchronous = FULL')
    database.exec('PRAGMA foreign_keys = ON')
    // Before the migrations, which may name an index that a killed import has left out.
    if (!alone) buildDeferredIndexes(database)
    migrateSqlite(database, path, migrations, options.whenBehind)
    if (alone) {
      database.exec(`PRAGMA cache_size = ${-CACHE_MIB_ALONE * 1024}`)
      database.exec(`PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES_ALONE}`)
    }
    database.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`)
  } catch (error) {
    database.close()
    throw startupError(path, error)
  }
  // No other process can wait for a database in memory.
  const pauses = path !== ':memory:' && !alone && (options.pauseBulkWrites ?? true)
  return wrap(path, database, pauses, alone)
}

function openFile(path: string): DatabaseSync {
  if (path === ':memory:') return new DatabaseSync(path)
  const folder = dirname(resolve(path))
  try {
    ensureFolder(folder)
    accessSync(folder, constants.W_OK)
    if (existsSync(path)) accessSync(path, constants.W_OK)
    return new DatabaseSync(path)
  } catch (error) {
    throw startupError(path, error)
  }
}

/** An outage while opening, as one line that says what to do; everything else unchanged. */
export function startupError(path: string, error: unknown): unknown {
  if (error instanceof DatastoreStartupError || !(error instanceof Error)) return error
  const code = sqliteCode(error)
  const system = 'code' in error && typeof error.code === 'string' && /^E[A-Z]+$/.test(error.code)
  // A wrong statement in a migration is a bug, which needs its stack trace rather than advice to the operator.
  if (!system && !(code !== undefined && (OUTAGES.has(code) || BUSY.has(code)))) return error
  const advice =
    code === SQLITE_NOTADB
      ? 'it is not an SQLite database: move it away, or choose another path'
      : code !== undefined && BUSY.has(code)
        ? 'another process holds it locked: stop that one, or choose another path'
        : 'make its folder writable with free space, or choose another path (DATA_DIR)'
  return new DatastoreStartupError(`cannot open SQLite database ${path}: ${error.message}; ${advice}`, {
    cause: error,
  })
}

function wrap(
  path: string,
  database: DatabaseSync,
  pauseBulkWrites: boolean,
  alone: boolean,
): SqliteDatabase {
  const statements = new LRUCache<string, StatementSync>({ max: STATEMENT_CACHE_SIZE })

  function statement(sql: string): StatementSync {
    const known = statements.get(sql)
    if (known !== undefined) return known
    const prepared = database.prepare(sql)
    statements.set(sql, prepared)
    return prepared
  }

  function inTransaction<T>(run: () => T): T {
    database.exec('BEGIN IMMEDIATE')
    try {
      const result = run()
      database.exec('COMMIT')
      return result
    } catch (error) {
      // SQLite has rolled back already where the disk is full.
      if (database.isTransaction) database.exec('ROLLBACK')
      throw error
    }
  }

  let nextBulkWriteAt = Number.NEGATIVE_INFINITY

  async function bulkWrite<T>(run: () => NotPromise<T>): Promise<T> {
    await sleepUntil(nextBulkWriteAt)
    let triedAt = 0
    const result = await withBusyRetry(() => {
      triedAt = performance.now()
      return inTransaction(run)
    })
    const now = performance.now()
    if (pauseBulkWrites) nextBulkWriteAt = now + bulkPauseMs(now - triedAt)
    return result
  }

  return {
    path,
    raw: database,
    alone,
    statement,
    read: (run) => withBusyRetry(run),
    write: (run) => withBusyRetry(() => inTransaction(run)),
    bulkWrite,
    close() {
      statements.clear()
      if (database.isOpen) database.close()
    },
  }
}

function bulkPauseMs(heldMs: number): number {
  return Math.min(Math.max(heldMs, SHORTEST_BULK_PAUSE_MS), LONGEST_BULK_PAUSE_MS)
}

async function sleepUntil(time: number): Promise<void> {
  const ms = time - performance.now()
  if (ms > 0) await sleep(ms)
}

const BUSY_RETRY_LIMIT_MS = 5_000
const LONGEST_RETRY_PAUSE_MS = 5

/**
 * Runs again what failed because another process held the lock, with jittered pauses that leave the event loop free. A try costs
 * microseconds, so the pauses stay short: a lock that is taken again and again is free for milliseconds only.
 * @throws DatastoreUnavailableError after 5 s, or for any other outage
 */
export async function withBusyRetry<T>(
  run: () => T,
  options: { limitMs?: number; random?: () => number; pause?: (ms: number) => Promise<unknown> } = {},
): Promise<T> {
  const { limitMs = BUSY_RETRY_LIMIT_MS, random = Math.random, pause = sleep } = options
  const deadline = performance.now() + limitMs
  for (let pauseMs = 1; ; pauseMs = Math.min(pauseMs * 2, LONGEST_RETRY_PAUSE_MS)) {
    try {
      return run()
    } catch (error) {
      if (!isBusy(error) || performance.now() >= deadline) throw translateSqliteError(error)
    }
    await pause(pauseMs * (0.5 + random() / 2))
  }
}

// Primary result codes, https://www.sqlite.org/rescode.html; extended ones hold them in their low byte.
const SQLITE_NOTADB = 26
const BUSY: ReadonlySet<number> = new Set([5, 6])
/** PERM, NOMEM, READONLY, INTERRUPT, IOERR, CORRUPT, FULL, CANTOPEN, PROTOCOL, NOTADB. */
const OUTAGES: ReadonlySet<number> = new Set([3, 7, 8, 9, 10, 11, 13, 14, 15, SQLITE_NOTADB])

function sqliteCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number')
    return undefined
  return error.errcode & 0xff
}

/** Whether another connection holds the lock. */
export function isBusy(error: unknown): boolean {
  const code = sqliteCode(error)
  return code !== undefined && BUSY.has(code)
}

/** Whether a UNIQUE or PRIMARY KEY constraint refused a row. */
export function isUniqueViolation(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && (error.errcode === 2067 || error.errcode === 1555)
}

/** Outages become DatastoreUnavailableError; everything else (a wrong statement, a constraint) is returned unchanged. */
export function translateSqliteError(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  const code = sqliteCode(error)
  const closed = error.message === 'database is not open' || error.message === 'statement has been finalized'
  if (closed || (code !== undefined && (BUSY.has(code) || OUTAGES.has(code)))) {
    return new DatastoreUnavailableError(`SQLite: ${error.message}`, { cause: error })
  }
  return error
}
