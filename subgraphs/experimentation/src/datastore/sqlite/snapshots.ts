import type { SqliteDatabase } from '@bulkhead/datastore/sqlite/open'
import { selectAll, selectOne } from '@bulkhead/datastore/sqlite/rows'
import type { ExperimentationStore } from '../port.ts'
import { readSnapshot } from '../stored-json.ts'

type BodyRow = { readonly body: string }

export function createSqliteSnapshots(
  db: SqliteDatabase,
): Pick<ExperimentationStore, 'latestSnapshot' | 'snapshotsByVersions'> {
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
  }
}
