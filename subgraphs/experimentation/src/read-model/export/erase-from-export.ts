import { join } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import type { KnownErasure } from '../../datastore/port.ts'
import { createErasedTable, ERASE, isErasedSql } from '../erasing.ts'
import { readFiles, verifyRange, writeFiles } from './export-files.ts'
import { readerSql } from './formats.ts'
import { type ExportFormat, type ExportRange, filesOf, type Manifest } from './manifest.ts'
import type { RangeTables } from './range-tables.ts'

/**
 * Writes the files again that hold an erased unit, without it, under new names. The old ones are still there, and listed
 * in the manifest, until the returned ranges are. `events` is how many were erased.
 */
export async function eraseFromExport(options: {
  readonly tables: RangeTables
  readonly folder: string
  readonly manifest: Manifest
  readonly erasures: readonly KnownErasure[]
  readonly at: number
}): Promise<{ readonly ranges: readonly ExportRange[]; readonly events: number }> {
  const { tables, folder, manifest, erasures, at } = options
  const { format, ranges } = manifest
  if (erasures.length === 0) return { ranges, events: 0 }
  const { connection } = tables
  await createErasedTable(connection, erasures)
  const left: ExportRange[] = []
  let events = 0
  for (const range of ranges) {
    await verifyRange(folder, range)
    const erased = await countErased(connection, folder, range, format)
    if (erased === 0) {
      left.push(range)
      continue
    }
    events += erased
    await tables.clear()
    await readFiles(connection, folder, range, format)
    await connection.run(ERASE)
    const { files: _, ...rest } = range
    const next = { ...rest, generation: range.generation + 1, erased: range.erased + erased, erasedAt: at }
    left.push(await writeFiles(connection, folder, next, format))
  }
  await connection.run('drop table erased')
  return { ranges: left, events }
}

/** How many events of a range are erased. */
async function countErased(
  connection: DuckDBConnection,
  folder: string,
  range: ExportRange,
  format: ExportFormat,
): Promise<number> {
  let count = 0
  for (const [table, { name }] of filesOf(range)) {
    if (table === 'attributes') continue
    const reader = readerSql(table, join(folder, name), format)
    const result = await connection.runAndReadAll(
      `select count(*)::varchar from ${reader} as ${table} where ${isErasedSql(table)}`,
    )
    count += Number(result.getRows()[0]?.[0])
  }
  return count
}
