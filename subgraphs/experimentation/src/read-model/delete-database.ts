import { existsSync, rmSync } from 'node:fs'
import { takeLock } from './lock-file.ts'

/** Deletes the file and what DuckDB keeps beside it. */
export function deleteDatabase(path: string): void {
  for (const name of [`${path}.wal`, path]) rmSync(name, { force: true })
  rmSync(`${path}.tmp`, { recursive: true, force: true })
}

/** The same for one that nobody has open. @throws ReadModelLockedError where somebody has */
export function deleteUnused(path: string): void {
  if (!existsSync(path) && !existsSync(`${path}.wal`)) return
  const unlock = takeLock(`${path}.lock`)
  try {
    deleteDatabase(path)
  } finally {
    unlock()
  }
}
