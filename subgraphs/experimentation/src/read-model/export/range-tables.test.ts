import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { expect, onTestFinished, test, vi } from 'vitest'
import { openRangeTables } from './range-tables.ts'

test('the temporary folder goes where the tables cannot be opened, and when they are closed', async () => {
  const temporary = mkdtempSync(join(tmpdir(), 'bulkhead-range-test-'))
  vi.stubEnv('TMPDIR', temporary)
  onTestFinished(() => {
    vi.unstubAllEnvs()
    vi.restoreAllMocks()
    rmSync(temporary, { recursive: true })
  })
  vi.spyOn(DuckDBInstance, 'create').mockRejectedValueOnce(new Error('no memory'))
  await expect(openRangeTables()).rejects.toThrow('no memory')
  expect(readdirSync(temporary)).toEqual([])
  const tables = await openRangeTables()
  expect(readdirSync(temporary)).toHaveLength(1)
  await tables.close()
  expect(readdirSync(temporary)).toEqual([])
})
