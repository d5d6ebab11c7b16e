import { parseDatastoreUrl } from '@bulkhead/datastore/datastore-url'
import type { DatastoreLog } from '@bulkhead/datastore/log'
import { openMongoStore } from './mongodb/store.ts'
import type { PersonalizationStore } from './port.ts'
import { openSqliteStoreInThread } from './sqlite/store.ts'

/**
 * Opens and migrates the datastore that the URL names: `sqlite:./.data/personalization.db` or
 * `mongodb://host/database`.
 *
 * Rejects with DatastoreStartupError, whose message is one line that says what to do.
 */
export async function openPersonalizationStore(
  url: string,
  {
    log,
    ...options
  }: {
    readonly log?: DatastoreLog
    /** False where no service uses the datastore yet: then imports on SQLite need not pause for it. */
    readonly pauseBulkWrites?: boolean
    /** For large imports: keeps every other process out of an SQLite file until the store is closed. */
    readonly alone?: boolean
  } = {},
): Promise<PersonalizationStore> {
  const parsed = parseDatastoreUrl(url)
  const store =
    parsed.kind === 'sqlite'
      ? await openSqliteStoreInThread(parsed.path, options)
      : await openMongoStore({ url: parsed.url, database: parsed.database, log })
  log?.info({ kind: parsed.kind }, 'datastore open')
  return store
}
