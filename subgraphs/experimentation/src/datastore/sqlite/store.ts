import { openSqlite, type SqliteDatabase, type WhenBehind } from '@bulkhead/datastore/sqlite/open'
import { selectOne } from '@bulkhead/datastore/sqlite/rows'
import type { ExperimentationStore } from '../port.ts'
import { createSqliteAnalyses } from './analyses.ts'
import { createSqliteAnalyst } from './analyst.ts'
import { createSqliteArchives } from './archives.ts'
import { createSqliteAudit } from './audit.ts'
import { createSqliteChanges } from './changes.ts'
import { createSqliteCounts } from './counts.ts'
import { createEventWriter } from './event-writer.ts'
import { createSqliteEvents } from './events.ts'
import { createSqliteExperiments } from './experiments.ts'
import { createSqliteMetrics } from './metrics.ts'
import { SQLITE_MIGRATIONS } from './migrations.ts'
import { createSqliteModelDecisions } from './model-decisions.ts'
import { createSqliteSnapshots } from './snapshots.ts'
import { createSqliteTargeting } from './targeting.ts'

/**
 * Opens, and migrates if that is not to be refused; `:memory:` for tests.
 * @throws DatastoreStartupError with one line that says what to do
 */
export function openSqliteStore(path: string, whenBehind: WhenBehind = 'migrate'): ExperimentationStore {
  return createSqliteStore(openSqlite(path, SQLITE_MIGRATIONS, { whenBehind }))
}

/** The store on a database that is open and migrated. Closing the store closes the database and the writer. */
export function createSqliteStore(db: SqliteDatabase): ExperimentationStore {
  const writer = createEventWriter(db)
  const { drain, ...events } = createSqliteEvents(db, writer)
  return {
    ...createSqliteExperiments(db),
    ...createSqliteSnapshots(db),
    ...createSqliteChanges(db),
    ...createSqliteAudit(db),
    ...createSqliteMetrics(db),
    ...createSqliteTargeting(db),
    ...createSqliteModelDecisions(db),
    ...events,
    ...createSqliteCounts(db),
    ...createSqliteAnalyses(db),
    ...createSqliteAnalyst(db),
    ...createSqliteArchives(db),
    async ping() {
      await selectOne(db, 'SELECT 1 AS alive FROM experiments LIMIT 1')
    },
    async close() {
      await drain()
      await writer.close()
      db.close()
    },
  }
}
