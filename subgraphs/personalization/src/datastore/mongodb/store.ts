import { DatastoreUnavailableError } from '@bulkhead/datastore/errors'
import { QueueFullError } from '@bulkhead/datastore/group-commit'
import type { DatastoreLog } from '@bulkhead/datastore/log'
import { translateMongoError } from '@bulkhead/datastore/mongodb/errors'
import { type MongoDatastore, openMongo } from '@bulkhead/datastore/mongodb/open'
import { translateErrors } from '@bulkhead/datastore/translate-errors'
import { createCallLimit } from '../limits.ts'
import type { PersonalizationStore } from '../port.ts'
import { createMongoBulkImport, finishLeftImport } from './bulk-import.ts'
import { createMongoCanary } from './canary.ts'
import { type Collections, openCollections } from './collections.ts'
import { createMongoDeadLetters } from './dead-letters.ts'
import { createMongoErasures } from './erasures.ts'
import { createMongoHistory } from './history.ts'
import { createMongoCatalogue } from './items.ts'
import { keepNewer } from './keep-newer.ts'
import { createMongoLoggedSlates } from './logged-slates.ts'
import { MONGO_MIGRATIONS } from './migrations.ts'
import { createMongoModels } from './models.ts'
import { createMongoOutbox } from './outbox.ts'
import { createMongoRecording } from './recording.ts'
import { createMongoShadow } from './shadow.ts'

/**
 * Personalization's store in one MongoDB database; any number of processes may share it.
 *
 * @throws DatastoreStartupError with one line that says what to do
 */
export async function openMongoStore({
  log,
  ...location
}: {
  readonly url: string
  readonly database: string
  readonly log?: DatastoreLog | undefined
}): Promise<PersonalizationStore> {
  const datastore = await openMongo({
    ...location,
    migrations: MONGO_MIGRATIONS,
    beforeMigrations: (database) => finishLeftImport(database, log),
  })
  return createMongoStore(datastore, log)
}

/** The store on a database that is open and migrated (`./migrations.ts`); closing the store closes it. */
export function createMongoStore(
  datastore: MongoDatastore,
  log?: Pick<DatastoreLog, 'warn'>,
): PersonalizationStore {
  const collections = openCollections(datastore.db)
  const limit = createCallLimit()
  const { beginBulkImport, endBulkImport, ...bulkImport } = createMongoBulkImport(
    datastore,
    collections,
    limit,
  )
  const { drain, ...recording } = createMongoRecording(collections, limit, bulkImport, log)
  return translateErrors(
    {
      ...createMongoCatalogue(datastore, collections, limit),
      ...{ beginBulkImport, endBulkImport },
      ...createMongoHistory(collections),
      ...createMongoModels(datastore, collections),
      ...createMongoOutbox(collections),
      ...createMongoDeadLetters(datastore, collections),
      ...createMongoErasures(datastore, collections),
      ...createMongoLoggedSlates(collections),
      ...createMongoShadow(collections),
      ...createMongoCanary(collections),
      ...createMongoSnapshots(collections),
      ...recording,
      ping: () => datastore.ping(),
      async close() {
        await drain()
        await bulkImport.drain()
        await datastore.close()
      },
    },
    translate,
  )
}

function createMongoSnapshots({
  snapshots,
}: Collections): Pick<PersonalizationStore, 'lastSnapshot' | 'keepSnapshot'> {
  return {
    async lastSnapshot() {
      const kept = await snapshots.findOne({ _id: 'last' })
      return kept === null ? null : (JSON.parse(kept.body) as unknown)
    },

    async keepSnapshot(snapshot) {
      const { version } = snapshot
      await keepNewer(
        snapshots,
        { _id: 'last', version: { $lt: version } },
        { version, body: JSON.stringify(snapshot) },
      )
    },
  }
}

function translate(error: unknown): unknown {
  if (!(error instanceof QueueFullError)) return translateMongoError(error)
  return new DatastoreUnavailableError(`MongoDB does not keep up: ${error.message}`, { cause: error })
}
