import { describe, expect, test } from 'vitest'
import { parseCommandLine } from './command-line.ts'

function command(...args: readonly string[]) {
  const parsed = parseCommandLine(args)
  return parsed.type === 'command' ? parsed.command : parsed
}

describe('export', () => {
  test('writes Parquet, and is nobody’s archive, unless it is told', () => {
    const asked = { name: 'export', folder: '/e', format: 'parquet', archive: null }
    expect(command('export', '--to', '/e')).toEqual(asked)
    expect(command('export', '--to', '/e', '--format', 'csv', '--archive', 'main')).toEqual({
      ...asked,
      format: 'csv',
      archive: 'main',
    })
  })

  test.each([
    [['export'], /--to <DIR>/],
    [['export', '--to', '/e', '--format', 'xml'], /parquet, jsonl, csv/],
    [['export', '--to', '/e', '--archive', 'a b'], /not a key/],
  ])('refuses %j', (args, message) => {
    expect(command(...args)).toMatchObject({ type: 'refused', message: expect.stringMatching(message) })
  })
})

describe('the source of sums', () => {
  test.each(['analyze', 'replay'])('of %s is the log on DuckDB, unless it is told', (name) => {
    expect(command(name, 'x')).toMatchObject({ name, source: { engine: 'duckdb', exportFolder: null } })
    const source = { engine: 'spark', exportFolder: '/e' }
    expect(command(name, 'x', '--engine', 'spark', '--export', '/e')).toMatchObject({ name, source })
    expect(command(name, 'x', '--engine', 'spark')).toMatchObject({
      type: 'refused',
      message: expect.stringMatching(/name its folder with --export/),
    })
  })

  test('is the service’s own where it stores the analysis', () => {
    expect(command('analyze', 'x', '--store', '--export', '/e')).toMatchObject({
      type: 'refused',
      message: expect.stringMatching(/not for --store/),
    })
  })
})
