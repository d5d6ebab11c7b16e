import { parse } from 'csv-parse/sync'
import type { RowReader } from '../columns/interaction-columns.ts'
import { ImportError } from '../import-error.ts'
import { hasStrayReturn, type Line, MAX_LINE_BYTES, STRAY_RETURN } from '../source/read-lines.ts'
import type { Row, RowParser } from './row-parser.ts'
import { quotesCount, splitCells } from './separators.ts'

export type SeparatedOptions<Value> = {
  readonly separator: string
  /** The names of the columns of a file that has no header; null reads them from its first line. */
  readonly header: readonly string[] | null
  /** Whether quotes enclose cells, as in RFC 4180; they are text like any other where the separator allows none. */
  readonly quotes: boolean
  /** @throws ImportError where the header lacks a required column */
  readonly readHeader: (names: readonly string[]) => RowReader<Value>
}

type TextLine = Extract<Line, { text: string }>

/** Upper bound on the lines of one record; a longer one has a quote that was never closed. */
const MAX_RECORD_LINES = 1_000
/** Records that are handed to csv-parse at once. */
const RECORDS_PER_PARSE = 200
const UNCLOSED_QUOTE = 'opens a quote that is not closed'

/**
 * Separated columns (RFC 4180: quoted fields may hold separators, doubled quotes and line ends). If a record cannot be
 * read, only its first line is rejected and reading continues with the next line, so that one missing quote does not
 * lose the rest of the file.
 */
export function createSeparatedParser<Value>(options: SeparatedOptions<Value>): RowParser<Value> {
  const { separator, header, readHeader } = options
  const quoted = options.quotes && quotesCount(separator)
  let columns = header?.length ?? 0
  let readRow: RowReader<Value> | null = header === null ? null : readHeader(header)
  /** Lines of the record that is not complete yet. */
  let open: TextLine[] = []
  let openCharacters = 0
  let quotes = 0
  /** Complete records that wait for csv-parse. */
  let complete: TextLine[][] = []
  let rows: Row<Value>[] = []

  function take(line: TextLine): void {
    if (open.length === 0 && line.text.trim() === '') return
    open.push(line)
    openCharacters += line.text.length
    if (quoted) {
      for (let at = line.text.indexOf('"'); at !== -1; at = line.text.indexOf('"', at + 1)) quotes++
    }
    if (quotes % 2 === 0) {
      complete.push(open)
      startRecord()
      if (readRow === null) takeHeader()
      else if (complete.length >= RECORDS_PER_PARSE) flush()
    } else if (open.length > MAX_RECORD_LINES || openCharacters > MAX_LINE_BYTES) {
      giveUpFirstLine(UNCLOSED_QUOTE)
    }
  }

  function startRecord(): void {
    open = []
    openCharacters = 0
    quotes = 0
  }

  /** Rejects the first line of the open record, and reads its other lines again as records of their own. */
  function giveUpFirstLine(problem: string): void {
    const [first, ...others] = open
    startRecord()
    if (first === undefined) return
    if (readRow === null) throw new ImportError(`its header ${problem}`)
    flush()
    rows.push({ line: first.number, problem, text: first.text })
    for (const line of others) take(line)
  }

  function takeHeader(): void {
    const [record] = complete
    complete = []
    const cells = record === undefined ? null : cellsOf([record])
    const names = cells?.[0]
    if (names === undefined) throw new ImportError('its header cannot be read as CSV')
    columns = names.length
    readRow = readHeader(names)
  }

  function flush(): void {
    const records = complete
    complete = []
    const cells = cellsOf(records)
    for (const [index, record] of records.entries()) {
      // Null: one of the records is broken, so read each alone to find out which.
      if (cells === null) readAlone(record)
      else rows.push(rowOf(record, cells[index] ?? []))
    }
  }

  function readAlone(record: TextLine[]): void {
    const cells = cellsOf([record])
    if (cells !== null) {
      rows.push(rowOf(record, cells[0] ?? []))
      return
    }
    const [first, ...others] = record
    if (first === undefined) return
    const problem = others.length === 0 ? 'has a quote in a place where CSV allows none' : UNCLOSED_QUOTE
    rows.push({ line: first.number, problem, text: first.text })
    // A missing quote may have joined these lines, so each may be a record of its own.
    for (const line of others) readAlone([line])
  }

  function isStray(text: string): boolean {
    return quoted ? hasStrayReturn(text) : text.includes('\r')
  }

  function rowOf(record: readonly TextLine[], cells: readonly string[]): Row<Value> {
    const line = record[0]?.number ?? 0
    const text = record.length === 1 ? (record[0]?.text ?? '') : record.map((part) => part.text).join('\n')
    if (isStray(text)) return { line, problem: STRAY_RETURN, text }
    if (cells.length !== columns) {
      return { line, problem: `has ${cells.length} columns where the header has ${columns}`, text }
    }
    const field = readRow?.(cells)
    if (field === undefined) throw new Error('a row came before its header')
    return 'problem' in field ? { line, problem: field.problem, text } : { line, value: field.value }
  }

  /** The cells of each record, or null where csv-parse finds another number of records, or an error. */
  function cellsOf(records: readonly (readonly TextLine[])[]): (readonly string[])[] | null {
    const withQuotes = quoted ? records.filter((lines) => lines.some(({ text }) => text.includes('"'))) : []
    const parsed = withQuotes.length === 0 ? [] : parseQuoted(withQuotes)
    if (parsed === null) return null
    let next = 0
    return records.map((lines) =>
      lines === withQuotes[next] ? (parsed[next++] ?? []) : splitCells(lines[0]?.text ?? '', separator),
    )
  }

  function parseQuoted(records: readonly (readonly TextLine[])[]): string[][] | null {
    const text = records.map((record) => record.map((line) => line.text).join('\n')).join('\n')
    try {
      const cells = parse(text, {
        delimiter: separator,
        record_delimiter: '\n',
        relax_column_count: true,
        // Not with tabs: trimming would remove them, as they are white space.
        trim: separator !== '\t',
      })
      return cells.length === records.length ? cells : null
    } catch {
      return null
    }
  }

  function handOut(): readonly Row<Value>[] {
    const done = rows
    rows = []
    return done
  }

  return {
    push(line) {
      if ('problem' in line) {
        // A record that was open before an unreadable line can never be completed.
        while (open.length > 0) giveUpFirstLine(UNCLOSED_QUOTE)
        if (readRow === null) throw new ImportError(`its header, line ${line.number}, ${line.problem}`)
        flush()
        rows.push({ line: line.number, problem: line.problem, text: '' })
      } else {
        take(line)
      }
      return handOut()
    },
    end() {
      while (open.length > 0) giveUpFirstLine(UNCLOSED_QUOTE)
      flush()
      return handOut()
    },
  }
}
