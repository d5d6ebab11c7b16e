import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { CannotCheckError, cannotCheck, printProblem, wholeFile } from '../model/cannot-check.ts'

/** What a command sees of the process that runs it. */
export type Terminal = {
  /** Absolute. */
  readonly folder: string
  readonly environment: Readonly<Record<string, string | undefined>>
  /** YYYY-MM-DD, UTC. */
  readonly today: string
  readonly hasColors: boolean
  write(text: string): void
  writeError(text: string): void
  /** Whether a command that goes on for ever is to end. */
  isStopped(): boolean
}

/** 0 clean, 1 something fails the check, 2 it could not be made. */
export type ExitCode = 0 | 1 | 2

/** Says why a command could not do what it was asked. */
export function printFailure(error: unknown, terminal: Terminal): void {
  if (error instanceof CannotCheckError) {
    terminal.writeError(`${error.problems.map(printProblem).join('\n')}\n`)
  } else {
    const trace = error instanceof Error ? error.stack : String(error)
    terminal.writeError(`Nothing was checked, because of a defect of bulkhead-schema:\n${trace}\n`)
  }
}

/** Writes to the file that is named, or to the standard output. */
export async function writeTo(file: string | null, text: string, terminal: Terminal): Promise<void> {
  if (file === null) return terminal.write(text)
  await writeText(resolve(terminal.folder, file), text)
  terminal.writeError(`Wrote ${file}\n`)
}

/** Writes a file, with its folder. @throws CannotCheckError */
export async function writeText(path: string, text: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, text)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    cannotCheck(
      `The file cannot be written: ${message}`,
      'a path that this process may write',
      wholeFile(path),
    )
  }
}
