import type { SqliteValue } from '@bulkhead/datastore/sqlite/rows'

/** A part of a WHERE clause and the values of its parameters. */
export type Condition = readonly [sql: string, ...values: SqliteValue[]]

/** Matches a column with one of the values. */
export function oneOf(column: string, values: readonly string[]): Condition {
  return [`${column} IN (SELECT value FROM json_each(?))`, JSON.stringify(values)]
}

export function where(conditions: readonly Condition[]): string {
  return conditions.map(([sql]) => sql).join(' AND ') || 'TRUE'
}

export function valuesOf(conditions: readonly Condition[]): SqliteValue[] {
  return conditions.flatMap(([, ...values]) => values)
}

export type TextRow = Readonly<Record<string, string | null>>

/** Columns as text, which holds integers that a number does not. Order by `table.column`: the bare name is the text. */
export function asText(names: readonly string[]): string {
  return names.map((name) => `CAST(${name} AS TEXT) AS ${name}`).join(', ')
}
