import { type Db, MongoClient, type MongoClientOptions } from 'mongodb'
import { redactMessage, redactUrl } from '../datastore-url.ts'
import { DatastoreStartupError } from '../errors.ts'
import type { WhenBehind } from '../sqlite/migrations.ts'
import { type MongoMigration, migrateMongo, type PatientDatabase } from './migrations.ts'
import { connectAndGreet, uninitiatedError, uninitiatedServer } from './uninitiated.ts'

// Exported from here, so that adapters use the types of the same copy of the driver that made the objects.
export type {
  AnyBulkWriteOperation,
  ClientSession,
  Collection,
  Condition,
  Db,
  Document,
  Filter,
  MongoClient,
} from 'mongodb'
export type { MongoMigration, PatientDatabase } from './migrations.ts'

export type MongoDatastore = {
  readonly client: MongoClient
  readonly db: Db
  /** A cheap round trip to the primary, for readiness. Rejects with what `translateMongoError` translates. */
  ping(): Promise<void>
  /** The database through a client that waits for as long as a step takes; the caller closes it. */
  openPatient(): PatientDatabase
  close(): Promise<void>
}

/** A write is acknowledged once it is in the journal of a majority; every wait has a limit. */
const CLIENT_OPTIONS = {
  writeConcern: { w: 'majority', journal: true, wtimeoutMS: 5_000 },
  readConcern: { level: 'majority' },
  readPreference: 'primary',
  retryWrites: true,
  retryReads: true,
  serverSelectionTimeoutMS: 2_000,
  connectTimeoutMS: 2_000,
  socketTimeoutMS: 5_000,
  waitQueueTimeoutMS: 2_000,
  // Notices a lost primary, and its return, sooner than the default of 10 s.
  heartbeatFrequencyMS: 2_000,
  maxPoolSize: 20,
  ignoreUndefined: true,
} as const satisfies MongoClientOptions

/**
 * Connects, refuses a server without a replica set, migrates.
 * @throws DatastoreStartupError with one line that says what to do, the URL's credentials left out
 */
export async function openMongo(options: {
  url: string
  database: string
  migrations: readonly MongoMigration[]
  /** To migrate, unless said otherwise. */
  whenBehind?: WhenBehind
  /** Puts right what another process left unfinished. Before migrations, which change what it was about. */
  beforeMigrations?: (database: Pick<MongoDatastore, 'db' | 'openPatient'>) => Promise<void>
  /** Changes to the defaults above, for tests of outages. */
  clientOptions?: MongoClientOptions
}): Promise<MongoDatastore> {
  const { url, database, migrations } = options
  const client = createClient(url, options.clientOptions)
  try {
    await refuseWithoutReplicaSet(client, url)
    const db = client.db(database)
    function openPatient(): PatientDatabase {
      const patient = createClient(url, { ...options.clientOptions, socketTimeoutMS: 0 })
      return { db: patient.db(database), close: () => patient.close() }
    }
    await migrateMongo(db, migrations, {
      whenBehind: options.whenBehind ?? 'migrate',
      beforeMigrations: async () => options.beforeMigrations?.({ db, openPatient }),
      openPatient,
    })
    return {
      client,
      db,
      openPatient,
      ping: async () => void (await db.command({ ping: 1 })),
      close: () => client.close(),
    }
  } catch (error) {
    await client.close().catch(() => undefined)
    throw startupError(url, error)
  }
}

function createClient(url: string, overrides: MongoClientOptions = {}): MongoClient {
  try {
    return new MongoClient(url, { ...CLIENT_OPTIONS, ...overrides })
  } catch (error) {
    throw startupError(url, error)
  }
}

async function refuseWithoutReplicaSet(client: MongoClient, url: string): Promise<void> {
  const hello = await connectAndGreet(client, url)
  const sharded = hello.msg === 'isdbgrid'
  if (hello.setName !== undefined || sharded) return
  throw new DatastoreStartupError(
    `MongoDB at ${redactUrl(url)} is a standalone server, which has no transactions: restart it as a one-node replica set with ` +
      "`mongod --replSet rs0` and its usual options, then once `mongosh --eval 'rs.initiate()'`",
  )
}

function startupError(url: string, error: unknown): unknown {
  if (!(error instanceof Error)) return error
  const uninitiated = uninitiatedServer(error)
  if (uninitiated !== undefined) return uninitiatedError(url, uninitiated, error)
  // A missing SRV record or key file is an error of the system, not one of the driver.
  const system = 'code' in error && typeof error.code === 'string' && /^E[A-Z]+$/.test(error.code)
  if (!system && !error.name.startsWith('Mongo')) return error
  const said = redactMessage(error.message, url)
  return new DatastoreStartupError(
    `cannot use MongoDB at ${redactUrl(url)}: ${said}; start it, or correct the datastore URL`,
    { cause: error },
  )
}
