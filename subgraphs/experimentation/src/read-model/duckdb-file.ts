import { mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { deleteDatabase } from './delete-database.ts'
import { ReadModelLockedError } from './errors.ts'
import { createTables, isCurrent } from './schema.ts'

export type DuckDbOptions = {
  /** Upper bound on what DuckDB keeps in memory; what does not fit goes to a folder beside the file. */
  readonly memoryLimit: string
  readonly threads: number
  /** The id of the datastore whose events are in the file: one of another datastore is deleted. */
  readonly log: string
}

export const DEFAULT_OPTIONS: DuckDbOptions = { memoryLimit: '1GB', threads: 2, log: '' }

export type OpenDatabase = { readonly instance: DuckDBInstance; readonly connection: DuckDBConnection }

export const IN_MEMORY = ':memory:'

/** Errors that say nothing about the file's content. */
const NOT_DAMAGE = /set lock on file|Permission denied|No space left|Out of Memory/i
const LOCKED = /set lock on file/i

/** What a file has before its first block. */
const HEADER_BYTES = 3 * 4_096

/**
 * Opens the file, which the caller has locked. One that cannot be read, was cut off, or has other tables is deleted: all
 * that is in it can be fed again.
 */
export async function openDatabase(path: string, options: DuckDbOptions): Promise<OpenDatabase> {
  if (path === IN_MEMORY) return await openEmpty(path, options)
  mkdirSync(dirname(path), { recursive: true })
  const opened = await openStored(path, options)
  if (opened !== null) return opened
  deleteDatabase(path)
  return await openEmpty(path, options)
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}

async function openStored(path: string, options: DuckDbOptions): Promise<OpenDatabase | null> {
  const size = sizeOf(path)
  if (size === 0) return null
  let opened: OpenDatabase | undefined
  try {
    opened = await connect(path, options)
    if ((await isWhole(opened.connection, size)) && (await isCurrent(opened.connection, options.log)))
      return opened
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    if (LOCKED.test(message)) throw new ReadModelLockedError(message, { cause: error })
    if (NOT_DAMAGE.test(message)) {
      if (opened !== undefined) closeDatabase(opened)
      throw error
    }
  }
  if (opened !== undefined) closeDatabase(opened)
  return null
}

/** Whether all blocks are there. DuckDB notices a missing one only when it is read. */
async function isWhole(connection: DuckDBConnection, size: number): Promise<boolean> {
  const reader = await connection.runAndReadAll('select block_size, total_blocks from pragma_database_size()')
  const [blockSize, blocks] = reader.getRows()[0] ?? []
  return size >= HEADER_BYTES + Number(blockSize) * Number(blocks)
}

async function openEmpty(path: string, options: DuckDbOptions): Promise<OpenDatabase> {
  const opened = await connect(path, options)
  try {
    await createTables(opened.connection, options.log)
  } catch (error) {
    closeDatabase(opened)
    throw error
  }
  return opened
}

async function connect(path: string, { memoryLimit, threads }: DuckDbOptions): Promise<OpenDatabase> {
  const instance = await DuckDBInstance.create(path, {
    memory_limit: memoryLimit,
    threads: String(threads),
    preserve_insertion_order: 'false',
    // Nothing is fetched from the network.
    autoinstall_known_extensions: 'false',
    ...(path === IN_MEMORY ? { temp_directory: '' } : {}),
  })
  return { instance, connection: await instance.connect() }
}

export function closeDatabase({ instance, connection }: OpenDatabase): void {
  connection.closeSync()
  instance.closeSync()
}
