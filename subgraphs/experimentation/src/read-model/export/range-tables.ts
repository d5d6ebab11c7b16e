import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import { appendEvents } from '../append-events.ts'
import { createDictionary } from '../attribute-dictionary.ts'
import { closeDatabase, DEFAULT_OPTIONS, openDatabase } from '../duckdb-file.ts'
import type { EventPage } from '../port.ts'
import { TABLE_NAMES } from '../schema.ts'

/** The read model's tables with the events of one range at a time, in a file of their own. */
export type RangeTables = {
  readonly connection: DuckDBConnection
  add(events: EventPage['events']): Promise<void>
  clear(): Promise<void>
  close(): Promise<void>
}

export async function openRangeTables(): Promise<RangeTables> {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-export-'))
  function remove(): void {
    rmSync(folder, { recursive: true, force: true })
  }
  const database = await openDatabase(join(folder, 'range.duckdb'), DEFAULT_OPTIONS).catch((error) => {
    remove()
    throw error
  })
  const { connection } = database
  let dictionary = rangeDictionary()

  return {
    connection,
    add: (events) => appendEvents(connection, dictionary, events),
    async clear() {
      dictionary = rangeDictionary()
      for (const table of TABLE_NAMES) await connection.run(`truncate ${table}`)
    },
    async close() {
      closeDatabase(database)
      remove()
    },
  }
}

/** Positions are unique in all ranges, so the position of the first event with a text can be the text's id. */
function rangeDictionary() {
  return createDictionary((position) => BigInt(position))
}
