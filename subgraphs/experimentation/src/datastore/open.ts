import { parseDatastoreUrl } from '@bulkhead/datastore/datastore-url'
import type { DatastoreLog } from '@bulkhead/datastore/log'
import type { WhenBehind } from '@bulkhead/datastore/sqlite/open'
import { openMongoStore } from './mongodb/store.ts'
import type { ExperimentationStore } from './port.ts'
import { openSqliteStore } from './sqlite/store.ts'

/** What brings a datastore up to date, where an open refuses to. */
export const MIGRATE_COMMAND = 'npm run experimentation -- migrate'

/**
 * Opens the datastore that a URL names. If its schema is behind, it is brought up to date, or the open refused.
 * Rejects with `DatastoreStartupError`, whose message is one line that says what to do.
 */
export async function openExperimentationStore(
  url: string,
  { log, whenBehind = 'migrate' }: { readonly log?: DatastoreLog; readonly whenBehind?: WhenBehind } = {},
): Promise<ExperimentationStore> {
  const parsed = parseDatastoreUrl(url)
  const store =
    parsed.kind === 'sqlite'
      ? openSqliteStore(parsed.path, whenBehind)
      : await openMongoStore({ ...parsed, whenBehind })
  log?.info({ kind: parsed.kind }, 'datastore open')
  return store
}
