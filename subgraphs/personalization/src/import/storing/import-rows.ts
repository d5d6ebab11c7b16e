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
 * Streams a file into the store, some calls at a time, while the rows of the next one are read: the file is read only as
 * fast as the store can write. Calls that are under way when one fails have ended when it rejects.
 * @param options.callsAtOnce 1 where calls have to follow one another
 * @param options.store stores rows and returns how many it did not know
 * @param options.wants false for a row that is left out
 */
export async function importRows<Value>(options: {
  readonly path: string
  readonly encoding: Encoding
  readonly parser: RowParser<Value>
  readonly rowsPerCall: number
  readonly callsAtOnce: number
  readonly wants: (value: Value) => boolean
  readonly store: (rows: readonly Value[]) => Promise<number>
  readonly onRejected: (rejected: Extract<Row<Value>, { problem: string }>) => void
  readonly onProgress: (bytesRead: number, counts: ImportCounts) => void
}): Promise<ImportCounts> {
  const { parser, store, wants, rowsPerCall, callsAtOnce } = options
  let counts: ImportCounts = { read: 0, added: 0, leftOut: 0, rejected: 0 }
  let waiting: Value[] = []

  /** The calls of the store that are under way while the next rows are read, oldest first. */
  const storing: Promise<void>[] = []

  async function flush(): Promise<void> {
    if (storing.length >= callsAtOnce) await storing.shift()
    const rows = waiting
    waiting = []
    if (rows.length === 0) return
    const call = store(rows).then((added) => {
      counts = { ...counts, read: counts.read + rows.length, added: counts.added + added }
    })
    // Whoever awaits it learns of a failure; meanwhile it is not unhandled.
    call.catch(() => undefined)
    storing.push(call)
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

  try {
    for await (const { lines, bytesRead } of readLines(options.path, options.encoding)) {
      for (const line of lines) {
        const rows = parser.push(line)
        if (rows.length > 0) await take(rows)
      }
      options.onProgress(bytesRead, counts)
    }
    await take(parser.end())
    await flush()
    await Promise.all(storing)
  } finally {
    await Promise.allSettled(storing)
  }
  return counts
}
