import type { SqliteDatabase } from '@bulkhead/datastore/sqlite/open'
import { execute, oneInTransaction, selectAll, selectOne } from '@bulkhead/datastore/sqlite/rows'
import type { ExperimentationStore } from '../port.ts'
import { readSnapshot } from '../stored-json.ts'
import { replaceExperiment } from './experiments.ts'

type BodyRow = { readonly body: string }

export function createSqliteSnapshots(
  db: SqliteDatabase,
): Pick<ExperimentationStore, 'latestSnapshot' | 'snapshotsByVersions' | 'publish'> {
  return {
    async latestSnapshot() {
      const row = await selectOne<BodyRow>(db, 'SELECT body FROM snapshots ORDER BY version DESC LIMIT 1')
      return row === undefined ? null : readSnapshot(row.body)
    },

    async snapshotsByVersions(versions) {
      const sql =
        'SELECT body FROM snapshots WHERE version IN (SELECT value FROM json_each(?)) ORDER BY version'
      const rows = await selectAll<BodyRow>(db, sql, JSON.stringify(versions))
      return rows.map(({ body }) => readSnapshot(body))
    },

    publish: ({ change, snapshot }) =>
      // The write lock is held from the first read on, so no other write can come in between.
      db.write(() => {
        const newest = oneInTransaction<{ readonly version: number }>(
          db,
          'SELECT coalesce(max(version), 0) AS version FROM snapshots',
        )
        if (snapshot.version !== (newest?.version ?? 0) + 1) return 'conflict'
        if (change !== null && !replaceExperiment(db, change.experiment, change.expectedRevision)) {
          return 'conflict'
        }
        const sql = 'INSERT INTO snapshots (version, body) VALUES (?, ?)'
        execute(db, sql, snapshot.version, JSON.stringify(snapshot))
        return 'published'
      }),
  }
}
