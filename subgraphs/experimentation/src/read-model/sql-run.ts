import type { DuckDBConnection } from '@duckdb/node-api'
import { appendRows } from './append.ts'
import type { Cell } from './event-rows.ts'

/** A row of a result, by the names of its columns. Every column is a text. */
export type TextRow = Readonly<Record<string, string>>

/** A column's name and type. */
export type Column = readonly [name: string, type: 'bigint' | 'varchar']

/** Runs the statements of one query on an engine, and keeps their texts. */
export type SqlRun = {
  readonly texts: readonly string[]
  /** Makes an empty table for what a query asks, so that no statement holds a text. */
  createTable(name: string, columns: readonly Column[]): Promise<void>
  /** @param rows cells in the order of the columns */
  insert(table: string, rows: readonly (readonly Cell[])[]): Promise<void>
  /** @param sql `create [or replace] temporary table NAME as`, and a query on the next line */
  run(sql: string): Promise<void>
  read(sql: string): Promise<readonly TextRow[]>
  /** Whether a statement failed because a number needs more than 38 digits, or a sum of such numbers more than 127 bits. */
  isOverflow(error: unknown): boolean
}

/** How DuckDB begins what it says about it. */
const OVERFLOW = /^Out of Range Error: Overflow in /

export function createSqlRun(connection: DuckDBConnection): SqlRun {
  const texts: string[] = []
  return {
    texts,
    async createTable(name, columns) {
      const list = columns.map(([column, type]) => `${column} ${type} not null`)
      await connection.run(`create temporary table ${name} (${list.join(', ')})`)
    },
    insert: (table, rows) => appendRows(connection, table, rows),
    async run(sql) {
      texts.push(sql)
      await connection.run(sql)
    },
    async read(sql) {
      texts.push(sql)
      const reader = await connection.runAndReadAll(sql)
      const names = reader.columnNames()
      return reader.getRows().map((row) => Object.fromEntries(names.map((name, at) => [name, text(row[at])])))
    },
    isOverflow: (error) => error instanceof Error && OVERFLOW.test(error.message),
  }
}

function text(value: unknown): string {
  if (typeof value === 'string') return value
  throw new Error('a column that is read is no text')
}

/** A column of a row. */
export function column(row: TextRow, name: string): string {
  const value = row[name]
  if (value === undefined) throw new Error(`a row has no column ${name}`)
  return value
}
