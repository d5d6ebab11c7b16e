import type { SqliteValue } from '@bulkhead/datastore/sqlite/rows'

/** A part of a WHERE clause and the values of its parameters. */
export type Condition = readonly [sql: string, ...values: SqliteValue[]]

export function where(conditions: readonly Condition[]): string {
  return conditions.map(([sql]) => sql).join(' AND ') || 'TRUE'
}

export function valuesOf(conditions: readonly Condition[]): SqliteValue[] {
  return conditions.flatMap(([, ...values]) => values)
}
