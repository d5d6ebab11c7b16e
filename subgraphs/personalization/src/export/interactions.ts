import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { type DuckDBConnection, DuckDBDataChunk, DuckDBInstance, type DuckDBType } from '@duckdb/node-api'
import type { PersonalizationStore } from '../datastore/port.ts'
import type { Interaction } from '../domain/interaction.ts'
import { beginFolder } from './folder.ts'

/** The most rows that DuckDB takes at once, and a page of the store. */
const PAGE = 2_048
const ROWS_PER_FILE = 1_000_000
const MEMORY_LIMIT = '1GB'

/** What trainers learn from; which creators a user hid is for serving. */
const COLUMNS = {
  eventId: 'varchar',
  userId: 'varchar',
  itemId: 'varchar',
  type: 'varchar',
  value: 'double',
  occurredAt: 'bigint',
  slateId: 'varchar',
} as const satisfies Record<Exclude<keyof Interaction, 'hiddenCreator'>, string>
type ColumnName = keyof typeof COLUMNS
const NAMES = Object.keys(COLUMNS) as ColumnName[]
const CREATE = `create or replace table part (${NAMES.map((name) => `"${name}" ${COLUMNS[name]}`).join(', ')})`

export type ExportFormat = 'parquet' | 'jsonl' | 'csv'

/**
 * Writes every interaction to files of a folder, ordered by user, item and event id. The files get their names when all
 * are complete and durable; what a run that was killed before that left behind is deleted by the next one. Interactions
 * that are stored meanwhile may or may not be among them.
 * @returns how many interactions, and the names of the files
 * @throws ExportRefusedError where the folder holds anything
 */
export async function exportInteractions(options: {
  readonly store: Pick<PersonalizationStore, 'scanInteractions'>
  readonly folder: string
  readonly format: ExportFormat
  readonly rowsPerFile?: number
  readonly onProgress: (interactions: number) => void
}): Promise<{ readonly interactions: number; readonly files: readonly string[] }> {
  const { store, folder, format, rowsPerFile = ROWS_PER_FILE, onProgress } = options
  const { unfinished, finish } = beginFolder(folder)
  const instance = await DuckDBInstance.create(':memory:', { memory_limit: MEMORY_LIMIT, threads: '2' })
  const connection = await instance.connect()
  try {
    const files: string[] = []
    let interactions = 0
    let inPart = 0
    async function finishPart(): Promise<void> {
      const name = `interactions-${String(files.length + 1).padStart(5, '0')}.${format}`
      await writePart(connection, join(unfinished, name), format)
      files.push(name)
      inPart = 0
    }
    await connection.run(CREATE)
    for (let after: Interaction | null = null; ; ) {
      const limit = Math.min(PAGE, rowsPerFile - inPart)
      const page: readonly Interaction[] = await store.scanInteractions({ after, limit })
      await append(connection, page)
      interactions += page.length
      inPart += page.length
      onProgress(interactions)
      after = page.at(-1) ?? null
      const isLast = page.length < limit
      if (inPart === rowsPerFile || (isLast && (inPart > 0 || files.length === 0))) await finishPart()
      if (isLast) break
    }
    finish(files)
    return { interactions, files }
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

async function append(connection: DuckDBConnection, rows: readonly Interaction[]): Promise<void> {
  if (rows.length === 0) return
  const appender = await connection.createAppender('part')
  const types: DuckDBType[] = NAMES.map((_, column) => appender.columnType(column))
  const chunk = DuckDBDataChunk.create(types, rows.length)
  chunk.setColumns(
    NAMES.map((name) => rows.map((row) => (name === 'occurredAt' ? BigInt(row[name]) : row[name]))),
  )
  appender.appendDataChunk(chunk)
  appender.closeSync()
}

async function writePart(connection: DuckDBConnection, path: string, format: ExportFormat): Promise<void> {
  const columns = NAMES.map((name) => `"${name}"`)
  // RFC 3339, as imports read it. Parquet has types, and keeps the milliseconds.
  const text = columns.map((name) =>
    name === '"occurredAt"'
      ? `strftime(make_timestamp("occurredAt" * 1000), '%Y-%m-%dT%H:%M:%S.%gZ') as "occurredAt"`
      : name,
  )
  const from = `select ${(format === 'parquet' ? columns : text).join(', ')} from part`
  await connection.run(`copy (${from}) to '${path.replaceAll("'", "''")}' (${COPY_OPTIONS[format]})`)
  const handle = await open(path, 'r')
  await handle.sync().finally(() => handle.close())
  await connection.run(CREATE)
}

const COPY_OPTIONS: Readonly<Record<ExportFormat, string>> = {
  parquet: 'format parquet, compression zstd',
  jsonl: 'format json, array false',
  csv: 'format csv, header true, force_quote ("userId", "itemId")',
}
