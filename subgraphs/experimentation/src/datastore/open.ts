import { parseDatastoreUrl } from '@bulkhead/datastore/datastore-url'
import type { DatastoreLog } from '@bulkhead/datastore/log'
import { openMongoStore } from './mongodb/store.ts'
import type { ExperimentationStore } from './port.ts'
import { openSqliteStore } from './sqlite/store.ts'

/**
 * Opens the datastore that a URL names and brings its schema up to date.
 * Rejects with `DatastoreStartupError`, whose message is one line that says what to do.
 */
export async function openExperimentationStore(
  url: string,
  { log }: { readonly log?: DatastoreLog } = {},
): Promise<ExperimentationStore> {
  const parsed = parseDatastoreUrl(url)
  const store = parsed.kind === 'sqlite' ? openSqliteStore(parsed.path) : await openMongoStore(parsed)
  log?.info({ kind: parsed.kind }, 'datastore open')
  return store
}
