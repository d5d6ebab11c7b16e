import { type MongoDatastore, openMongo } from '@bulkhead/datastore/mongodb'
import { translateMongoError } from '@bulkhead/datastore/mongodb-errors'
import type { ExperimentationStore } from '../port.ts'
import { openCollections } from './collections.ts'
import { createEvents } from './events.ts'
import { createExperiments } from './experiments.ts'
import { migrations } from './migrations.ts'
import { createPositions } from './positions.ts'
import { createSnapshots } from './snapshots.ts'

/** Opens and migrates. Rejects with `DatastoreStartupError`, one line that says what to do. */
export async function openMongoExperimentationStore(options: {
  readonly url: string
  readonly database: string
}): Promise<ExperimentationStore> {
  return createMongoExperimentationStore(await openMongo({ ...options, migrations }))
}

/** The store on a database that is open and migrated (`./migrations.ts`); closing the store closes it. */
export function createMongoExperimentationStore(datastore: MongoDatastore): ExperimentationStore {
  const collections = openCollections(datastore.db)
  const experiments = createExperiments(collections)
  const snapshots = createSnapshots(datastore.client, collections)
  const events = createEvents(collections)
  const positions = createPositions(datastore.client, collections)
  return {
    createExperiment: translated(experiments.createExperiment),
    experimentsByKeys: translated(experiments.experimentsByKeys),
    findExperiments: translated(experiments.findExperiments),
    countExperiments: translated(experiments.countExperiments),
    assigningExperiments: translated(experiments.assigningExperiments),
    latestSnapshot: translated(snapshots.latestSnapshot),
    snapshotsByVersions: translated(snapshots.snapshotsByVersions),
    publish: translated(snapshots.publish),
    ingest: translated(events.ingest),
    reject: translated(events.reject),
    exposureRecords: translated(events.exposureRecords),
    exposureCounts: translated(events.exposureCounts),
    assignPositions: translated(positions.assignPositions),
    head: translated(positions.head),
    eventsBetween: translated(positions.eventsBetween),
    ping: translated(datastore.ping),
    close: datastore.close,
  }
}

function translated<Args extends unknown[], Result>(
  method: (...args: Args) => Promise<Result>,
): (...args: Args) => Promise<Result> {
  return async (...args) => {
    try {
      return await method(...args)
    } catch (error) {
      throw translateMongoError(error)
    }
  }
}
