import { readLines } from './read-lines.ts'
import type { Row, RowParser } from './row-parser.ts'

/** Upper bound on rows per call of the store. */
const ROWS_PER_CALL = 500

export type ImportCounts = {
  /** Rows that could be read; all of them are stored when the import ends. */
  readonly read: number
  /** Those of them that were new to the store. */
  readonly added: number
  readonly rejected: number
}

/**
 * Streams a file into the store, 500 rows a call and one call at a time, so the file is read only as fast as the store
 * can write.
 * @param options.store stores rows and returns how many it did not know
 */
export async function importRows<Value>(options: {
  readonly path: string
  readonly parser: RowParser<Value>
  readonly store: (rows: readonly Value[]) => Promise<number>
  readonly onRejected: (rejected: Extract<Row<Value>, { problem: string }>) => void
  readonly onProgress: (bytesRead: number, counts: ImportCounts) => void
}): Promise<ImportCounts> {
  const { parser, store } = options
  let counts: ImportCounts = { read: 0, added: 0, rejected: 0 }
  let waiting: Value[] = []

  async function flush(): Promise<void> {
    const rows = waiting
    waiting = []
    const added = rows.length === 0 ? 0 : await store(rows)
    counts = { ...counts, read: counts.read + rows.length, added: counts.added + added }
  }

  async function take(rows: readonly Row<Value>[]): Promise<void> {
    for (const row of rows) {
      if ('problem' in row) {
        counts = { ...counts, rejected: counts.rejected + 1 }
        options.onRejected(row)
      } else {
        waiting.push(row.value)
        if (waiting.length === ROWS_PER_CALL) await flush()
      }
    }
  }

  for await (const { lines, bytesRead } of readLines(options.path)) {
    for (const line of lines) {
      const rows = parser.push(line)
      if (rows.length > 0) await take(rows)
    }
    options.onProgress(bytesRead, counts)
  }
  await take(parser.end())
  await flush()
  return counts
}
