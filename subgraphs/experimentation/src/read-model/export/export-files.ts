import { createHash } from 'node:crypto'
import { createReadStream, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { DuckDBConnection } from '@duckdb/node-api'
import { TABLE_NAMES, type TableName } from '../schema.ts'
import { ExportUnusableError } from './errors.ts'
import { copySql, readerSql } from './formats.ts'
import {
  type ExportFile,
  type ExportFormat,
  type ExportRange,
  filesOf,
  type Manifest,
  syncFolder,
} from './manifest.ts'

/** Where files are written before they get their names. */
const UNFINISHED = '.unfinished'
/** Positions have at most 16 digits, so names sort as positions do. */
const DIGITS = 16

function nameOf(table: TableName, range: ExportRange, format: ExportFormat): string {
  const [first, last] = [range.after + 1, range.through].map((at) => String(at).padStart(DIGITS, '0'))
  return `${table}/${first}-${last}.${range.generation}.${format}`
}

/**
 * Writes what is in the tables as the files of a range, durable when it resolves. Nobody reads a file before a manifest
 * lists it.
 */
export async function writeFiles(
  connection: DuckDBConnection,
  folder: string,
  range: Omit<ExportRange, 'files'>,
  format: ExportFormat,
): Promise<ExportRange> {
  const files: ExportRange['files'] = {}
  mkdirSync(join(folder, UNFINISHED), { recursive: true })
  for (const table of TABLE_NAMES) {
    const counted = await connection.runAndReadAll(`select count(*)::varchar from ${table}`)
    const rows = Number(counted.getRows()[0]?.[0])
    if (rows === 0) continue
    const unfinished = join(folder, UNFINISHED, table)
    await connection.run(copySql(table, unfinished, format))
    const handle = await open(unfinished, 'r')
    await handle.sync().finally(() => handle.close())
    const name = nameOf(table, { ...range, files }, format)
    const bytes = statSync(unfinished).size
    const sha256 = await hashOf(unfinished)
    mkdirSync(join(folder, table), { recursive: true })
    renameSync(unfinished, join(folder, name))
    syncFolder(join(folder, table))
    files[table] = { name, rows, bytes, sha256 }
  }
  syncFolder(folder)
  return { ...range, files }
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}

/** Deletes what is left of a run that was killed, and of files that were written again. */
export function deleteUnlisted(folder: string, { ranges }: Pick<Manifest, 'ranges'>): void {
  rmSync(join(folder, UNFINISHED), { recursive: true, force: true })
  const listed = new Set(ranges.flatMap(filesOf).map(([, { name }]) => name))
  for (const table of TABLE_NAMES) {
    if (!existsSync(join(folder, table))) continue
    for (const entry of readdirSync(join(folder, table))) {
      const name = `${table}/${entry}`
      if (!listed.has(name)) rmSync(join(folder, name))
    }
  }
}

/** @throws ExportUnusableError where a file of the range is absent, or not as it was written */
export async function verifyRange(folder: string, range: ExportRange): Promise<void> {
  for (const [, file] of filesOf(range)) await verifyFile(folder, file)
}

async function verifyFile(folder: string, { name, bytes, sha256 }: ExportFile): Promise<void> {
  const path = join(folder, name)
  const size = statSync(path, { throwIfNoEntry: false })?.size
  if (size === undefined) throw new ExportUnusableError(`${path} is missing`)
  if (size !== bytes || (await hashOf(path)) !== sha256) {
    throw new ExportUnusableError(`${path} is not as it was exported`)
  }
}

/** Adds the rows of a range to the tables. */
export async function readFiles(
  connection: DuckDBConnection,
  folder: string,
  range: ExportRange,
  format: ExportFormat,
): Promise<void> {
  for (const [table, { name, rows }] of filesOf(range)) {
    const reader = readerSql(table, join(folder, name), format)
    const inserted = await connection.run(`insert into ${table} select * from ${reader}`)
    if (inserted.rowsChanged !== rows) {
      throw new ExportUnusableError(`${join(folder, name)} has ${inserted.rowsChanged} rows, not ${rows}`)
    }
  }
}
