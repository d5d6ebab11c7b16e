import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { callThread, type ThreadCalls, ThreadEndedError } from './call-thread.ts'
import { SampleError } from './testing/sample-error.ts'
import type { Sample } from './testing/sample-main.ts'

const MAIN = new URL('./testing/sample-main.ts', import.meta.url)

let thread: ThreadCalls<Sample>

beforeEach(() => {
  thread = callThread<Sample>({ main: MAIN, errors: { SampleError } })
})
afterEach(() => thread.close())

test('plain data comes back as it was, and calls begin in their order', async () => {
  const value = { text: 'ä', none: null, list: [1, -0.5], map: new Map([['a', 1]]), at: 2n }
  const echoed = thread.call('echo', value)
  const slow = thread.call('slow', 5)
  expect(await thread.call('called')).toEqual(['echo', 'slow'])
  expect(await echoed).toEqual(value)
  expect(await slow).toBe('done')
})

test('it says which methods there are', async () => {
  expect(await thread.methodNames()).toEqual(expect.arrayContaining(['echo', 'slow', 'close']))
})

test('an error that is known keeps its class, and each tells where it was thrown', async () => {
  await expect(thread.call('fail', 'known')).rejects.toThrow(new SampleError('move it away'))
  await expect(thread.call('fail', 'known')).rejects.toBeInstanceOf(SampleError)
  const bug = await thread.call('fail', 'unknown').catch((error: unknown) => error)
  expect(bug).toMatchObject({ message: 'a bug', cause: expect.stringContaining('sample-main.ts') })
})

test('what cannot be cloned is refused, and nothing waits for it', async () => {
  await expect(thread.call('echo', () => undefined)).rejects.toThrow(/could not be cloned/)
  expect(await thread.call('echo', 1)).toBe(1)
})

test('a result that cannot be cloned fails its call, and nothing else', async () => {
  await expect(thread.call('noData')).rejects.toThrow(/could not be cloned/)
  expect(await thread.call('echo', 1)).toBe(1)
})

test('bytes are handed over instead of copied, and so is what is marked', async () => {
  const bytes = await thread.call('bytes', 1_000_000)
  expect([bytes.length, bytes[0], bytes.at(-1)]).toEqual([1_000_000, 7, 7])
  expect(await thread.call('lengthOfLast')).toBe(0)
  const halves = await thread.call('halves', 1_000_000)
  expect(halves.map((half) => [half.length, half[0], half.at(-1)])).toEqual([
    [500_000, 7, 7],
    [500_000, 7, 7],
  ])
  expect(await thread.call('lengthOfLast')).toBe(0)
})

test('an argument is handed over where that is asked for, and a part of a buffer is copied', async () => {
  const whole = new Uint8Array(1_000).fill(7)
  expect(await thread.callHandingOver([whole], 'echo', whole)).toHaveLength(1_000)
  expect(whole).toHaveLength(0)
  const part = new Uint8Array(1_000).subarray(10)
  expect(await thread.callHandingOver([part], 'echo', part)).toHaveLength(990)
  expect(part).toHaveLength(990)
})

test('a thread that dies fails what waits for it, and the next call starts it again', async () => {
  const waiting = thread.call('slow', 60_000)
  const crashed = thread.call('crash')
  await expect(crashed).rejects.toBeInstanceOf(ThreadEndedError)
  await expect(waiting).rejects.toThrow('its thread has ended')
  expect(await thread.call('called')).toEqual([])
})

test('a thread in an endless loop is killed, and the next call starts it again', async () => {
  const spinning = thread.call('spin')
  const waiting = thread.call('echo', 1)
  await Promise.all([
    expect(spinning).rejects.toBeInstanceOf(ThreadEndedError),
    expect(waiting).rejects.toThrow('its thread has ended'),
    thread.kill(),
  ])
  expect(await thread.call('called')).toEqual([])
  await thread.kill()
  await thread.kill()
})

test('a thread that needs more memory than it may ends, and the process goes on', async () => {
  const small = callThread<Sample>({ main: MAIN, resourceLimits: { maxOldGenerationSizeMb: 32 } })
  const hoarding = await small.call('hoard').catch((error: unknown) => error)
  expect(hoarding).toBeInstanceOf(ThreadEndedError)
  expect(hoarding).toMatchObject({ cause: { code: 'ERR_WORKER_OUT_OF_MEMORY' } })
  expect(await small.call('echo', 1)).toBe(1)
  await small.close()
})

test('a close waits for the calls before it, and refuses those after it', async () => {
  const slow = thread.call('slow', 50)
  await thread.close()
  expect(await Promise.race([slow, 'still waiting'])).toBe('done')
  await expect(thread.call('echo', 1)).rejects.toBeInstanceOf(ThreadEndedError)
  await thread.close()
})

test('everybody who closes waits for the end', async () => {
  await thread.call('slow', 1)
  const order: string[] = []
  await Promise.all([
    thread.call('slow', 50).then(() => order.push('done')),
    thread.close().then(() => order.push('closed')),
    thread.close().then(() => order.push('closed')),
  ])
  expect(order).toEqual(['done', 'closed', 'closed'])
})

test('a close that fails says why, and one that kills the thread has closed it', async () => {
  const options = { main: MAIN, errors: { SampleError } }
  const failing = callThread<Sample>({ ...options, data: 'fails to close' })
  await failing.call('echo', 1)
  await expect(failing.close()).rejects.toThrow(new SampleError('it cannot be closed'))
  // Also where this thread is busy, so that the answer and the end of the other one arrive at once.
  const late = callThread<Sample>({ ...options, data: 'fails to close' })
  await late.call('echo', 1)
  const closed = late.close()
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500)
  await expect(closed).rejects.toThrow(new SampleError('it cannot be closed'))
  const dying = callThread<Sample>({ ...options, data: 'dies while it closes' })
  await dying.call('echo', 1)
  await dying.close()
})

test('an object that cannot be made fails the call, with the error that its owner asks for', async () => {
  const broken = callThread<Sample>({
    main: MAIN,
    data: 'broken',
    errors: { SampleError },
    ended: (why) => new RangeError(why),
  })
  await expect(broken.call('echo', 1)).rejects.toThrow(new SampleError('it cannot be opened'))
  await broken.close()
  await expect(broken.call('echo', 1)).rejects.toThrow(new RangeError('it is closed'))
})

test('a process stays until its thread is closed, and ends then', async () => {
  const program = fileURLToPath(new URL('./testing/open-and-close.ts', import.meta.url))
  const runs = Array.from({ length: 8 }, () => promisify(execFile)(process.execPath, [program]))
  for (const { stdout } of await Promise.all(runs)) expect(stdout).toBe('closed\n')
}, 30_000)
