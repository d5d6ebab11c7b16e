import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { RowParser } from '../rows/row-parser.ts'
import { importRows } from './import-rows.ts'

const LINES = 10

describe('the rows of a file', () => {
  let folder: string
  let path: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'bulkhead-rows-'))
    path = join(folder, 'rows.txt')
    writeFileSync(path, Array.from({ length: LINES }, (_, n) => `${n}\n`).join(''))
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  const parser: RowParser<string> = {
    push: (line) => ('text' in line ? [{ line: line.number, value: line.text }] : []),
    end: () => [],
  }

  /** Calls of two rows each; what `store` is called with, and how many calls were under way at most. */
  async function run(callsAtOnce: number, fails: string | null = null) {
    const stored: string[] = []
    let underWay = 0
    let most = 0
    const options = { path, encoding: 'utf-8', parser, rowsPerCall: 2, callsAtOnce } as const
    const counts = await importRows({
      ...options,
      wants: () => true,
      async store(rows: readonly string[]) {
        most = Math.max(most, ++underWay)
        await new Promise(setImmediate)
        stored.push(...rows)
        underWay--
        if (rows.includes(fails ?? '')) throw new Error('failed')
        return rows.length
      },
      onRejected: () => undefined,
      onProgress: () => undefined,
    }).catch(String)
    return { counts, stored, most, underWay }
  }

  test('are stored in their order, as many calls at a time as may be', async () => {
    const all = Array.from({ length: LINES }, (_, n) => String(n))
    const counts = { read: LINES, added: LINES, leftOut: 0, rejected: 0 }
    expect(await run(1)).toEqual({ counts, stored: all, most: 1, underWay: 0 })
    expect(await run(2)).toEqual({ counts, stored: all, most: 2, underWay: 0 })
  })

  test('after a call that failed no further one begins, and none is under way when it is told', async () => {
    const { counts, stored, underWay } = await run(2, '0')
    expect(counts).toBe('Error: failed')
    expect(stored).toEqual(['0', '1', '2', '3'])
    expect(underWay).toBe(0)
  })
})
