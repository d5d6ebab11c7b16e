import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openSqlite } from '@bulkhead/datastore/sqlite/open'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { sampleInteraction } from '../../testing/samples/interactions.ts'
import { SQLITE_MIGRATIONS } from './migrations.ts'
import { openSqliteStore } from './store.ts'

const CLI = fileURLToPath(new URL('../../cli.ts', import.meta.url))
const ROWS = 100_000

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulkhead-bulk-'))
  path = join(folder, 'personalization.db')
})
afterEach(() => rmSync(folder, { recursive: true }))

/** The indexes of interactions, and what waits to be built. */
function indexes(): { readonly built: readonly string[]; readonly deferred: number } {
  // Alone, so that opening it builds nothing.
  const database = openSqlite(path, SQLITE_MIGRATIONS, { alone: true })
  try {
    const built = database
      .statement(
        `SELECT name FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'interactions' ORDER BY name`,
      )
      .all()
    const table = database.statement(`SELECT 1 FROM sqlite_schema WHERE name = 'deferred_indexes'`).get()
    const waiting = table === undefined ? [] : database.statement('SELECT name FROM deferred_indexes').all()
    return { built: built.map(({ name }) => String(name)), deferred: waiting.length }
  } finally {
    database.close()
  }
}

function rows(from: number, count: number) {
  return Array.from({ length: count }, (_, n) => sampleInteraction(`event-${from + n}`, { userId: 'u' }))
}

describe('a bulk import on SQLite', () => {
  test('leaves out the indexes until its end, and reads are right again after it', async () => {
    await openSqliteStore(path).close()
    const { built: all } = indexes()
    expect(all.length).toBeGreaterThan(3)
    const store = openSqliteStore(path, { alone: true })
    expect(await store.beginBulkImport(2_000)).toBeGreaterThan(500)
    expect(await store.importInteractions(rows(0, 2_000))).toBe(2_000)
    expect(await store.importInteractions(rows(1_000, 2_000))).toBe(1_000)
    await expect(store.findInteractions({ userId: 'u', limit: 1, after: null })).resolves.toBeDefined()
    await store.endBulkImport()
    await expect(store.importInteractions(rows(5_000, 501))).rejects.toThrow('at most 500 rows a call')
    expect((await store.findInteractions({ userId: 'u', limit: 10, after: null })).interactions).toHaveLength(
      10,
    )
    await store.close()
    expect(indexes()).toEqual({ built: all, deferred: 0 })
  })

  test('where less is to come than is there, the indexes stay', async () => {
    const store = openSqliteStore(path, { alone: true })
    await store.beginBulkImport(1_000)
    await store.importInteractions(rows(0, 1_000))
    await store.endBulkImport()
    await store.beginBulkImport(10)
    await store.close()
    expect(indexes().deferred).toBe(0)
  })

  test('after one that was killed, a smaller one has the indexes again, and counts what was not counted', async () => {
    const killed = openSqliteStore(path, { alone: true })
    await killed.beginBulkImport(1_000)
    await killed.importInteractions(rows(0, 1_000))
    // As a process leaves it that ends here.
    await killed.close()
    expect(indexes().deferred).toBeGreaterThan(3)
    const store = openSqliteStore(path, { alone: true })
    await store.beginBulkImport(1)
    const other = sampleInteraction('of-another', { userId: 'v' })
    expect(await store.importInteractions([other, ...rows(0, 1)])).toBe(1)
    await store.endBulkImport()
    const { itemId } = other
    expect(await store.popularItems(9)).toEqual([{ itemId, listeners: 2 }])
    await store.close()
    expect(indexes().deferred).toBe(0)
  })

  test('makes larger calls of a larger file', async () => {
    for (const [rows, perCall] of [
      [1_000, 20_000],
      [300_000, 30_000],
      [10_000_000, 50_000],
    ] as const) {
      const store = openSqliteStore(path, { alone: true })
      expect(await store.beginBulkImport(rows)).toBe(perCall)
      await store.close()
    }
  })

  test('beside a service it keeps the indexes, the pauses and the small calls', async () => {
    const store = openSqliteStore(path)
    expect(await store.beginBulkImport(1_000_000)).toBe(500)
    await store.close()
    expect(indexes().deferred).toBe(0)
  })

  test('keeps other processes out, which are told what to do', async () => {
    const store = openSqliteStore(path, { alone: true })
    try {
      const child = spawn(process.execPath, [CLI, 'train'], { env: { DATASTORE_URL: `sqlite:${path}` } })
      let said = ''
      child.stderr.on('data', (text) => (said += text))
      expect(await once(child, 'exit')).toEqual([1, null])
      expect(said).toContain('another process holds it locked: stop that one')
    } finally {
      await store.close()
    }
  }, 30_000)

  test('killed in the middle, the next opening builds the indexes, and the import adds the rest, nothing twice', async () => {
    await openSqliteStore(path).close()
    const { built: all } = indexes()
    const file = join(folder, 'plays.txt')
    writeFileSync(file, Array.from({ length: ROWS }, (_, n) => `u${n} i${n % 100} 4 1100000000\n`).join(''))
    const args = [CLI, 'import', 'interactions', file, '--no-train', '--json']
    const env = { DATASTORE_URL: `sqlite:${path}` }
    const child = spawn(process.execPath, args, { env, stdio: 'ignore' })
    const exited = once(child, 'exit')
    await waitForRows(path)
    child.kill('SIGKILL')
    await exited
    expect(indexes().deferred).toBeGreaterThan(3)

    const store = openSqliteStore(path)
    const before = (await store.popularItems(100)).reduce((sum, { listeners }) => sum + listeners, 0)
    expect(before).toBeGreaterThan(0)
    expect(before).toBeLessThan(ROWS)
    await store.close()
    expect(indexes()).toEqual({ built: all, deferred: 0 })

    const again = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'ignore'] })
    let out = ''
    again.stdout?.on('data', (text) => (out += text))
    await once(again, 'close')
    expect(JSON.parse(out)).toMatchObject({ interactions: { read: ROWS, new: ROWS - before, known: before } })
    const after = openSqliteStore(path)
    const counted = await after.popularItems(100)
    expect(counted.reduce((sum, { listeners }) => sum + listeners, 0)).toBe(ROWS)
    await after.close()
    expect(indexes()).toEqual({ built: all, deferred: 0 })
  }, 120_000)
})

/** The file itself is locked, but its log grows with each batch: a batch of 20,000 rows has about 4 MB. */
async function waitForRows(database: string): Promise<void> {
  await vi.waitUntil(() => (statSync(`${database}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 7_000_000, {
    timeout: 60_000,
    interval: 2,
  })
}
