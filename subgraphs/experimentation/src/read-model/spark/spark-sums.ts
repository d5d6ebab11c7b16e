import { mkdtempSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { ExportUnusableError } from '../export/errors.ts'
import { verifyRange } from '../export/export-files.ts'
import { emptyViewSql } from '../export/formats.ts'
import { filesOf, type Manifest } from '../export/manifest.ts'
import type { Sums, SumsQuery } from '../port.ts'
import { TABLE_NAMES, type TableName } from '../schema.ts'
import { computeSums } from '../sums.ts'
import { refuseUnanswerable } from '../unanswerable.ts'
import { checkArithmetic, createSparkRun } from './spark-run.ts'
import type { SparkSession } from './spark-session.ts'

/** Paths become parts of statements, and of patterns of files. */
const SAFE_PATH = /^[\w./ @+=-]+$/

/**
 * Computes sums on Spark over an export, with the statements that DuckDB runs. Files are verified first; what Spark reads
 * is what the manifest lists, whatever else is in the folders.
 *
 * @param options.folder of the export; Spark and this process both read and write it
 * @throws ExportUnusableError for an export that is not Parquet, or in a folder with a special name
 */
export function createSparkSums(options: {
  readonly session: SparkSession
  readonly folder: string
  readonly manifest: Manifest
}): (query: SumsQuery) => Promise<Sums> {
  const { session, manifest } = options
  const folder = resolve(options.folder)
  if (manifest.format !== 'parquet') {
    throw new ExportUnusableError(
      `Spark reads exports as parquet, and ${folder} is one as ${manifest.format}`,
    )
  }
  if (!SAFE_PATH.test(folder)) {
    throw new ExportUnusableError(
      `Spark cannot be given ${folder}: move it to a path of letters, digits and ./ @+=-_`,
    )
  }

  async function showTable(table: TableName): Promise<void> {
    const names = manifest.ranges.flatMap(filesOf).flatMap(([of, { name }]) => (of === table ? [name] : []))
    // A pattern of the names, because a view has one path.
    const path = `${folder}/${names.length === 1 ? names[0] : `{${names.join(',')}}`}`
    const view = `create or replace temporary view ${table}`
    const from = names.length === 0 ? `as ${emptyViewSql(table)}` : `using parquet options (path '${path}')`
    await session.send(`${view} ${from}`)
  }

  async function inWorkFolder<T>(run: (work: string) => Promise<T>): Promise<T> {
    const work = mkdtempSync(join(folder, '.spark-'))
    try {
      return await run(work)
    } finally {
      rmSync(work, { recursive: true, force: true })
    }
  }

  let ready: Promise<void> | undefined
  async function prepare(): Promise<void> {
    for (const range of manifest.ranges) await verifyRange(folder, range)
    for (const table of TABLE_NAMES) await showTable(table)
    await inWorkFolder((work) => checkArithmetic(session, work))
  }

  return async (query) => {
    refuseUnanswerable(manifest, query)
    ready ??= prepare()
    await ready
    return inWorkFolder((work) => computeSums(createSparkRun(session, work), query))
  }
}
