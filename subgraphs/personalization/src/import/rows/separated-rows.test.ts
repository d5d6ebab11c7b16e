import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ImportError } from '../import-error.ts'
import { MAX_LINE_BYTES, readLines } from '../source/read-lines.ts'
import type { Row } from './row-parser.ts'
import { createSeparatedParser } from './separated-rows.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulkhead-csv-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

type Cells = readonly string[]

/** What a file gives, read as imports read it: its header, and its rows as lists of cells. */
async function read(
  content: string | Uint8Array,
  delimiter = ',',
): Promise<{ header: Cells; rows: Row<Cells>[] }> {
  const path = join(folder, 'input.csv')
  writeFileSync(path, content)
  let header: Cells = []
  const parser = createSeparatedParser<Cells>({
    separator: delimiter,
    header: null,
    quotes: true,
    readHeader(names) {
      header = names
      return (cells) => ({ value: cells.map(String) })
    },
  })
  const rows: Row<Cells>[] = []
  for await (const { lines } of readLines(path)) for (const line of lines) rows.push(...parser.push(line))
  rows.push(...parser.end())
  return { header, rows }
}

/** The rows as `line: cells` or `line: ! problem`. */
async function brief(content: string | Uint8Array, delimiter?: string): Promise<readonly string[]> {
  const { rows } = await read(content, delimiter)
  return rows.map((row) => `${row.line}: ${'problem' in row ? `! ${row.problem}` : row.value.join(' | ')}`)
}

const STRAY_RETURN = '! has a carriage return in the middle: end every line with a line feed'
const NOT_UTF_8 = 'is not UTF-8 text (--encoding latin1 reads files of western Europe)'
const UNCLOSED = '! opens a quote that is not closed'

describe('reading CSV', () => {
  test('quotes hold delimiters, doubled quotes and line ends, and a row has the number of its first line', async () => {
    const lines = ['a,b', '"1,5",x', '"say ""hi""",', '"two', 'lines",y', '"",z', ' "spaced" , w ']
    expect(await brief(lines.join('\n'))).toEqual([
      '2: 1,5 | x',
      '3: say "hi" | ',
      '4: two\nlines | y',
      '6:  | z',
      '7: spaced | w',
    ])
  })

  test.each([
    ['line feeds', '\n'],
    ['carriage returns with line feeds', '\r\n'],
    ['line ends that were converted twice', '\r\r\n'],
  ])('lines end in %s, the last one or not', async (_, end) => {
    const lines = ['a,b', '1,"x', 'y"', '2,z']
    const rows = ['2: 1 | x\ny', '4: 2 | z']
    expect(await brief(lines.join(end))).toEqual(rows)
    expect(await brief(lines.join(end) + end)).toEqual(rows)
  })

  test.each([',', '\t'])(
    'a carriage return inside a line costs that line, unless it is quoted (%j)',
    async (delimiter) => {
      const lines = [
        ['a', 'b'],
        ['1', 'x\r2'],
        ['3', '"x\ry"'],
        ['4\r5', 'z'],
        ['\r6', 'z'],
        ['7', '"x"\r'],
        ['8', 'z'],
      ]
      expect(await brief(lines.map((cells) => cells.join(delimiter)).join('\n'), delimiter)).toEqual([
        `2: ${STRAY_RETURN}`,
        '3: 3 | x\ry',
        `4: ${STRAY_RETURN}`,
        `5: ${STRAY_RETURN}`,
        '6: 7 | x',
        '7: 8 | z',
      ])
    },
  )

  test('a byte order mark is dropped, and what is not UTF-8 costs its own line', async () => {
    const bytes = Buffer.concat([
      Buffer.from('\ufeffa,b\n1,x\n2,'),
      Buffer.from([0xe9]),
      Buffer.from('\n3,é\n'),
    ])
    expect((await read(bytes)).header).toEqual(['a', 'b'])
    expect(await brief(bytes)).toEqual(['2: 1 | x', `3: ! ${NOT_UTF_8}`, '4: 3 | é'])
  })

  test('ragged rows cost themselves; empty lines are no rows, but are counted', async () => {
    expect(await brief('\n\na,b\n1,x\n\n2\n3,y,z\n4,\n')).toEqual([
      '4: 1 | x',
      '6: ! has 1 columns where the header has 2',
      '7: ! has 3 columns where the header has 2',
      '8: 4 | ',
    ])
  })

  test('with tabs, spaces belong to the cells', async () => {
    expect(await brief('a\tb\n 1 \tx, y\n', '\t')).toEqual(['2:  1  | x, y'])
  })

  test('a quote in the wrong place costs its own line, among hundreds of rows as well', async () => {
    const rows = Array.from({ length: 450 }, (_, n) => (n === 222 ? '5" disc,x' : `${n},x`))
    expect(await brief(['a,b', ...rows].join('\n'))).toEqual(
      rows.map((row, n) => (n === 222 ? `${n + 2}: ${UNCLOSED}` : `${n + 2}: ${row.replace(',', ' | ')}`)),
    )
  })

  test('two stray quotes far from each other cost their own lines, not those between them', async () => {
    expect(await brief('a,b\n5" disc,x\n1,y\n7" disc,z\n2,w\n')).toEqual([
      `2: ${UNCLOSED}`,
      '3: 1 | y',
      '4: ! has a quote in a place where CSV allows none',
      '5: 2 | w',
    ])
  })

  test('a quote that is never closed is given up after a thousand lines, and at the end of the file', async () => {
    const rows = Array.from({ length: 1_500 }, (_, n) => (n === 0 || n === 1_400 ? `${n},"x` : `${n},x`))
    const found = await brief(['a,b', ...rows].join('\n'))
    expect(found).toHaveLength(1_500)
    expect(found.filter((row) => row.includes('!'))).toEqual([`2: ${UNCLOSED}`, `1402: ${UNCLOSED}`])
  })

  test('a line of a mebibyte is read, a longer one costs itself and what was open before it', async () => {
    const longest = `1,${'x'.repeat(MAX_LINE_BYTES - 2)}`
    const { rows } = await read(`a,b\n${longest}\n${longest}x\n2,"y\n${longest}x\n3,z\n`)
    expect(
      rows.map((row) => ('problem' in row ? `${row.line}: ${row.problem}` : `${row.line}: ${row.value[0]}`)),
    ).toEqual([
      '2: 1',
      `3: is longer than ${MAX_LINE_BYTES} bytes`,
      '4: opens a quote that is not closed',
      `5: is longer than ${MAX_LINE_BYTES} bytes`,
      '6: 3',
    ])
  })

  test('a quoted field over many lines may be as long as a line, and no longer', async () => {
    const line = 'x'.repeat(200 * 1024)
    const field = (lines: number): string => `"${Array<string>(lines).fill(line).join('\n')}",y`
    const { rows } = await read(`a,b\n${field(5)}\n${field(7)}\n1,z\n`)
    expect(
      rows.map((row) => [row.line, 'problem' in row ? row.problem.slice(0, 13) : row.value[0]?.length]),
    ).toEqual([
      [2, 5 * 200 * 1024 + 4],
      [7, 'opens a quote'],
      [8, 'has 1 columns'],
      [9, 'has 1 columns'],
      [10, 'has 1 columns'],
      [11, 'has 1 columns'],
      [12, 'has 1 columns'],
      [13, 'opens a quote'],
      [14, 1],
    ])
  })

  test.each([
    ['has an open quote', 'a,"b\n1,x\n', 'its header opens a quote that is not closed'],
    ['has a quote in the wrong place', 'a,b"c"\n1,x\n', 'its header cannot be read as CSV'],
    ['is no text', Buffer.from([0x61, 0xff, 0x0a]), `its header, line 1, ${NOT_UTF_8}`],
  ])('a header that %s refuses the file', async (_, content, message) => {
    await expect(read(content)).rejects.toThrow(new ImportError(message))
  })
})
