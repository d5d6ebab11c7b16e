import { openSqlite, type SqliteDatabase } from '@bulkhead/datastore/sqlite'
import type { ExperimentationStore } from '../port.ts'
import { createEvents } from './events.ts'
import { createExperiments } from './experiments.ts'
import { migrations } from './migrations.ts'
import { createReader, type SqliteReader } from './reader.ts'
import { createSnapshots } from './snapshots.ts'

/**
 * Opens and migrates; `:memory:` for tests.
 * @throws DatastoreStartupError with one line that says what to do
 */
export function openSqliteExperimentationStore(path: string): ExperimentationStore {
  return createSqliteExperimentationStore(openSqlite(path, migrations))
}

/** The store on a database that is open and migrated (`./migrations.ts`); closing the store closes it and the reader. */
export function createSqliteExperimentationStore(
  database: SqliteDatabase,
  reader: SqliteReader = createReader(database),
): ExperimentationStore {
  const { drain, ...events } = createEvents(database, reader)
  return {
    ...createExperiments(database),
    ...createSnapshots(database),
    ...events,
    ping: async () => {
      database.read(() =>
        database.statement('SELECT count(*) FROM (SELECT 1 FROM experiments LIMIT 1)').get(),
      )
    },
    close: async () => {
      await drain()
      await reader.close()
      database.close()
    },
  }
}
