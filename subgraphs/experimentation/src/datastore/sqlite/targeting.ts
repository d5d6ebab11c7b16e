import type { SqliteDatabase } from '@bulkhead/datastore/sqlite/open'
import { execute, selectAll } from '@bulkhead/datastore/sqlite/rows'
import { TARGETING_KINDS } from '../../domain/targeting/definitions.ts'
import type { ChangeBatch, ExperimentationStore } from '../port.ts'
import { readTargetingDefinition } from '../stored-json.ts'

export function createSqliteTargeting(
  db: SqliteDatabase,
): Pick<ExperimentationStore, 'targetingDefinitions'> {
  return {
    async targetingDefinitions(kinds = TARGETING_KINDS) {
      const sql =
        'SELECT body FROM targeting WHERE kind IN (SELECT value FROM json_each(?)) ORDER BY kind, key'
      const rows = await selectAll<{ readonly body: string }>(db, sql, JSON.stringify(kinds))
      return rows.map(({ body }) => readTargetingDefinition(body))
    },
  }
}

/** To be called inside a transaction; false where another version is stored. */
export function writeDefinition(
  db: SqliteDatabase,
  { definition, expectedVersion }: ChangeBatch['definitions'][number],
): boolean {
  const { kind, value } = definition
  const body = JSON.stringify(definition)
  if (expectedVersion === 0) {
    const sql =
      'INSERT INTO targeting (kind, key, version, body) VALUES (?, ?, ?, ?) ON CONFLICT (kind, key) DO NOTHING'
    return execute(db, sql, kind, value.key, value.version, body) === 1
  }
  const sql = 'UPDATE targeting SET version = ?, body = ? WHERE kind = ? AND key = ? AND version = ?'
  return execute(db, sql, value.version, body, kind, value.key, expectedVersion) === 1
}
