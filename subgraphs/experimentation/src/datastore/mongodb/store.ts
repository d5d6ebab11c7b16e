import { translateMongoError } from '@bulkhead/datastore/mongodb/errors'
import { type MongoDatastore, openMongo } from '@bulkhead/datastore/mongodb/open'
import type { WhenBehind } from '@bulkhead/datastore/sqlite/open'
import { translateErrors } from '@bulkhead/datastore/translate-errors'
import type { ExperimentationStore } from '../port.ts'
import { createMongoAnalyses } from './analyses.ts'
import { createMongoAnalyst } from './analyst.ts'
import { createMongoArchives } from './archives.ts'
import { createMongoAudit } from './audit.ts'
import { createMongoChanges } from './changes.ts'
import { openCollections } from './collections.ts'
import { createMongoCounts } from './counts.ts'
import { createMongoErasures } from './erasures.ts'
import { createMongoEvents } from './events.ts'
import { createMongoExperiments } from './experiments.ts'
import { createMongoMetrics } from './metrics.ts'
import { MONGO_MIGRATIONS } from './migrations.ts'
import { createMongoModelDecisions } from './model-decisions.ts'
import { createMongoPositions } from './positions.ts'
import { createMongoRetention } from './retention.ts'
import { createMongoSnapshots } from './snapshots.ts'
import { createMongoTargeting } from './targeting.ts'

/** Opens, and migrates if that is not to be refused. Rejects with `DatastoreStartupError`, one line that says what to do. */
export async function openMongoStore(options: {
  readonly url: string
  readonly database: string
  readonly whenBehind: WhenBehind
}): Promise<ExperimentationStore> {
  return createMongoStore(await openMongo({ ...options, migrations: MONGO_MIGRATIONS }))
}

/** The store on a database that is open and migrated. Closing the store closes the database. */
export function createMongoStore(datastore: MongoDatastore): ExperimentationStore {
  const collections = openCollections(datastore.db)
  return translateErrors(
    {
      ...createMongoExperiments(collections),
      ...createMongoSnapshots(collections),
      ...createMongoChanges(datastore, collections),
      ...createMongoAudit(collections),
      ...createMongoMetrics(collections),
      ...createMongoTargeting(collections),
      ...createMongoModelDecisions(collections),
      ...createMongoEvents(datastore.client, collections),
      ...createMongoCounts(datastore, collections),
      ...createMongoAnalyses(datastore.db, collections),
      ...createMongoAnalyst(collections),
      ...createMongoArchives(collections),
      ...createMongoRetention(collections),
      ...createMongoErasures(collections),
      ...createMongoPositions(datastore.client, collections),
      ping: () => datastore.ping(),
      close: () => datastore.close(),
    },
    translateMongoError,
  )
}
