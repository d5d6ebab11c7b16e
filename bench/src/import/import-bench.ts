import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { acquireTestMongo } from '@bulkhead/datastore/testing/mongodb'
import { runToEnd } from '@bulkhead/e2e/harness/processes'
import { formatTable } from '@bulkhead/service/format-table'
import { z } from 'zod'
import type { BenchContext } from '../context.ts'
import { createResultsFolder, writeResults } from '../harness/results.ts'
import { insertInSqlite, insertManyInMongo } from './bulk-insert.ts'
import { writeRatingsFile } from './ratings-file.ts'

export type ImportBenchOptions = { readonly sizes: readonly number[] }

type Result = {
  readonly store: string
  readonly rows: number
  /** Rows a second, indexes included, from the first byte of the file to a store that can be read. */
  readonly ours: number
  readonly bulk: number
  /** Of the same file a second time, when all of it is known. */
  readonly again: number
}

const resultSchema = z.object({
  interactions: z.object({ new: z.number(), known: z.number(), seconds: z.number() }),
})

/** Between what tests give a mongod and its default, half of the machine's memory. */
const CACHE_GB = 4

/**
 * Rows a second of `import interactions` into an empty store, as a ratio to the store's own bulk insert of the same rows
 * in the same run. False where a row is missing or there twice.
 */
export async function runImportBench(
  { sizes }: ImportBenchOptions,
  { resources, write, progress }: BenchContext,
): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-bench-import-'))
  resources.defer(() => rmSync(folder, { recursive: true, force: true }))
  const mongo = await acquireTestMongo(CACHE_GB)
  if (mongo.kind === 'skipped') write(`MONGODB WAS NOT MEASURED: ${mongo.reason}`)
  else resources.defer(() => mongo.stop())
  const results: Result[] = []
  const problems: string[] = []
  for (const rows of sizes) {
    const file = join(folder, `${rows}.csv`)
    progress(`writing ${rows} rows`)
    writeRatingsFile(file, rows)
    async function measure(
      store: string,
      url: string,
      bulkMs: () => number | Promise<number>,
    ): Promise<void> {
      const bulk = perSecond(rows, (await bulkMs()) / 1000)
      const first = await importFile(file, url)
      const second = await importFile(file, url)
      if (first.new !== rows || second.known !== rows) {
        problems.push(`${store}, ${rows} rows: ${first.new} were new, then ${second.known} were known`)
      }
      const result = {
        ...{ store, rows, bulk },
        ours: perSecond(rows, first.seconds),
        again: perSecond(rows, second.seconds),
      }
      results.push(result)
      progress(`${store}, ${rows} rows: ${result.ours.toFixed(0)} rows/s, bulk insert ${bulk.toFixed(0)}`)
    }
    const path = join(folder, `${rows}.db`)
    await measure('sqlite', `sqlite:${path}`, () => insertInSqlite(`${path}.bulk`, rows))
    for (const name of [path, `${path}.bulk`]) rmSync(name, { force: true })
    if (mongo.kind !== 'skipped') {
      await measure('mongodb', mongo.url(`import_${rows}`), () =>
        insertManyInMongo(mongo.url(`bulk_${rows}`), rows),
      )
    }
  }
  write(
    formatTable(['store', 'rows', 'rows/s', 'bulk insert/s', 'ratio', 'again, rows/s'], results.map(cells)),
  )
  for (const problem of problems) write(`FAILED: ${problem}`)
  write(`\n${writeResults(createResultsFolder('import'), { sizes, results, problems })}`)
  return problems.length === 0
}

function cells({ store, rows, ours, bulk, again }: Result): string[] {
  return [store, String(rows), ours.toFixed(0), bulk.toFixed(0), (ours / bulk).toFixed(2), again.toFixed(0)]
}

async function importFile(
  file: string,
  url: string,
): Promise<{ readonly new: number; readonly known: number; readonly seconds: number }> {
  const output = await runToEnd('personalization', ['import', 'interactions', file, '--no-train', '--json'], {
    DATASTORE_URL: url,
  })
  const line = output.split('\n').find((text) => text.startsWith('{')) ?? '{}'
  return resultSchema.parse(JSON.parse(line)).interactions
}

function perSecond(rows: number, seconds: number): number {
  return rows / seconds
}
