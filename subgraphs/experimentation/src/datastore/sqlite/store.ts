import { openSqlite, type SqliteDatabase } from '@bulkhead/datastore/sqlite/open'
import { selectOne } from '@bulkhead/datastore/sqlite/rows'
import type { ExperimentationStore } from '../port.ts'
import { createSqliteCounts } from './counts.ts'
import { createSqliteEvents } from './events.ts'
import { createSqliteExperiments } from './experiments.ts'
import { SQLITE_MIGRATIONS } from './migrations.ts'
import { createSqliteSnapshots } from './snapshots.ts'

/**
 * Event ids are hashes, so inserts meet pages all over their index. A cache that holds them, and a log that is long enough
 * to write a page once for many inserts, keep ingest from being bound by reading and writing the same pages.
 */
const CACHE_KIB = 65_536
const CHECKPOINT_PAGES = 10_000

/**
 * Opens and migrates; `:memory:` for tests.
 * @throws DatastoreStartupError with one line that says what to do
 */
export function openSqliteStore(path: string): ExperimentationStore {
  const db = openSqlite(path, SQLITE_MIGRATIONS)
  db.raw.exec(`PRAGMA cache_size = -${CACHE_KIB}; PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`)
  return createSqliteStore(db)
}

/** The store on a database that is open and migrated. Closing the store closes the database. */
export function createSqliteStore(db: SqliteDatabase): ExperimentationStore {
  const { drain, ...events } = createSqliteEvents(db)
  return {
    ...createSqliteExperiments(db),
    ...createSqliteSnapshots(db),
    ...events,
    ...createSqliteCounts(db),
    async ping() {
      await selectOne(db, 'SELECT 1 AS alive FROM experiments LIMIT 1')
    },
    async close() {
      await drain()
      db.close()
    },
  }
}
