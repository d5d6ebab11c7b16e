import { openInThread } from '@bulkhead/datastore/open-in-thread'
import { openSqlite, type SqliteDatabase, startupError } from '@bulkhead/datastore/sqlite/open'
import { execute, selectOne } from '@bulkhead/datastore/sqlite/rows'
import { createCallLimit } from '../limits.ts'
import type { PersonalizationStore } from '../port.ts'
import { createSqliteBulkImport } from './bulk-import.ts'
import { createSqliteCanary } from './canary.ts'
import { createSqliteDeadLetters } from './dead-letters.ts'
import { createSqliteErasures } from './erasures.ts'
import { createSqliteHistory } from './history.ts'
import { createSqliteCatalogue } from './items.ts'
import { createSqliteLoggedSlates } from './logged-slates.ts'
import { SQLITE_MIGRATIONS } from './migrations.ts'
import { createSqliteModels } from './models.ts'
import { createSqliteOutbox } from './outbox.ts'
import { catchUpPopularity } from './popularity.ts'
import { createSqliteRecording, slateRow } from './recording.ts'
import { createSqliteShadow } from './shadow.ts'

export type SqliteStore = PersonalizationStore &
  Pick<ReturnType<typeof createSqliteRecording>, 'saveSlateRow'>

export type SqliteStoreOptions = { readonly pauseBulkWrites?: boolean; readonly alone?: boolean }

/**
 * Personalization's store in one SQLite file, on a thread of its own (ADR 0028): the disk, other processes' locks and
 * long reads hold up calls of the store, and nothing else. Calls run one after the other, so each is one indexed read or
 * a short transaction. Several processes may share the file. A database in memory has no thread: only its own connection
 * sees it.
 *
 * Rejects with DatastoreStartupError, whose message is one line that says what to do.
 */
export async function openSqliteStoreInThread(
  path: string,
  options: SqliteStoreOptions,
): Promise<PersonalizationStore> {
  if (path === ':memory:') return openSqliteStore(path, options)
  const main = new URL('./store-main.ts', import.meta.url)
  const store = await openInThread<SqliteStore>(main, { path, options }, 'SQLite')
  return {
    ...store,
    // As text: that takes a fraction of what copying a slate object by object does, and the thread would write it all the same.
    async saveSlate(slate, events, candidates = null) {
      await store.saveSlateRow(slateRow(slate, events, candidates))
    },
  }
}

/** The same on the calling thread. @throws DatastoreStartupError */
export function openSqliteStore(path: string, options: SqliteStoreOptions = {}): SqliteStore {
  const db = openSqlite(path, SQLITE_MIGRATIONS, options)
  try {
    // Whoever is alone begins a bulk import, which does it.
    if (!db.alone) catchUpPopularity(db, Date.now())
  } catch (error) {
    db.close()
    throw startupError(path, error)
  }
  return createSqliteStore(db)
}

/** The store on a database that is open and migrated (`./migrations.ts`); closing the store closes it. */
export function createSqliteStore(db: SqliteDatabase): SqliteStore {
  const limit = createCallLimit()
  const { isDeferring, ...bulkImport } = createSqliteBulkImport(db, limit)
  const { drain, ...recording } = createSqliteRecording(db, limit, isDeferring)
  return {
    ...createSqliteCatalogue(db, limit),
    ...bulkImport,
    ...createSqliteHistory(db),
    ...createSqliteModels(db),
    ...createSqliteOutbox(db),
    ...createSqliteDeadLetters(db),
    ...createSqliteErasures(db),
    ...createSqliteLoggedSlates(db),
    ...createSqliteShadow(db),
    ...createSqliteCanary(db),
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
