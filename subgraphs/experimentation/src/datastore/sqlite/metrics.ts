import type { SqliteDatabase } from '@bulkhead/datastore/sqlite/open'
import { selectAll } from '@bulkhead/datastore/sqlite/rows'
import type { ExperimentationStore } from '../port.ts'
import { readMetricVersions } from '../stored-json.ts'
import { storedRecord } from '../stored-record.ts'
import { asText, type TextRow } from './conditions.ts'

type BodyRow = { readonly body: string }

export function createSqliteMetrics(
  db: SqliteDatabase,
): Pick<ExperimentationStore, 'metricsByKeys' | 'findMetrics' | 'metricRecords'> {
  return {
    async metricsByKeys(keys) {
      const sql = 'SELECT body FROM metrics WHERE key IN (SELECT value FROM json_each(?))'
      const rows = await selectAll<BodyRow>(db, sql, JSON.stringify(keys))
      return rows.map(({ body }) => readMetricVersions(body))
    },

    async findMetrics({ limit, after }) {
      const sql = 'SELECT body FROM metrics WHERE key > ? ORDER BY key LIMIT ?'
      const rows = await selectAll<BodyRow>(db, sql, after ?? '', limit + 1)
      const metrics = rows.slice(0, limit).map(({ body }) => readMetricVersions(body))
      return { metrics, hasMore: rows.length > limit }
    },

    async metricRecords({ limit, after }) {
      const sql = `SELECT ${asText(['key', 'version', 'body'])} FROM metrics WHERE key > ? ORDER BY metrics.key LIMIT ?`
      const rows = await selectAll<TextRow>(db, sql, after ?? '', limit)
      return rows.map((row) =>
        storedRecord(
          String(row.key),
          row,
          () => readMetricVersions(String(row.body)),
          ({ key, versions }) => ({ key, version: versions.length }),
        ),
      )
    },
  }
}
