import type { Row, RowParser } from '../rows/row-parser.ts'
import { type Encoding, readLines } from '../source/read-lines.ts'

export type ImportCounts = {
  /** Rows that could be read and were wanted; all of them are stored when the import ends. */
  readonly read: number
  /** Those of them that were new to the store. */
  readonly added: number
  /** Rows that could be read, but were not wanted. */
  readonly leftOut: number
  readonly rejected: number
}

/**
 * Streams a file into the store, one call at a time, while the rows of the next one are read: the file is read only as
 * fast as the store can write.
 * @param options.store stores rows and returns how many it did not know
 * @param options.wants false for a row that is left out
 */
export async function importRows<Value>(options: {
  readonly path: string
  readonly encoding: Encoding
  readonly parser: RowParser<Value>
  readonly rowsPerCall: number
  readonly wants: (value: Value) => boolean
  readonly store: (rows: readonly Value[]) => Promise<number>
  readonly onRejected: (rejected: Extract<Row<Value>, { problem: string }>) => void
  readonly onProgress: (bytesRead: number, counts: ImportCounts) => void
}): Promise<ImportCounts> {
  const { parser, store, wants, rowsPerCall } = options
  let counts: ImportCounts = { read: 0, added: 0, leftOut: 0, rejected: 0 }
  let waiting: Value[] = []

  /** The call of the store that is under way while the next rows are read. */
  let storing: Promise<void> = Promise.resolve()

  async function flush(): Promise<void> {
    await storing
    const rows = waiting
    waiting = []
    if (rows.length === 0) return
    storing = store(rows).then((added) => {
      counts = { ...counts, read: counts.read + rows.length, added: counts.added + added }
    })
    // Whoever awaits it learns of a failure; meanwhile it is not unhandled.
    storing.catch(() => undefined)
  }

  async function take(rows: readonly Row<Value>[]): Promise<void> {
    for (const row of rows) {
      if ('problem' in row) {
        counts = { ...counts, rejected: counts.rejected + 1 }
        options.onRejected(row)
      } else if (wants(row.value)) {
        waiting.push(row.value)
        if (waiting.length === rowsPerCall) await flush()
      } else {
        counts = { ...counts, leftOut: counts.leftOut + 1 }
      }
    }
  }

  for await (const { lines, bytesRead } of readLines(options.path, options.encoding)) {
    for (const line of lines) {
      const rows = parser.push(line)
      if (rows.length > 0) await take(rows)
    }
    options.onProgress(bytesRead, counts)
  }
  await take(parser.end())
  await flush()
  await storing
  return counts
}
