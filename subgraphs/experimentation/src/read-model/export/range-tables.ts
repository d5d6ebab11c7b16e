import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import { appendRows } from '../append.ts'
import { NO_ATTRIBUTES } from '../attribute-dictionary.ts'
import { closeDatabase, openDatabase } from '../duckdb-file.ts'
import { type Cell, eventRow } from '../event-rows.ts'
import type { EventPage } from '../port.ts'
import { EXPORTED_TABLES, type ExportedTable } from './manifest.ts'

/** Upper bound on the texts whose ids are remembered; one that is forgotten gets another id. */
const MAX_KNOWN = 100_000

/** The read model's tables with the events of one range at a time, in a file of their own. */
export type RangeTables = {
  readonly connection: DuckDBConnection
  add(events: EventPage['events']): Promise<void>
  clear(): Promise<void>
  close(): Promise<void>
}

export async function openRangeTables(): Promise<RangeTables> {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-export-'))
  const options = { memoryLimit: '1GB', threads: 2, log: '' }
  const database = await openDatabase(join(folder, 'range.duckdb'), options)
  const { connection } = database
  let known = new Map<string, bigint>()

  return {
    connection,
    async add(events) {
      const rows: Record<ExportedTable, (readonly Cell[])[]> = {
        exposures: [],
        served: [],
        interactions: [],
        attributes: [],
      }
      for (const item of events) {
        // Positions are unique in all ranges, so the position of the first event with a text can be the text's id.
        const row = eventRow(item, (attributes) => {
          if (attributes === null || attributes === undefined) return NO_ATTRIBUTES
          const text = JSON.stringify(attributes)
          const found = known.get(text)
          if (found !== undefined) return found
          if (known.size >= MAX_KNOWN) known = new Map()
          const id = BigInt(item.position)
          known.set(text, id)
          rows.attributes.push([id, text])
          return id
        })
        if (row !== null) rows[row.table].push(row.cells)
      }
      for (const table of EXPORTED_TABLES) await appendRows(connection, table, rows[table])
    },
    async clear() {
      known = new Map()
      for (const table of EXPORTED_TABLES) await connection.run(`truncate ${table}`)
    },
    async close() {
      closeDatabase(database)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
