import { existsSync, rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { parseDatastoreUrl, redactUrl } from '@bulkhead/datastore/datastore-url'
import { isBusy } from '@bulkhead/datastore/sqlite'
import { systemClock } from '@bulkhead/service/clock'
import { StartupError } from '@bulkhead/service/errors'
import { startupMessage } from '@bulkhead/service/lifecycle'
import { createLogger } from '@bulkhead/service/logging'
import { MongoClient } from 'mongodb'
import { type Command, parseCommandLine } from './command-line.ts'
import { loadCliConfig } from './config.ts'
import { openPersonalizationStore } from './datastore/open.ts'
import { loadDemo } from './demo/demo-command.ts'
import { importInteractions, importItems } from './import/import-command.ts'
import { createTrainingService } from './services/training-service.ts'
import { trainAndReport } from './terminal/train-and-report.ts'

type StoreCommand = Exclude<Command, { name: 'help' | 'refused' | 'reset' }>

/** Failures that the person at the terminal can mend: their message is all there is to say. */
const MENDABLE: ReadonlySet<string> = new Set(['ImportError', 'TrainingRefusedError'])

const MONGO_TIMEOUT_MS = 3_000

async function runOnStore(command: StoreCommand): Promise<number> {
  const config = loadCliConfig()
  const store = await openPersonalizationStore(config.datastoreUrl)
  try {
    // `info` is the default of services; here a person reads, and the commands say themselves what they did.
    const level = config.logLevel === 'info' ? 'warn' : config.logLevel
    const log = createLogger({ service: 'personalization', level, destination: process.stderr })
    const training = createTrainingService({ store, clock: systemClock, log })
    const deps = { store, training, clock: systemClock, out: process.stdout, err: process.stderr }
    switch (command.name) {
      case 'import items':
        return await importItems(command, deps)
      case 'import interactions':
        return await importInteractions(command, deps)
      case 'demo':
        return await loadDemo(command, deps)
      case 'train':
        await trainAndReport({ ...deps, owner: 'operator', reason: 'npm run personalization -- train' })
        return 0
    }
  } finally {
    await store.close()
  }
}

async function reset(): Promise<number> {
  const datastore = parseDatastoreUrl(loadCliConfig().datastoreUrl)
  if (datastore.kind === 'sqlite') return resetSqlite(datastore.path)
  return resetMongo(datastore.url, datastore.database)
}

/** By the driver itself: a database that a newer release has migrated can be deleted as well. */
async function resetMongo(url: string, database: string): Promise<number> {
  try {
    const client = new MongoClient(url, {
      serverSelectionTimeoutMS: MONGO_TIMEOUT_MS,
      connectTimeoutMS: MONGO_TIMEOUT_MS,
    })
    try {
      await client.db(database).dropDatabase()
    } finally {
      await client.close()
    }
  } catch (error) {
    const said = error instanceof Error ? error.message.replaceAll(url, redactUrl(url)) : String(error)
    throw new StartupError(
      `database ${database} at ${redactUrl(url)} cannot be deleted: ${said}; start MongoDB, or correct DATASTORE_URL`,
    )
  }
  process.stdout.write(`Reset: database ${database} is deleted\n`)
  return 0
}

function resetSqlite(path: string): number {
  if (isInUse(path)) {
    process.stderr.write(`${path} is in use: stop the service first\n`)
    return 1
  }
  const existed = existsSync(path)
  for (const file of [path, `${path}-wal`, `${path}-shm`]) rmSync(file, { force: true })
  process.stdout.write(existed ? `Reset: ${path} is deleted\n` : `Reset: there was no ${path}\n`)
  return 0
}

/** Leaving WAL takes the only connection, so another process's shows. A file that is no database is in no one's use. */
function isInUse(path: string): boolean {
  if (!existsSync(path)) return false
  let database: DatabaseSync | null = null
  try {
    database = new DatabaseSync(path)
    database.exec('PRAGMA journal_mode = DELETE')
    return false
  } catch (error) {
    return isBusy(error)
  } finally {
    database?.close()
  }
}

async function run(command: Command): Promise<number> {
  switch (command.name) {
    case 'help':
      process.stdout.write(command.text)
      return 0
    case 'refused':
      process.stderr.write(`${command.message}\n`)
      return 1
    case 'reset':
      return reset()
    default:
      return runOnStore(command)
  }
}

function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (MENDABLE.has(error.name)) return error.message
  if (error.name === 'DatastoreUnavailableError') {
    return `${error.message}; what was stored before stays, and the same command can be run again`
  }
  return startupMessage(error)
}

try {
  process.exitCode = await run(parseCommandLine(process.argv.slice(2)))
} catch (error) {
  process.stderr.write(`personalization: ${explain(error)}\n`)
  process.exitCode = 1
}
