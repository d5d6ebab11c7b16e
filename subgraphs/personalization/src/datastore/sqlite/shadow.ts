import type { SqliteDatabase } from '@bulkhead/datastore/sqlite/open'
import { execute, selectAll } from '@bulkhead/datastore/sqlite/rows'
import { requestsOf } from '../../domain/shadow/shadow-counts.ts'
import type { PersonalizationStore } from '../port.ts'
import { readShadowPart, writeShadowPart } from '../stored-counts.ts'

type ShadowRow = { readonly versionId: string; readonly counts: string }

/** What models did in shadow, on SQLite: a row for each version and source. */
export function createSqliteShadow(db: SqliteDatabase): Pick<PersonalizationStore, 'addShadow' | 'shadowOf'> {
  return {
    async addShadow(versionId, part) {
      const { source, counts } = part
      const sql = `
        INSERT INTO shadow_parts (version_id, source, requests, counts) VALUES (?, ?, ?, ?)
        ON CONFLICT (version_id, source) DO UPDATE SET requests = excluded.requests, counts = excluded.counts
        WHERE excluded.requests > requests`
      const body = writeShadowPart(part)
      await db.write(() => execute(db, sql, versionId, source, requestsOf(counts), body))
    },

    async shadowOf(versionIds) {
      const sql = `
        SELECT version_id AS versionId, counts FROM shadow_parts
        WHERE version_id IN (SELECT value FROM json_each(?))`
      const rows = await selectAll<ShadowRow>(db, sql, JSON.stringify(versionIds))
      return rows.map(({ versionId, counts }) => ({ versionId, ...readShadowPart(counts) }))
    },
  }
}
