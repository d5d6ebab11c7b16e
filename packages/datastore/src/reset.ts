import { existsSync, rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { MongoClient } from 'mongodb'
import { type DatastoreUrl, parseDatastoreUrl, redactMessage, redactUrl } from './datastore-url.ts'
import { DatastoreStartupError } from './errors.ts'
import { connectAndGreet, uninitiatedError, uninitiatedServer } from './mongodb/uninitiated.ts'
import { isBusy } from './sqlite/open.ts'

/** `what` names the SQLite file or the MongoDB database, for messages. */
type ResetOutcome =
  | { type: 'deleted'; what: string }
  | { type: 'absent'; what: string }
  /** Nothing was deleted: a process has the file open. */
  | { type: 'in-use'; what: string }

const MONGO_TIMEOUT_MS = 3_000

/**
 * Whether a process has this SQLite file open; nothing is made or changed. MongoDB cannot tell who uses a database,
 * so its answer is always false.
 * @throws DatastoreStartupError for a URL that cannot be read
 */
export function isInUse(url: string): boolean {
  const datastore = parseDatastoreUrl(url)
  return datastore.kind === 'sqlite' && isOpenElsewhere(datastore.path)
}

/**
 * Deletes all data that a datastore URL names, whichever release wrote it. An SQLite file in use is refused; a
 * MongoDB database is dropped even under a running service, so stop that first.
 * @throws DatastoreStartupError with one line that says what to do
 */
export async function resetDatastore(url: string): Promise<ResetOutcome> {
  const datastore = parseDatastoreUrl(url)
  return datastore.kind === 'sqlite' ? resetSqlite(datastore.path) : resetMongo(datastore)
}

/**
 * Whether nothing was ever stored there: there is no such file, or no collection in the database. Nothing is made.
 * @throws DatastoreStartupError with one line that says what to do
 */
export async function isAbsent(url: string): Promise<boolean> {
  const datastore = parseDatastoreUrl(url)
  if (datastore.kind === 'sqlite') return !existsSync(datastore.path)
  return withMongo(datastore, 'read', async (client) => {
    return !(await client.db(datastore.database).listCollections({}, { nameOnly: true }).hasNext())
  })
}

function resetSqlite(path: string): ResetOutcome {
  if (isOpenElsewhere(path)) return { type: 'in-use', what: path }
  const existed = existsSync(path)
  try {
    for (const file of [path, `${path}-wal`, `${path}-shm`]) rmSync(file, { force: true })
  } catch (error) {
    throw new DatastoreStartupError(
      `cannot delete ${path}: ${error instanceof Error ? error.message : String(error)}; delete it yourself, or choose another path`,
      { cause: error },
    )
  }
  return { type: existed ? 'deleted' : 'absent', what: path }
}

/**
 * A connection to a database in WAL mode holds a shared lock on the file for as long as it lives, idle or not, so
 * an exclusive lock shows whether there is one. A file that is not a database counts as not in use.
 */
function isOpenElsewhere(path: string): boolean {
  if (!existsSync(path)) return false
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(path)
    database.exec('PRAGMA locking_mode = EXCLUSIVE')
    database.exec('BEGIN EXCLUSIVE')
    database.exec('ROLLBACK')
    return false
  } catch (error) {
    return isBusy(error)
  } finally {
    database?.close()
  }
}

async function resetMongo(datastore: DatastoreUrl & { kind: 'mongodb' }): Promise<ResetOutcome> {
  const { database } = datastore
  await withMongo(datastore, 'deleted', (client) => client.db(database).dropDatabase())
  return { type: 'deleted', what: `database ${database}` }
}

/** @param purpose completes "cannot be …", where it cannot */
async function withMongo<Result>(
  { url }: DatastoreUrl & { kind: 'mongodb' },
  purpose: 'deleted' | 'read',
  use: (client: MongoClient) => Promise<Result>,
): Promise<Result> {
  try {
    const client = new MongoClient(url, {
      serverSelectionTimeoutMS: MONGO_TIMEOUT_MS,
      connectTimeoutMS: MONGO_TIMEOUT_MS,
    })
    try {
      await connectAndGreet(client, url)
      return await use(client)
    } finally {
      await client.close()
    }
  } catch (error) {
    if (error instanceof DatastoreStartupError) throw error
    const uninitiated = uninitiatedServer(error)
    if (uninitiated !== undefined) throw uninitiatedError(url, uninitiated, error)
    const said = redactMessage(error instanceof Error ? error.message : String(error), url)
    throw new DatastoreStartupError(
      `${redactUrl(url)} cannot be ${purpose}: ${said}; start MongoDB, or correct the datastore URL`,
      { cause: error },
    )
  }
}
