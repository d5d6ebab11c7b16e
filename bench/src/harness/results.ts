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

/** Columns as wide as their longest cell; the first is aligned to the left, numbers to the right. */
export function formatTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  )
  return [header, ...rows]
    .map((row) =>
      row
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
