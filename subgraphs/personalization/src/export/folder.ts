import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { ExportRefusedError } from './export-refused-error.ts'

/** Where files are written before all of them are complete. Readers of folders leave out what begins with a dot. */
const UNFINISHED = '.unfinished'

/**
 * Begins an export into a folder; what a run that was killed before left behind is deleted.
 * @returns where to write files until all are complete and durable, and what then gives them their names
 * @throws ExportRefusedError where the folder holds anything
 */
export function beginFolder(folder: string): {
  readonly unfinished: string
  finish(files: readonly string[]): void
} {
  const unfinished = join(folder, UNFINISHED)
  const found = existsSync(folder) ? readdirSync(folder).filter((name) => name !== UNFINISHED) : []
  if (found.length > 0) {
    throw new ExportRefusedError(
      `${folder} is not empty (it has ${found[0]}): name a folder that is new or empty`,
    )
  }
  rmSync(unfinished, { recursive: true, force: true })
  mkdirSync(unfinished, { recursive: true })
  return {
    unfinished,
    finish(files) {
      for (const name of files) renameSync(join(unfinished, name), join(folder, name))
      rmSync(unfinished, { recursive: true })
    },
  }
}
