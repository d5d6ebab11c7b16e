import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { DatastoreStartupError, DatastoreUnavailableError } from './errors.ts'
import { openInThread } from './open-in-thread.ts'
import type { ThreadStore } from './testing/thread-store-main.ts'

const MAIN = new URL('./testing/thread-store-main.ts', import.meta.url)

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulkhead-thread-'))
  path = join(folder, 'store')
})
afterEach(() => rmSync(folder, { recursive: true }))

test('what cannot be opened is refused as opening it is', async () => {
  await expect(openInThread<ThreadStore>(MAIN, path, 'Store')).rejects.toThrow(
    new DatastoreStartupError('there is no such file'),
  )
})

test('a thread that dies is an outage, and so is a store that cannot be opened again, until it can', async () => {
  writeFileSync(path, '')
  const store = await openInThread<ThreadStore>(MAIN, path, 'Store')
  expect(await store.echo('a')).toBe('a')
  await expect(store.crash()).rejects.toThrow(new DatastoreUnavailableError('Store: its thread has ended'))
  rmSync(path)
  await expect(store.echo('b')).rejects.toBeInstanceOf(DatastoreUnavailableError)
  writeFileSync(path, '')
  expect(await store.echo('c')).toBe('c')
  await store.close()
  await expect(store.echo('d')).rejects.toBeInstanceOf(DatastoreUnavailableError)
})
