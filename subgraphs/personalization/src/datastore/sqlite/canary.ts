import type { SqliteDatabase } from '@bulkhead/datastore/sqlite/open'
import { execute, selectAll } from '@bulkhead/datastore/sqlite/rows'
import { listsOf } from '../../domain/canary/canary-counts.ts'
import type { PersonalizationStore } from '../port.ts'
import { readCanaryCounts, writeCanaryCounts } from '../stored-counts.ts'

type CanaryRow = { readonly versionId: string; readonly counts: string }

/** How refreshes did in their canary, on SQLite: a row for each version and source. */
export function createSqliteCanary(db: SqliteDatabase): Pick<PersonalizationStore, 'addCanary' | 'canaryOf'> {
  return {
    async addCanary(versionId, { source, counts }) {
      const sql = `
        INSERT INTO canary_parts (version_id, source, lists, counts) VALUES (?, ?, ?, ?)
        ON CONFLICT (version_id, source) DO UPDATE SET lists = excluded.lists, counts = excluded.counts
        WHERE excluded.lists > lists`
      const body = writeCanaryCounts(counts)
      await db.write(() => execute(db, sql, versionId, source, listsOf(counts), body))
    },

    async canaryOf(versionIds) {
      const sql = `
        SELECT version_id AS versionId, counts FROM canary_parts
        WHERE version_id IN (SELECT value FROM json_each(?))`
      const rows = await selectAll<CanaryRow>(db, sql, JSON.stringify(versionIds))
      return rows.map(({ versionId, counts }) => ({ versionId, counts: readCanaryCounts(counts) }))
    },
  }
}
