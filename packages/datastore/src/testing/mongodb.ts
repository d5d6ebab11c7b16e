import { randomBytes } from 'node:crypto'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { MongoClient } from 'mongodb'
import { withDatabase } from '../datastore-url.ts'

// Tests have no config.ts of their own: the variables below are the interface to whoever runs them.
const env = process.env

export type TestMongo = {
  kind: 'ready'
  /** The URL of a database that no other test file uses; the same name gives the same URL. */
  url(database: string): string
  /** Drops the databases that were handed out, and stops the server if it was started here. */
  stop(): Promise<void>
}

type SkippedMongo = { kind: 'skipped'; reason: string }

type MongoSource = { kind: 'url'; url: string } | { kind: 'binary'; path: string } | { kind: 'download' }

const HOW_TO_ENABLE =
  'MongoDB tests SKIPPED: no TEST_MONGODB_URL, no MONGOMS_SYSTEM_BINARY and no mongod on the PATH; set one of them, or run `npm run test:mongodb`, which fetches a mongod'

/** Where MongoDB would come from; nothing is started. Throws instead of skipping where REQUIRE_MONGODB=1. */
export function findTestMongo(): MongoSource | SkippedMongo {
  if (env.TEST_MONGODB_URL) return { kind: 'url', url: env.TEST_MONGODB_URL }
  const path = env.MONGOMS_SYSTEM_BINARY || mongodOnPath()
  if (path !== undefined) return { kind: 'binary', path }
  if (env.BULKHEAD_MONGOD_DOWNLOAD === '1') return { kind: 'download' }
  if (env.REQUIRE_MONGODB === '1') throw new Error(`REQUIRE_MONGODB=1, but ${HOW_TO_ENABLE}`)
  return { kind: 'skipped', reason: HOW_TO_ENABLE }
}

/** Enough for tests, several of which run at once. */
const TEST_CACHE_GB = 0.25

/**
 * A real MongoDB replica set: the one of TEST_MONGODB_URL, or one node started from a mongod of this machine.
 * Nothing is downloaded unless BULKHEAD_MONGOD_DOWNLOAD=1.
 */
export async function acquireTestMongo(cacheGB = TEST_CACHE_GB): Promise<TestMongo | SkippedMongo> {
  const source = findTestMongo()
  if (source.kind === 'skipped') return source
  if (source.kind === 'url') return handOut(source.url, async () => undefined)
  return startMongod(source, 'replica-set', cacheGB)
}

/** A mongod that the caller alone uses and may kill; `uninitiated` is a replica-set node before `rs.initiate()`. */
export async function startMongod(
  source: Exclude<MongoSource, { kind: 'url' }>,
  kind: 'replica-set' | 'standalone' | 'uninitiated' = 'replica-set',
  cacheGB = TEST_CACHE_GB,
): Promise<TestMongo> {
  // Read by mongodb-memory-server when it loads, hence before the import.
  env.MONGOMS_RUNTIME_DOWNLOAD = source.kind === 'download' ? 'true' : 'false'
  env.MONGOMS_SYSTEM_BINARY_VERSION_CHECK = 'false'
  const { MongoMemoryReplSet, MongoMemoryServer } = await import('mongodb-memory-server-core')
  const binary = source.kind === 'binary' ? { systemBinary: source.path } : {}
  const settings = {
    storageEngine: 'wiredTiger' as const,
    args: ['--wiredTigerCacheSizeGB', String(cacheGB), '--nounixsocket'],
  }
  const alone = kind === 'uninitiated' ? { ...settings, replSet: 'rs0' } : settings
  const server =
    kind === 'replica-set'
      ? await MongoMemoryReplSet.create({ binary, replSet: { ...settings, name: 'rs0', count: 1 } })
      : await MongoMemoryServer.create({ binary, instance: alone })
  return handOut(server.getUri(), async () => void (await server.stop({ doCleanup: true, force: true })))
}

function handOut(base: string, stopServer: () => Promise<void>): TestMongo {
  // Databases of parallel test files on one server must not meet.
  const prefix = `bulkhead_test_${randomBytes(4).toString('hex')}`
  const databases = new Set<string>()
  return {
    kind: 'ready',
    url(database) {
      const name = `${prefix}_${database}`
      databases.add(name)
      return withDatabase(base, name)
    },
    async stop() {
      await dropDatabases(base, databases)
      await stopServer()
    },
  }
}

async function dropDatabases(base: string, databases: ReadonlySet<string>): Promise<void> {
  const client = new MongoClient(base, { serverSelectionTimeoutMS: 2_000 })
  try {
    for (const name of databases) await client.db(name).dropDatabase()
  } catch {
    // The test took the server down, and its data with it.
  } finally {
    await client.close()
  }
}

function mongodOnPath(): string | undefined {
  return (env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, 'mongod'))
    .find(isExecutable)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
