import type { DuckDBConnection } from '@duckdb/node-api'

/** A row of a result, by the names of its columns. Every column is a text. */
export type TextRow = Readonly<Record<string, string>>

/** Runs the statements of one query and keeps their texts. */
export type SqlRun = {
  readonly connection: DuckDBConnection
  readonly texts: readonly string[]
  run(sql: string): Promise<void>
  read(sql: string): Promise<readonly TextRow[]>
}

export function createSqlRun(connection: DuckDBConnection): SqlRun {
  const texts: string[] = []
  return {
    connection,
    texts,
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
