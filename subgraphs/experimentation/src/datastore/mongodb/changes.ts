import { isDuplicateKey } from '@bulkhead/datastore/mongodb/errors'
import type { ClientSession, MongoDatastore } from '@bulkhead/datastore/mongodb/open'
import { inTransaction } from '@bulkhead/datastore/mongodb/transaction'
import { EMPTY_LOG } from '../../domain/audit/entry.ts'
import type { MetricDefinition } from '../../domain/plan/metric.ts'
import type { ChangeBatch, ChangeHead, ExperimentationStore } from '../port.ts'
import { readAuditEntry, readMetricVersions } from '../stored-json.ts'
import { auditDocument } from './audit.ts'
import type { Collections } from './collections.ts'
import { experimentDocument } from './experiments.ts'
import { writeBootstraps } from './model-decisions.ts'
import { snapshotDocument } from './snapshots.ts'
import { writeDefinitions } from './targeting.ts'

export function createMongoChanges(
  datastore: MongoDatastore,
  collections: Collections,
): Pick<ExperimentationStore, 'changeHead' | 'commit'> {
  const { audit, experiments, metrics, snapshots } = collections

  async function newestOf(session?: ClientSession) {
    const options = { sort: { _id: -1 }, ...(session === undefined ? {} : { session }) } as const
    const entry = await audit.findOne({}, options)
    const snapshot = await snapshots.findOne({}, { ...options, projection: { _id: 1 } })
    return { entry, snapshotVersion: snapshot?._id ?? 0 }
  }

  /** To be called inside a transaction; false where an experiment is at another revision. */
  async function writeExperiments(
    changed: ChangeBatch['experiments'],
    session: ClientSession,
  ): Promise<boolean> {
    if (changed.length === 0) return true
    const { insertedCount, matchedCount } = await experiments.bulkWrite(
      changed.map(({ experiment, expectedRevision }) =>
        expectedRevision === 0
          ? { insertOne: { document: experimentDocument(experiment) } }
          : {
              replaceOne: {
                filter: { _id: experiment.key, revision: expectedRevision },
                replacement: experimentDocument(experiment),
              },
            },
      ),
      { session },
    )
    return insertedCount + matchedCount === changed.length
  }

  /** To be called inside a transaction; false where the version does not follow the newest. */
  async function appendMetricVersion(metric: MetricDefinition, session: ClientSession): Promise<boolean> {
    const { key, version } = metric
    const stored = await metrics.findOne({ _id: key }, { session })
    const versions = stored === null ? [] : readMetricVersions(stored.body).versions
    if (version !== versions.length + 1) return false
    const body = JSON.stringify({ key, versions: [...versions, metric] })
    await metrics.replaceOne({ _id: key }, { version, body }, { session, upsert: true })
    return true
  }

  async function write(batch: ChangeBatch, session: ClientSession): Promise<boolean> {
    const { expected, entries, snapshot } = batch
    const { entry, snapshotVersion } = await newestOf(session)
    if ((entry?._id ?? 0) !== expected.sequence) return false
    if (snapshot !== null && snapshotVersion !== expected.snapshotVersion) return false
    if (entries.length > 0) await audit.insertMany(entries.map(auditDocument), { session })
    if (!(await writeExperiments(batch.experiments, session))) return false
    for (const metric of batch.metrics) if (!(await appendMetricVersion(metric, session))) return false
    if (!(await writeDefinitions(collections, batch.definitions, session))) return false
    if (!(await writeBootstraps(collections, batch.bootstraps ?? [], session))) return false
    if (snapshot !== null) await snapshots.insertOne(snapshotDocument(snapshot), { session })
    return true
  }

  return {
    async changeHead(): Promise<ChangeHead> {
      const { entry, snapshotVersion } = await newestOf()
      const { sequence, hash, at } = entry === null ? EMPTY_LOG : readAuditEntry(entry.body)
      return { sequence, hash, at, snapshotVersion }
    },

    async commit(batch) {
      try {
        return await inTransaction(datastore, async (session) => {
          if (await write(batch, session)) return 'committed'
          await session.abortTransaction()
          return 'conflict'
        })
      } catch (error) {
        // Another replica has taken this sequence or version between the read and the insert.
        if (isDuplicateKey(error)) return 'conflict'
        throw error
      }
    },
  }
}
