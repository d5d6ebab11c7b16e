import { randomBytes } from 'node:crypto'
import { getEventListeners } from 'node:events'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { withDeadline } from './deadline.ts'

beforeEach(() => {
  // Not setImmediate: withDeadline waits for one before it gives up.
  vi.useFakeTimers({ toNotFake: ['setImmediate', 'clearImmediate'] })
})
afterEach(() => {
  vi.useRealTimers()
})

function late() {
  return new Error('too late')
}

test('work that is done in time gives its value and leaves no timer', async () => {
  await expect(withDeadline(Promise.resolve(7), 100, late)).resolves.toBe(7)
  await expect(withDeadline(() => 8, 100, late)).resolves.toBe(8)
  expect(vi.getTimerCount()).toBe(0)
})

test('work that was done in time counts, also where the event loop was too busy to see it', async () => {
  vi.useRealTimers()
  const bytes = new Promise((resolve) => randomBytes(8, (_, found) => resolve(found.length)))
  const result = withDeadline(bytes, 20, late)
  const end = performance.now() + 100
  while (performance.now() < end);
  await expect(result).resolves.toBe(8)
})

test('work that fails in time gives its failure and leaves no timer', async () => {
  const failing = withDeadline(
    () => {
      throw new Error('broken')
    },
    100,
    late,
  )
  await expect(failing).rejects.toThrow('broken')
  expect(vi.getTimerCount()).toBe(0)
})

test('the signal of work that is too late aborts', async () => {
  let seen: AbortSignal | undefined
  const result = withDeadline(
    (signal) => {
      seen = signal
      return new Promise<never>(() => undefined)
    },
    100,
    late,
  )
  const refused = expect(result).rejects.toThrow('too late')
  await vi.advanceTimersByTimeAsync(99)
  expect(seen?.aborted).toBe(false)
  await vi.advanceTimersByTimeAsync(1)
  await refused
  expect(seen?.aborted).toBe(true)
})

test('a failure after the deadline is not an unhandled rejection', async () => {
  const result = withDeadline(
    (signal) =>
      new Promise<never>((_, reject) => {
        signal.addEventListener('abort', () => reject(new Error('abandoned')))
      }),
    100,
    late,
  )
  const refused = expect(result).rejects.toThrow('too late')
  await vi.advanceTimersByTimeAsync(100)
  await refused
})

test('where time is up, the result can be another value, also a promised one', async () => {
  const never = new Promise<string>(() => undefined)
  const value = withDeadline(never, 100, () => 'from memory')
  const promised = withDeadline(never, 100, async () => 'from elsewhere')
  const failing = withDeadline(never, 100, () => Promise.reject(new Error('nowhere')))
  const refused = expect(failing).rejects.toThrow('nowhere')
  await vi.advanceTimersByTimeAsync(100)
  expect([await value, await promised]).toEqual(['from memory', 'from elsewhere'])
  await refused
})

test('the signal aborts too where another value is the result', async () => {
  let seen: AbortSignal | undefined
  const result = withDeadline(
    (signal) => {
      seen = signal
      return new Promise<number>(() => undefined)
    },
    100,
    () => 0,
  )
  await vi.advanceTimersByTimeAsync(100)
  expect(await result).toBe(0)
  expect(seen?.aborted).toBe(true)
})

test('a signal from outside ends the wait at once, aborts the work, and leaves no timer and no listener', async () => {
  const outer = new AbortController()
  let seen: AbortSignal | undefined
  const result = withDeadline(
    (signal) => {
      seen = signal
      return new Promise<never>(() => undefined)
    },
    100,
    late,
    outer.signal,
  )
  expect(getEventListeners(outer.signal, 'abort')).toHaveLength(1)
  const stopped = expect(result).rejects.toThrow('stopping')
  outer.abort(new Error('stopping'))
  await stopped
  expect(seen?.aborted).toBe(true)
  expect(vi.getTimerCount()).toBe(0)
  expect(getEventListeners(outer.signal, 'abort')).toHaveLength(0)
})

test('work is not begun where the signal from outside has aborted before', async () => {
  const work = vi.fn(() => 7)
  const result = withDeadline(work, 100, late, AbortSignal.abort(new Error('stopped')))
  await expect(result).rejects.toThrow('stopped')
  expect(work).not.toHaveBeenCalled()
})

test('a wait that ends in time takes its listener off the signal from outside', async () => {
  const { signal } = new AbortController()
  expect(await withDeadline(() => 7, 100, late, signal)).toBe(7)
  expect(getEventListeners(signal, 'abort')).toHaveLength(0)
})

test('a promised fallback wins over work that rejects when it is aborted', async () => {
  const work = (signal: AbortSignal) =>
    new Promise<string>((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))))
  const fallback = () => new Promise<string>((resolve) => setTimeout(resolve, 10, 'fallback'))
  const result = withDeadline(work, 5, fallback)
  await vi.advanceTimersByTimeAsync(20)
  expect(await result).toBe('fallback')
})
