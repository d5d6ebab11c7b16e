import { resetDatastore } from '@bulkhead/datastore/reset'
import { loadCliConfig } from '../config.ts'
import { MIGRATE_COMMAND, openExperimentationStore } from '../datastore/open.ts'
import type { ExperimentationStore } from '../datastore/port.ts'
import { deleteUnused } from '../read-model/delete-database.ts'
import { UsageError } from './errors.ts'

/** `await using` closes it. */
type OpenStore = ExperimentationStore & AsyncDisposable

/** The datastore of the settings, brought up to date. */
export function openToWrite(): Promise<OpenStore> {
  return open({})
}

/** For commands that only read: `audit verify` must not change what it verifies. */
export function openToRead(): Promise<OpenStore> {
  return open({ whenBehind: { refuseAndRun: MIGRATE_COMMAND } })
}

async function open(options: Parameters<typeof openExperimentationStore>[1]): Promise<OpenStore> {
  const store = await openExperimentationStore(loadCliConfig().datastoreUrl, options)
  return { ...store, [Symbol.asyncDispose]: () => store.close() }
}

/** @returns what to print, as of every command */
export async function migrate(): Promise<string> {
  const store = await openToWrite()
  await store.close()
  return 'the datastore is up to date'
}

/** @throws UsageError while the service runs on it */
export async function reset(): Promise<string> {
  const { datastoreUrl, analysisFile } = loadCliConfig()
  const { type, what } = await resetDatastore(datastoreUrl)
  if (type === 'in-use') throw new UsageError(`${what} is in use: stop the service first`)
  // It names units. One of another machine is found out to be of another datastore, and deleted, when it is opened.
  deleteUnused(analysisFile)
  return type === 'deleted' ? `${what} is deleted` : `there was no ${what}`
}
