import { DatastoreUnavailableError } from '@bulkhead/datastore/errors'
import { QueueFullError } from '@bulkhead/datastore/group-commit'
import { type MongoDatastore, openMongo } from '@bulkhead/datastore/mongodb'
import { isDuplicateKey, translateMongoError } from '@bulkhead/datastore/mongodb-errors'
import type { PersonalizationStore } from '../port.ts'
import type { StoreLog } from '../store-log.ts'
import { type Collections, collectionsOf } from './documents.ts'
import { createMongoHistory } from './history.ts'
import { createMongoCatalogue } from './items.ts'
import { MONGO_MIGRATIONS } from './migrations.ts'
import { createMongoModels } from './models.ts'
import { createMongoOutbox } from './outbox.ts'
import { createMongoRecording } from './recording.ts'

type OpenOptions = {
  readonly url: string
  readonly database: string
  readonly log?: StoreLog | undefined
}

/**
 * Personalization's store in one MongoDB database; any number of processes may share it.
 *
 * @throws DatastoreStartupError with one line that says what to do
 */
export async function openMongoStore({ url, database, log }: OpenOptions): Promise<PersonalizationStore> {
  const datastore = await openMongo({ url, database, migrations: MONGO_MIGRATIONS })
  return createMongoStore(datastore, log)
}

/** The store on an open, migrated database, which it closes with itself. */
export function createMongoStore(datastore: MongoDatastore, log?: StoreLog): PersonalizationStore {
  const collections = collectionsOf(datastore.db)
  const { drain, ...recording } = createMongoRecording(collections, log)
  return translatingErrors({
    ...createMongoCatalogue(datastore, collections),
    ...createMongoHistory(collections),
    ...createMongoModels(datastore, collections),
    ...createMongoOutbox(collections),
    ...createSnapshotKeeper(collections),
    ...recording,
    ping: () => datastore.ping(),
    async close() {
      await drain()
      await datastore.close()
    },
  })
}

function createSnapshotKeeper({
  snapshots,
}: Collections): Pick<PersonalizationStore, 'lastSnapshot' | 'keepSnapshot'> {
  return {
    async lastSnapshot() {
      const kept = await snapshots.findOne({ _id: 'last' })
      return kept === null ? null : (JSON.parse(kept.body) as unknown)
    },

    async keepSnapshot(snapshot) {
      const { version } = snapshot
      try {
        await snapshots.updateOne(
          { _id: 'last', version: { $lt: version } },
          { $set: { version, body: JSON.stringify(snapshot) } },
          { upsert: true },
        )
      } catch (error) {
        // The one that is kept does not match, so the upsert met its id: it is as high or higher.
        if (!isDuplicateKey(error)) throw error
      }
    },
  }
}

/** Every method's failures pass through here, so that none can forget to translate the driver's. */
function translatingErrors(store: PersonalizationStore): PersonalizationStore {
  return new Proxy(store, {
    get(target, name, receiver) {
      const method: unknown = Reflect.get(target, name, receiver)
      if (typeof method !== 'function') return method
      return async (...parameters: unknown[]): Promise<unknown> => {
        try {
          return await method.apply(target, parameters)
        } catch (error) {
          throw translate(error)
        }
      }
    },
  })
}

function translate(error: unknown): unknown {
  if (!(error instanceof QueueFullError)) return translateMongoError(error)
  return new DatastoreUnavailableError(`MongoDB does not keep up: ${error.message}`, { cause: error })
}
