import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus, release, totalmem } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const FOLDER = fileURLToPath(new URL('../../results/', import.meta.url))
const BYTES_PER_GIB = 1024 ** 3

/** The folder of this run's files, below bench/results; git ignores it. */
export function createResultsFolder(bench: string): string {
  const folder = join(FOLDER, `${bench}-${new Date().toISOString().replaceAll(/[:.]/g, '-')}`)
  mkdirSync(folder, { recursive: true })
  return folder
}

/** Writes the figures with what they were measured on; returns the file's path. */
export function writeResults(folder: string, results: Readonly<Record<string, unknown>>): string {
  const path = join(folder, 'results.json')
  const machine = {
    node: process.version,
    system: `${process.platform} ${release()} ${process.arch}`,
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / BYTES_PER_GIB),
  }
  writeFileSync(path, `${JSON.stringify({ machine, ...results }, null, 2)}\n`)
  return path
}
