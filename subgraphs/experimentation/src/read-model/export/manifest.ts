import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { TABLE_NAMES, type TableName } from '../schema.ts'
import { ExportUnusableError } from './errors.ts'

/** What the files of an export are. */
export const FORMATS = ['parquet', 'jsonl', 'csv'] as const
export type ExportFormat = (typeof FORMATS)[number]

const fileSchema = z.strictObject({
  /** Below the export's folder. No other names, because engines take them as patterns and as parts of statements. */
  name: z.string().regex(/^[a-z]+\/[\d-]+\.\d+\.[a-z]+$/),
  rows: z.int().positive(),
  bytes: z.int().positive(),
  sha256: z.string().regex(/^[\da-f]{64}$/),
})

const rangeSchema = z.strictObject({
  /** Events with `after < position <= through`. */
  after: z.int().nonnegative(),
  through: z.int().positive(),
  /** Retention had erased these events before they were exported. */
  missing: z.boolean(),
  /** How often the files were written again, each time without units that were erased. */
  generation: z.int().nonnegative(),
  /** How many of the events were erased with their units since they were exported. */
  erased: z.int().nonnegative(),
  /** When they were, for the last time, epoch milliseconds. */
  erasedAt: z.int().nullable(),
  /** A table without rows has no file. */
  files: z.strictObject({
    exposures: fileSchema.optional(),
    served: fileSchema.optional(),
    interactions: fileSchema.optional(),
    attributes: fileSchema.optional(),
  }),
})

const manifestSchema = z.strictObject({
  version: z.literal(1),
  /** Random. */
  id: z.uuid(),
  /** The datastore that the events are from. */
  log: z.string(),
  format: z.enum(FORMATS),
  /** Retention waits for this export under this name; null for a copy that nobody waits for. */
  archive: z.string().nullable(),
  /** The position up to which events are exported. */
  through: z.int().nonnegative(),
  /** Events from before this instant may be missing, epoch milliseconds; 0 where none is. */
  completeFrom: z.int().nonnegative(),
  lastEvent: z.strictObject({ position: z.int().positive(), eventId: z.string() }).nullable(),
  /** Erasures that were recorded before this instant are applied, epoch milliseconds. */
  erasuresFrom: z.int().nonnegative(),
  /** In the order of positions, without gaps. */
  ranges: z.array(rangeSchema).readonly(),
})

export type ExportFile = z.infer<typeof fileSchema>
export type ExportRange = z.infer<typeof rangeSchema>
/** What an export holds. Only the files that it lists count. */
export type Manifest = z.infer<typeof manifestSchema>

const NAME = 'manifest.json'

/** Null where there is none. @throws ExportUnusableError where it cannot be read */
export function readManifest(folder: string): Manifest | null {
  const path = join(folder, NAME)
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
  const parsed = manifestSchema.safeParse(parseJson(text))
  if (!parsed.success)
    throw new ExportUnusableError(`${path} is no manifest of an export that this release reads`)
  refuseGaps(parsed.data, path)
  return parsed.data
}

/** @throws ExportUnusableError where the folder holds no export of this datastore */
export function readExport(folder: string, log: string): Manifest {
  const manifest = readManifest(folder)
  if (manifest === null) throw new ExportUnusableError(`there is no export in ${folder}`)
  if (manifest.log !== log) throw new ExportUnusableError(`${folder} is the export of another datastore`)
  return manifest
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function refuseGaps({ ranges, through }: Manifest, path: string): void {
  let end = 0
  for (const range of ranges) {
    if (range.after !== end || range.through <= range.after) {
      throw new ExportUnusableError(`${path} has no range, or two, after position ${end}`)
    }
    end = range.through
  }
  if (end !== through)
    throw new ExportUnusableError(`${path} ends at position ${through}, its ranges at ${end}`)
}

/** Replaces the manifest; it is durable when this returns, and at every moment the old one or the new one is there. */
export function writeManifest(folder: string, manifest: Manifest): void {
  const path = join(folder, NAME)
  const file = openSync(`${path}.new`, 'w')
  try {
    writeSync(file, `${JSON.stringify(manifestSchema.parse(manifest), null, 2)}\n`)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(`${path}.new`, path)
  syncFolder(folder)
}

/** Makes the names in a folder durable. */
export function syncFolder(folder: string): void {
  const file = openSync(folder, 'r')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

export function filesOf({ files }: ExportRange): readonly (readonly [TableName, ExportFile])[] {
  return TABLE_NAMES.flatMap((table) => {
    const file = files[table]
    return file === undefined ? [] : [[table, file] as const]
  })
}
