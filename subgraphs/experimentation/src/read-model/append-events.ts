import type { DuckDBConnection } from '@duckdb/node-api'
import { appendRows } from './append.ts'
import type { AttributeDictionary } from './attribute-dictionary.ts'
import { type Cell, eventRow } from './event-rows.ts'
import type { EventPage } from './port.ts'
import { TABLE_NAMES, type TableName } from './schema.ts'

/** Appends the rows of events, and the attributes that are new to the dictionary. */
export async function appendEvents(
  connection: DuckDBConnection,
  dictionary: AttributeDictionary,
  events: EventPage['events'],
): Promise<void> {
  const rows: Record<TableName, (readonly Cell[])[]> = {
    exposures: [],
    served: [],
    interactions: [],
    attributes: [],
  }
  for (const event of events) {
    const row = eventRow(event, (attributes) => dictionary.id(attributes, event.position))
    if (row !== null) rows[row.table].push(row.cells)
  }
  rows.attributes = dictionary.takeNew().map(({ id, text }) => [id, text])
  for (const table of TABLE_NAMES) await appendRows(connection, table, rows[table])
}
