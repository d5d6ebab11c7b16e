import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Clock } from '@bulkhead/service/clock'
import { createProgress } from '../terminal/progress.ts'
import { counted, type Terminal } from '../terminal/terminal.ts'
import { ImportError } from './import-error.ts'
import type { RowParser } from './rows/row-parser.ts'
import type { Encoding } from './source/read-lines.ts'
import { type ImportCounts, importRows } from './storing/import-rows.ts'
import { createRejectsFile } from './storing/rejects-file.ts'

/** Upper bound on rejected lines on the terminal; the rejects file has all of them. */
const SHOWN_REJECTS = 20

export type Rejects = {
  /** Where the rejected lines are; null if there are none. */
  readonly rejects: string | null
}

/**
 * Imports the rows of one file with a progress bar, and keeps lines that cannot be read in a file of their own.
 * @throws ImportError where no row could be read
 */
export async function importFile<Value>(options: {
  readonly path: string
  readonly encoding: Encoding
  readonly parser: RowParser<Value>
  readonly rowsPerCall: number
  readonly callsAtOnce: number
  readonly wants?: (value: Value) => boolean
  readonly store: (rows: readonly Value[]) => Promise<number>
  /** Null for a file beside the input. */
  readonly rejects: string | null
  readonly clock: Clock
  readonly err: Terminal
}): Promise<ImportCounts & Rejects> {
  const { path, encoding, parser, rowsPerCall, callsAtOnce, wants = () => true, store, clock, err } = options
  const { size } = await stat(path)
  const rejects = createRejectsFile({ input: path, path: options.rejects })
  const progress = createProgress({ terminal: err, clock, title: 'Importing' })
  let rejected = 0
  try {
    const counts = await importRows({
      ...{ path, encoding, parser, rowsPerCall, callsAtOnce, wants, store },
      onRejected(row) {
        rejected++
        rejects.write(row)
        if (rejected <= SHOWN_REJECTS) progress.note(`line ${row.line} ${row.problem}`)
        if (rejected === SHOWN_REJECTS) progress.note(`further bad lines go to ${rejects.path()} only`)
      },
      onProgress: (bytesRead, { read }) => progress.update(bytesRead / size, counted(read, 'row')),
    })
    if (counts.read + counts.leftOut === 0) {
      throw new ImportError(counts.rejected > 0 ? 'every line of it is bad' : 'it holds no rows')
    }
    return { ...counts, rejects: rejects.path() }
  } finally {
    progress.end()
    rejects.close()
  }
}

/**
 * Makes every error about a file an ImportError whose message begins with the file's name.
 * @param verb what cannot be done with a file that is refused
 */
export async function namingFile<T>(
  file: string,
  run: (path: string, size: number) => Promise<T>,
  verb: 'import' | 'read' = 'import',
): Promise<T> {
  const path = resolve(file)
  try {
    const found = await stat(path)
    if (found.isDirectory()) throw new ImportError('it is a folder')
    return await run(path, found.size)
  } catch (error) {
    if (error instanceof ImportError) throw new ImportError(`cannot ${verb} ${path}: ${error.message}`)
    if (error instanceof Error && 'syscall' in error && 'code' in error) {
      throw new ImportError(`cannot read ${path}: ${error.message}`)
    }
    throw error
  }
}
