import { type DuckDBConnection, DuckDBDataChunk, type DuckDBType } from '@duckdb/node-api'
import type { Cell } from './event-rows.ts'

/** The most rows that DuckDB takes at once. */
const CHUNK_ROWS = 2_048

/** Appends rows to a table, in the order of its columns. It happens in the transaction that the connection is in. */
export async function appendRows(
  connection: DuckDBConnection,
  table: string,
  rows: readonly (readonly Cell[])[],
): Promise<void> {
  if (rows.length === 0) return
  const appender = await connection.createAppender(table)
  const types: DuckDBType[] = Array.from({ length: appender.columnCount }, (_, column) =>
    appender.columnType(column),
  )
  for (let start = 0; start < rows.length; start += CHUNK_ROWS) {
    const part = rows.slice(start, start + CHUNK_ROWS)
    const chunk = DuckDBDataChunk.create(types, part.length)
    chunk.setColumns(types.map((_, column) => part.map((row) => row[column] ?? null)))
    appender.appendDataChunk(chunk)
  }
  appender.closeSync()
}
