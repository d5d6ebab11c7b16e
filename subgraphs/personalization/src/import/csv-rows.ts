import { parse } from 'csv-parse/sync'
import type { Field } from './fields.ts'
import { ImportError } from './import-error.ts'
import { hasStrayReturn, type Line, MAX_LINE_BYTES, STRAY_RETURN } from './read-lines.ts'
import type { Row, RowParser } from './row-parser.ts'

/** Reads the cells of one record, in the order of the header. */
export type CsvRowReader<Value> = (cells: readonly string[]) => Field<Value>

export type CsvOptions<Value> = {
  readonly delimiter: string
  /** @throws ImportError where the header lacks a required column */
  readonly readHeader: (names: readonly string[]) => CsvRowReader<Value>
}

type TextLine = Extract<Line, { text: string }>

/** Upper bound on the lines of one record; a longer one has a quote that was never closed. */
const MAX_RECORD_LINES = 1_000
/** Records that are handed to csv-parse at once. */
const RECORDS_PER_PARSE = 200
const UNCLOSED_QUOTE = 'opens a quote that is not closed'

/** A column's name in the form that is compared: `userId`, `user_id` and `User ID` are the same. */
export function columnKey(name: string): string {
  return name.toLowerCase().replaceAll(/[\s_-]/g, '')
}

/**
 * CSV with a header (RFC 4180: quoted fields may hold delimiters, doubled quotes and line ends). If a record cannot be
 * read, only its first line is rejected and reading continues with the next line, so that one missing quote does not
 * lose the rest of the file.
 */
export function createCsvParser<Value>(options: CsvOptions<Value>): RowParser<Value> {
  const { delimiter, readHeader } = options
  let columns = 0
  let readRow: CsvRowReader<Value> | null = null
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
    for (let at = line.text.indexOf('"'); at !== -1; at = line.text.indexOf('"', at + 1)) quotes++
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

  function rowOf(record: readonly TextLine[], cells: readonly string[]): Row<Value> {
    const line = record[0]?.number ?? 0
    const text = record.map((part) => part.text).join('\n')
    if (hasStrayReturn(text)) return { line, problem: STRAY_RETURN, text }
    if (cells.length !== columns) {
      return { line, problem: `has ${cells.length} columns where the header has ${columns}`, text }
    }
    const field = readRow?.(cells)
    if (field === undefined) throw new Error('a CSV row came before its header')
    return 'problem' in field ? { line, problem: field.problem, text } : { line, value: field.value }
  }

  /** The cells of each record, or null where csv-parse finds another number of records, or an error. */
  function cellsOf(records: readonly (readonly TextLine[])[]): string[][] | null {
    const text = records.map((record) => record.map((line) => line.text).join('\n')).join('\n')
    try {
      const cells = parse(text, {
        delimiter,
        record_delimiter: '\n',
        relax_column_count: true,
        // Not with tabs: trimming would remove them, as they are white space.
        trim: delimiter !== '\t',
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
