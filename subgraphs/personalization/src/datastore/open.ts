import { parseDatastoreUrl } from '@bulkhead/datastore/datastore-url'
import { openMongoStore } from './mongodb/store.ts'
import type { PersonalizationStore } from './port.ts'
import { openSqliteStore } from './sqlite/store.ts'
import type { StoreLog } from './store-log.ts'

/**
 * Opens and migrates the datastore that the URL names: `sqlite:./.data/personalization.db` or
 * `mongodb://host/database`.
 *
 * @throws DatastoreStartupError with one line that says what to do
 */
export async function openPersonalizationStore(
  url: string,
  options: {
    readonly log?: StoreLog
    /** False where no service uses the datastore yet: then imports on SQLite need not pause for it. */
    readonly pauseBulkWrites?: boolean
  } = {},
): Promise<PersonalizationStore> {
  const datastore = parseDatastoreUrl(url)
  if (datastore.kind === 'sqlite') return openSqliteStore(datastore.path, options)
  return openMongoStore({ url: datastore.url, database: datastore.database, log: options.log })
}
