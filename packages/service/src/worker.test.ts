import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { captureLog } from './testing/captured-log.ts'
import { createPeriodicWorker, type PeriodicWorkerOptions } from './worker.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

function worker(options: Partial<PeriodicWorkerOptions> & Pick<PeriodicWorkerOptions, 'run'>) {
  const { log, lines } = captureLog()
  const made = createPeriodicWorker({
    name: 'relay',
    intervalMs: 1_000,
    jitter: 0,
    random: { next: () => 0.5 },
    log,
    ...options,
  })
  return { worker: made, lines }
}

test('the first run comes at once, the next after the interval', async () => {
  const run = vi.fn(async () => undefined)
  const { worker: relay } = worker({ run })
  expect(run).not.toHaveBeenCalled()
  relay.start()
  await vi.advanceTimersByTimeAsync(0)
  expect(run).toHaveBeenCalledTimes(1)
  await vi.advanceTimersByTimeAsync(999)
  expect(run).toHaveBeenCalledTimes(1)
  await vi.advanceTimersByTimeAsync(1)
  expect(run).toHaveBeenCalledTimes(2)
  await relay.stop()
})

test.each([
  [0, 500],
  [0.5, 1_000],
  [0.999_999, 1_500],
])('with jitter .5 and a random number of %s, the pause is about %s ms', async (random, expected) => {
  const run = vi.fn(async () => undefined)
  const { worker: relay } = worker({ run, jitter: 0.5, random: { next: () => random } })
  relay.start()
  await vi.advanceTimersByTimeAsync(0)
  await vi.advanceTimersByTimeAsync(expected - 2)
  expect(run).toHaveBeenCalledTimes(1)
  await vi.advanceTimersByTimeAsync(4)
  expect(run).toHaveBeenCalledTimes(2)
  await relay.stop()
})

test('runs never overlap, however long one takes or however often it is woken', async () => {
  let running = 0
  let most = 0
  const run = vi.fn(async () => {
    running += 1
    most = Math.max(most, running)
    await new Promise((resolve) => setTimeout(resolve, 5_000))
    running -= 1
  })
  const { worker: relay } = worker({ run })
  relay.start()
  for (let step = 0; step < 40; step++) {
    void relay.wake()
    await vi.advanceTimersByTimeAsync(700)
  }
  expect(run.mock.calls.length).toBeGreaterThan(3)
  expect(most).toBe(1)
  const stopped = relay.stop()
  await vi.advanceTimersByTimeAsync(5_000)
  await stopped
})

test('a wake-up during a run is followed by another run, and resolves after it', async () => {
  const finish: (() => void)[] = []
  const run = vi.fn(() => new Promise<void>((resolve) => void finish.push(resolve)))
  const { worker: relay } = worker({ run })
  relay.start()
  await vi.advanceTimersByTimeAsync(0)
  let woken = false
  void relay.wake().then(() => {
    woken = true
  })
  finish[0]?.()
  await vi.advanceTimersByTimeAsync(0)
  expect(run).toHaveBeenCalledTimes(2)
  expect(woken).toBe(false)
  finish[1]?.()
  await vi.advanceTimersByTimeAsync(0)
  expect(woken).toBe(true)
  await relay.stop()
})

test('an outage of many runs is one line when it begins and one when it ends', async () => {
  const run = vi
    .fn(async () => undefined)
    .mockRejectedValueOnce(new Error('ingest is away'))
    .mockRejectedValueOnce(new Error('ingest is still away'))
  const { worker: relay, lines } = worker({ run })
  relay.start()
  await vi.advanceTimersByTimeAsync(3_000)
  expect(run).toHaveBeenCalledTimes(4)
  expect(lines).toEqual([
    expect.objectContaining({ level: 'warn', worker: 'relay' }),
    expect.objectContaining({ level: 'info', worker: 'relay' }),
  ])
  await relay.stop()
})

test('stop aborts the signal, waits for the run under way and lets nothing follow', async () => {
  let ended = false
  const run = vi.fn(async (signal: AbortSignal) => {
    await new Promise((resolve) => signal.addEventListener('abort', resolve))
    await new Promise((resolve) => setTimeout(resolve, 100))
    ended = true
  })
  const { worker: relay } = worker({ run })
  relay.start()
  await vi.advanceTimersByTimeAsync(0)
  const woken = relay.wake()
  const stopped = relay.stop()
  await vi.advanceTimersByTimeAsync(100)
  await Promise.all([stopped, woken])
  expect(ended).toBe(true)
  await vi.advanceTimersByTimeAsync(10_000)
  expect(run).toHaveBeenCalledTimes(1)
  relay.start()
  await relay.wake()
  expect(run).toHaveBeenCalledTimes(1)
})

test('a worker that never started stops at once', async () => {
  const run = vi.fn(async () => undefined)
  const { worker: relay } = worker({ run })
  await relay.stop()
  expect(run).not.toHaveBeenCalled()
})
