import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openPersonalizationStore } from '../datastore/open.ts'
import type { PersonalizationStore } from '../datastore/port.ts'
import type { Interaction } from '../domain/interaction.ts'
import { runImport } from '../testing/run-import.ts'
import { sampleInteraction } from '../testing/samples/interactions.ts'
import { exportInteractions } from './interactions.ts'

const clock = { now: () => Date.UTC(2026, 11, 1) }
const ROWS: readonly Interaction[] = [
  sampleInteraction('event-0001', { userId: 'a,"b"\n', itemId: 'Ünï 💿', value: 0.1 + 0.2, occurredAt: 0 }),
  sampleInteraction('event-0002', { userId: 'u2', itemId: '0012', value: null, type: 'LIKE', slateId: 's1' }),
  sampleInteraction('event-0003', { userId: 'u2', itemId: 'null', value: -5, occurredAt: 1_700_000_000_123 }),
]

let folder: string
let store: PersonalizationStore
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bulkhead-export-'))
  store = await openPersonalizationStore('sqlite::memory:')
  await store.importInteractions(ROWS)
})
afterEach(async () => {
  await store.close()
  rmSync(folder, { recursive: true })
})

function run(format: 'parquet' | 'jsonl' | 'csv', rowsPerFile = 2) {
  return exportInteractions({ store, folder, format, rowsPerFile, onProgress: () => undefined })
}

describe('exporting interactions', () => {
  test('Parquet has every column as it is stored, in files of bounded size', async () => {
    expect(await run('parquet')).toEqual({
      interactions: 3,
      files: ['interactions-00001.parquet', 'interactions-00002.parquet'],
    })
    expect(readdirSync(folder)).toEqual(['interactions-00001.parquet', 'interactions-00002.parquet'])
    const instance = await DuckDBInstance.create(':memory:')
    const connection = await instance.connect()
    const rows = await connection.runAndReadAll(`select * from read_parquet('${folder}/*.parquet')`)
    const found = rows.getRowObjects().map((row) => ({ ...row, occurredAt: Number(row.occurredAt) }))
    expect(found).toEqual(ROWS.map((row) => ({ ...row })))
    connection.closeSync()
    instance.closeSync()
  })

  test.each(['jsonl', 'csv'] as const)(
    '%s gives the same interactions when it is imported',
    async (format) => {
      const { files } = await run(format)
      const other = await openPersonalizationStore('sqlite::memory:')
      for (const file of files) {
        await runImport(['interactions', join(folder, file), '--no-train'], { store: other, clock })
      }
      expect(await other.scanInteractions({ after: null, limit: 10 })).toEqual(ROWS)
      await other.close()
    },
  )

  test('an empty store gives one empty file, so that readers find the columns', async () => {
    const empty = await openPersonalizationStore('sqlite::memory:')
    const written = await exportInteractions({
      ...{ store: empty, folder, format: 'parquet', onProgress: () => undefined },
    })
    expect(written).toEqual({ interactions: 0, files: ['interactions-00001.parquet'] })
    await empty.close()
  })

  test('a full last file is not followed by an empty one', async () => {
    expect((await run('csv', 3)).files).toHaveLength(1)
  })

  test('a folder with anything in it is refused, but for what a killed run left', async () => {
    mkdirSync(join(folder, '.unfinished'))
    writeFileSync(join(folder, '.unfinished', 'interactions-00009.csv'), 'half')
    await run('csv')
    expect(readdirSync(folder)).toEqual(['interactions-00001.csv', 'interactions-00002.csv'])
    await expect(run('csv')).rejects.toThrow('is not empty (it has interactions-00001.csv)')
  })
})
