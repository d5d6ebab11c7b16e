import { openSqlite, type SqliteDatabase } from '@bulkhead/datastore/sqlite/open'
import { selectOne } from '@bulkhead/datastore/sqlite/rows'
import type { ExperimentationStore } from '../port.ts'
import { createSqliteAudit } from './audit.ts'
import { createSqliteChanges } from './changes.ts'
import { createSqliteEvents } from './events.ts'
import { createSqliteExperiments } from './experiments.ts'
import { createSqliteMetrics } from './metrics.ts'
import { SQLITE_MIGRATIONS } from './migrations.ts'
import { createSqliteReader, type SqliteReader } from './reader-thread.ts'
import { createSqliteSnapshots } from './snapshots.ts'

/**
 * Opens and migrates; `:memory:` for tests.
 * @throws DatastoreStartupError with one line that says what to do
 */
export function openSqliteStore(path: string): ExperimentationStore {
  return createSqliteStore(openSqlite(path, SQLITE_MIGRATIONS))
}

/** The store on a database that is open and migrated. Closing the store closes the database and the reader. */
export function createSqliteStore(
  db: SqliteDatabase,
  reader: SqliteReader = createSqliteReader(db),
): ExperimentationStore {
  const { drain, ...events } = createSqliteEvents(db, reader)
  return {
    ...createSqliteExperiments(db),
    ...createSqliteSnapshots(db),
    ...createSqliteChanges(db),
    ...createSqliteAudit(db),
    ...createSqliteMetrics(db),
    ...events,
    async ping() {
      await selectOne(db, 'SELECT 1 AS alive FROM experiments LIMIT 1')
    },
    async close() {
      await drain()
      await reader.close()
      db.close()
    },
  }
}
