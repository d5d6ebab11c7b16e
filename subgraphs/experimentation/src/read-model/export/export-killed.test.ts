import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { env, execPath } from 'node:process'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { DAY, NOON } from '../../testing/samples.ts'
import { openReadModel } from '../duckdb-read-model.ts'
import { TABLE_NAMES } from '../schema.ts'
import { erasedUnits, LOG } from '../testing/export-process.ts'
import { referenceSums } from '../testing/reference.ts'
import { sampleSumsQuery } from '../testing/sample-queries.ts'
import { loadExport } from './load-export.ts'
import { filesOf, type Manifest, readExport } from './manifest.ts'

/** More for a soak. */
const KILLS = Number(env.EXPORT_KILLS ?? 8)
const PROGRAM = fileURLToPath(new URL('../testing/export-process.ts', import.meta.url))

/** Returns whether it was done before it was killed. */
async function exportFor(ms: number, folder: string, erasures: number): Promise<boolean> {
  const child = spawn(execPath, [PROGRAM, folder, String(erasures)], { stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(child, 'exit')
  let said = ''
  const begun = new Promise<void>((resolve) => {
    child.stdout.on('data', (data) => {
      said += data
      resolve()
    })
  })
  await begun
  await Promise.race([setTimeout(ms), exited])
  child.kill('SIGKILL')
  await exited
  return said.includes('done')
}

/** The sums of what the manifest lists, whose files are verified. */
async function sumsOf(folder: string, manifest: Manifest) {
  const model = await openReadModel(':memory:')
  try {
    await loadExport(model, folder, manifest)
    const { sql: _, ...sums } = await model.sums(queryOf(manifest.through))
    return sums
  } finally {
    await model.close()
  }
}

function queryOf(asOf: number) {
  return sampleSumsQuery({ asOf, cutoff: NOON + DAY, segment: 'of' })
}

test('killed at any moment, an export has no range twice, half or missing, and erases all the same', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-export-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  let killed = 0
  for (let run = 0; run < KILLS; run += 1) {
    const isDone = await exportFor(50 + Math.random() * 900, folder, run)
    if (!isDone) killed += 1
    if (!readdirSync(folder).includes('manifest.json')) continue
    const manifest = readExport(folder, 'log')
    for (const range of manifest.ranges) {
      const rows = filesOf(range).map(([table, file]) => (table === 'attributes' ? 0 : file.rows))
      const left = rows.reduce((sum, count) => sum + count, range.erased)
      expect(left).toBe(range.through - range.after)
    }
    // Verifies each file.
    await sumsOf(folder, manifest)
  }
  expect(killed).toBeGreaterThan(KILLS / 4)

  while (!(await exportFor(60_000, folder, KILLS)));
  // What the run before was adding is erased by the next one.
  await exportFor(60_000, folder, KILLS)
  const manifest = readExport(folder, 'log')
  expect(manifest.through).toBe(LOG.length)
  const left = LOG.filter(({ event }) => !('unit' in event && erasedUnits(KILLS).includes(event.unit)))
  expect(await sumsOf(folder, manifest)).toEqual(referenceSums(left, queryOf(LOG.length)))
  const folders = TABLE_NAMES.filter((table) => readdirSync(folder).includes(table))
  const files = folders.flatMap((table) => readdirSync(join(folder, table)).map((name) => `${table}/${name}`))
  expect(files.sort()).toEqual(
    manifest.ranges
      .flatMap(filesOf)
      .map(([, { name }]) => name)
      .sort(),
  )
}, 300_000)
