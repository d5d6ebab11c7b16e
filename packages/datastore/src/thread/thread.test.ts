import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { DatastoreStartupError, DatastoreUnavailableError } from '../errors.ts'
import { openInThread } from './open-in-thread.ts'
import type { Sample } from './testing/sample-main.ts'

const MAIN = new URL('./testing/sample-main.ts', import.meta.url)

let store: Sample

beforeEach(async () => {
  store = await openInThread<Sample>(MAIN, 'fine', 'Sample')
})
afterEach(() => store.close())

test('plain data comes back as it was, and calls begin in their order', async () => {
  const value = { text: 'ä', none: null, list: [1, -0.5], map: new Map([['a', 1]]), at: 2n }
  const echoed = store.echo(value)
  const slow = store.slow(5)
  expect(await store.called()).toEqual(['echo', 'slow'])
  expect(await echoed).toEqual(value)
  expect(await slow).toBe('done')
})

test('an error keeps its class and its message, and tells where it was thrown', async () => {
  await expect(store.fail('startup')).rejects.toThrow(new DatastoreStartupError('move it away'))
  await expect(store.fail('startup')).rejects.toBeInstanceOf(DatastoreStartupError)
  await expect(store.fail('outage')).rejects.toBeInstanceOf(DatastoreUnavailableError)
  await expect(store.fail('range')).rejects.toBeInstanceOf(RangeError)
  const bug = await store.fail('other').catch((error: unknown) => error)
  expect(bug).toMatchObject({ message: 'a bug', cause: expect.stringContaining('sample-main.ts') })
})

test('what cannot be cloned is refused, and nothing waits for it', async () => {
  await expect(store.echo(() => undefined)).rejects.toThrow(/could not be cloned/)
  expect(await store.echo(1)).toBe(1)
})

test('bytes are handed over instead of copied', async () => {
  const bytes = await store.bytes(1_000_000)
  expect([bytes.length, bytes[0], bytes.at(-1)]).toEqual([1_000_000, 7, 7])
  expect(await store.lengthOfLast()).toBe(0)
})

test('a thread that dies fails what waits for it as an outage, and the next call starts it again', async () => {
  const waiting = store.slow(60_000)
  const crashed = store.crash()
  await expect(crashed).rejects.toBeInstanceOf(DatastoreUnavailableError)
  await expect(waiting).rejects.toThrow('Sample: its thread has ended')
  expect(await store.called()).toEqual([])
})

test('a close waits for the calls before it, and refuses those after it', async () => {
  const slow = store.slow(50)
  await store.close()
  expect(await Promise.race([slow, 'still waiting'])).toBe('done')
  await expect(store.echo(1)).rejects.toBeInstanceOf(DatastoreUnavailableError)
  await store.close()
})

test('what cannot be opened is refused as opening it is', async () => {
  const opened = openInThread<Sample>(MAIN, 'broken', 'Sample')
  await expect(opened).rejects.toThrow(new DatastoreStartupError('it is not a database'))
})

test('a process stays until its thread is closed, and ends then', async () => {
  const program = fileURLToPath(new URL('./testing/open-and-close.ts', import.meta.url))
  const runs = Array.from({ length: 8 }, () => promisify(execFile)(process.execPath, [program]))
  for (const { stdout } of await Promise.all(runs)) expect(stdout).toBe('closed\n')
}, 30_000)
