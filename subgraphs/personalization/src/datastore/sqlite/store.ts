import { openSqlite, type SqliteDatabase } from '@bulkhead/datastore/sqlite/open'
import { execute, selectOne } from '@bulkhead/datastore/sqlite/rows'
import { createCallLimit } from '../limits.ts'
import type { PersonalizationStore } from '../port.ts'
import { createSqliteBulkImport } from './bulk-import.ts'
import { createSqliteHistory } from './history.ts'
import { createSqliteCatalogue } from './items.ts'
import { SQLITE_MIGRATIONS } from './migrations.ts'
import { createSqliteModels } from './models.ts'
import { createSqliteOutbox } from './outbox.ts'
import { createSqliteRecording } from './recording.ts'

/**
 * Personalization's store in one SQLite file. Calls block the event loop, so each is one indexed read or a short
 * transaction. Several processes may share the file.
 *
 * @throws DatastoreStartupError with one line that says what to do
 */
export function openSqliteStore(
  path: string,
  options: { readonly pauseBulkWrites?: boolean; readonly alone?: boolean } = {},
): PersonalizationStore {
  return createSqliteStore(openSqlite(path, SQLITE_MIGRATIONS, options))
}

/** The store on a database that is open and migrated (`./migrations.ts`); closing the store closes it. */
export function createSqliteStore(db: SqliteDatabase): PersonalizationStore {
  const limit = createCallLimit()
  const { drain, ...recording } = createSqliteRecording(db, limit)
  return {
    ...createSqliteCatalogue(db, limit),
    ...createSqliteBulkImport(db, limit),
    ...createSqliteHistory(db),
    ...createSqliteModels(db),
    ...createSqliteOutbox(db),
    ...recording,

    async lastSnapshot() {
      const row = await selectOne<{ readonly body: string }>(db, 'SELECT body FROM last_snapshot')
      return row === undefined ? null : (JSON.parse(row.body) as unknown)
    },

    async keepSnapshot(snapshot) {
      const sql = `
        INSERT INTO last_snapshot (id, version, body) VALUES (1, ?, ?)
        ON CONFLICT (id) DO UPDATE SET version = excluded.version, body = excluded.body
        WHERE excluded.version > version`
      const body = JSON.stringify(snapshot)
      await db.write(() => execute(db, sql, snapshot.version, body))
    },

    async ping() {
      await selectOne(db, 'SELECT 1 AS alive')
    },

    async close() {
      await drain()
      db.close()
    },
  }
}
