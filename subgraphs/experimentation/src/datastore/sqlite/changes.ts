import type { SqliteDatabase } from '@bulkhead/datastore/sqlite/open'
import { execute, oneInTransaction } from '@bulkhead/datastore/sqlite/rows'
import { EMPTY_LOG } from '../../domain/audit/entry.ts'
import type { MetricDefinition } from '../../domain/plan/metric.ts'
import type { ChangeBatch, ChangeHead, ExperimentationStore } from '../port.ts'
import { readMetricVersions } from '../stored-json.ts'
import { auditColumns, INSERT_AUDIT_ENTRY } from './audit.ts'
import { insertExperiment, replaceExperiment } from './experiments.ts'
import { writeBootstrap } from './model-decisions.ts'
import { writeDefinition } from './targeting.ts'

/** Rolls the transaction back. */
class ConflictError extends Error {}

export function createSqliteChanges(db: SqliteDatabase): Pick<ExperimentationStore, 'changeHead' | 'commit'> {
  function readHead(): ChangeHead {
    const row = oneInTransaction<ChangeHead>(
      db,
      `SELECT sequence, at, body ->> 'hash' AS hash,
        (SELECT coalesce(max(version), 0) FROM snapshots) AS snapshotVersion
        FROM audit ORDER BY sequence DESC LIMIT 1`,
    )
    if (row !== undefined) return { ...row }
    const sql = 'SELECT coalesce(max(version), 0) AS version FROM snapshots'
    const newest = oneInTransaction<{ readonly version: number }>(db, sql)
    return { ...EMPTY_LOG, snapshotVersion: newest?.version ?? 0 }
  }

  function write(batch: ChangeBatch): void {
    const { expected, entries, experiments, metrics, definitions, bootstraps = [], snapshot } = batch
    const head = readHead()
    if (head.sequence !== expected.sequence) throw new ConflictError()
    if (snapshot !== null) {
      if (head.snapshotVersion !== expected.snapshotVersion) throw new ConflictError()
      const sql = 'INSERT INTO snapshots (version, body) VALUES (?, ?)'
      execute(db, sql, snapshot.version, JSON.stringify(snapshot))
    }
    for (const { experiment, expectedRevision } of experiments) {
      const isWritten =
        expectedRevision === 0
          ? insertExperiment(db, experiment)
          : replaceExperiment(db, experiment, expectedRevision)
      if (!isWritten) throw new ConflictError()
    }
    for (const metric of metrics) if (!appendMetricVersion(db, metric)) throw new ConflictError()
    for (const changed of definitions) if (!writeDefinition(db, changed)) throw new ConflictError()
    for (const changed of bootstraps) if (!writeBootstrap(db, changed)) throw new ConflictError()
    for (const entry of entries) execute(db, INSERT_AUDIT_ENTRY, ...auditColumns(entry))
  }

  return {
    changeHead: () => db.read(readHead),

    async commit(batch) {
      try {
        // The write lock is held from the first read on, so no other write can come in between.
        await db.write(() => write(batch))
        return 'committed'
      } catch (error) {
        if (error instanceof ConflictError) return 'conflict'
        throw error
      }
    },
  }
}

/** To be called inside a transaction; false where the version does not follow the newest. */
function appendMetricVersion(db: SqliteDatabase, metric: MetricDefinition): boolean {
  const { key, version } = metric
  const row = oneInTransaction<{ readonly body: string }>(db, 'SELECT body FROM metrics WHERE key = ?', key)
  const versions = row === undefined ? [] : readMetricVersions(row.body).versions
  if (version !== versions.length + 1) return false
  const sql = 'INSERT OR REPLACE INTO metrics (key, version, body) VALUES (?, ?, ?)'
  execute(db, sql, key, version, JSON.stringify({ key, versions: [...versions, metric] }))
  return true
}
