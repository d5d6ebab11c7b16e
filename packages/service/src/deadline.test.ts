import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { withDeadline } from './deadline.ts'

beforeEach(() => {
  vi.useFakeTimers()
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

test('work that is too late is told so by its signal', async () => {
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

test('a failure after the deadline is nobody’s unhandled rejection', async () => {
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
