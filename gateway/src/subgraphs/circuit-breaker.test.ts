import { captureLog } from '@bulkhead/service/testing/captured-log'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createCircuitBreakers } from './circuit-breaker.ts'
import {
  CANCELLED,
  CIRCUIT_OPEN,
  CIRCUIT_OPEN_AFTER_DEADLINES,
  MISSED_DEADLINE,
  type SubgraphOutcome,
  TOO_MANY,
} from './subgraph-outcome.ts'

const ANSWERED: SubgraphOutcome = { type: 'answered', response: { data: {} } }
const DOWN: SubgraphOutcome = { type: 'unavailable', detail: 'ECONNREFUSED' }
const INVALID: SubgraphOutcome = { type: 'invalid', detail: 'HTML' }
const DEADLINE_MS = 150

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }))
afterEach(() => void vi.useRealTimers())

/** Failures are counted a few promises after their fetches have ended. */
function counted(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

function breakers() {
  const { log, lines } = captureLog()
  const { of, states } = createCircuitBreakers({ log, clock: { now: () => Date.now() } })
  const attempts: boolean[] = []
  function attempt(outcome: SubgraphOutcome | Promise<SubgraphOutcome>, deadlineMs = DEADLINE_MS) {
    return of(deadlineMs).guard(async (probe) => {
      attempts.push(probe)
      return outcome
    })
  }
  async function attemptMany(count: number, outcome: SubgraphOutcome) {
    for (let index = 0; index < count; index += 1) await attempt(outcome)
    await counted()
  }
  return { attempt, attemptMany, attempts, lines, states: () => Object.fromEntries(states()) }
}

test.each([
  ['unavailable', DOWN, CIRCUIT_OPEN],
  ['too slow', MISSED_DEADLINE, CIRCUIT_OPEN_AFTER_DEADLINES],
])(
  'a subgraph that is %s opens the circuit, and then fetches fail in the same way without an attempt',
  async (_name, outcome, refusal) => {
    const { attempt, attemptMany, attempts, states } = breakers()
    await attemptMany(20, outcome)
    expect(states()).toEqual({ '128 to 255 ms': 'open' })
    expect(await attempt(ANSWERED)).toBe(refusal)
    expect(attempts).toHaveLength(20)
  },
)

test.each([
  ['fewer than twenty failures', 19, DOWN],
  ['answers that cannot be read', 100, INVALID],
  ['clients that leave', 100, CANCELLED],
  ['the gateway’s own limit', 100, TOO_MANY],
])('%s do not open it', async (_name, count, outcome) => {
  const { attemptMany, states } = breakers()
  await attemptMany(count, outcome)
  expect(states()).toEqual({ '128 to 255 ms': 'closed' })
})

test('as long as half of the fetches succeed, it stays closed', async () => {
  const { attempt, states } = breakers()
  for (let index = 0; index < 100; index += 1) {
    await attempt(ANSWERED)
    await attempt(DOWN)
  }
  await counted()
  expect(states()).toEqual({ '128 to 255 ms': 'closed' })
})

test('failures from before the last seconds of traffic do not count', async () => {
  const { attempt, attemptMany, states } = breakers()
  await attemptMany(13, DOWN)
  for (let second = 0; second < 6; second += 1) {
    vi.advanceTimersByTime(1_000)
    await attempt(ANSWERED)
  }
  await attemptMany(13, DOWN)
  expect(states()).toEqual({ '128 to 255 ms': 'closed' })
})

test('clients that leave do not hide an outage', async () => {
  const { attempt, states } = breakers()
  for (let index = 0; index < 20; index += 1) {
    await attempt(DOWN)
    for (let left = 0; left < 5; left += 1) await attempt(CANCELLED)
  }
  await counted()
  expect(states()).toEqual({ '128 to 255 ms': 'open' })
})

test('after a second one fetch is the probe, and the others are refused until it ends', async () => {
  const { attempt, attemptMany, attempts, states } = breakers()
  await attemptMany(20, DOWN)
  vi.advanceTimersByTime(999)
  expect(await attempt(ANSWERED)).toBe(CIRCUIT_OPEN)
  vi.advanceTimersByTime(1)
  const ended = Promise.withResolvers<SubgraphOutcome>()
  const probe = attempt(ended.promise)
  expect(states()).toEqual({ '128 to 255 ms': 'half-open' })
  expect(await attempt(ANSWERED)).toBe(CIRCUIT_OPEN)
  ended.resolve(ANSWERED)
  expect(await probe).toBe(ANSWERED)
  expect(states()).toEqual({ '128 to 255 ms': 'closed' })
  expect(await attempt(ANSWERED)).toBe(ANSWERED)
  expect(attempts.slice(20)).toEqual([true, false])
})

test('a probe that fails opens it for another second', async () => {
  const { attempt, attemptMany } = breakers()
  await attemptMany(20, DOWN)
  vi.advanceTimersByTime(1_000)
  expect(await attempt(MISSED_DEADLINE)).toBe(MISSED_DEADLINE)
  vi.advanceTimersByTime(999)
  expect(await attempt(ANSWERED)).toBe(CIRCUIT_OPEN_AFTER_DEADLINES)
  vi.advanceTimersByTime(1)
  expect(await attempt(ANSWERED)).toBe(ANSWERED)
})

test('what began before it opened does not decide about it afterwards', async () => {
  const { attempt, attemptMany, states } = breakers()
  const late = Array.from({ length: 5 }, () => Promise.withResolvers<SubgraphOutcome>())
  const fetches = late.map(({ promise }) => attempt(promise))
  await attemptMany(20, DOWN)
  vi.advanceTimersByTime(1_000)
  for (const { resolve } of late) resolve(DOWN)
  await Promise.all(fetches)
  await counted()
  expect(await attempt(ANSWERED)).toBe(ANSWERED)
  expect(states()).toEqual({ '128 to 255 ms': 'closed' })
})

test('a subgraph that is too slow for short deadlines is still asked with long ones', async () => {
  const { attempt, attemptMany, states } = breakers()
  await attemptMany(20, MISSED_DEADLINE)
  expect(await attempt(ANSWERED, 10_000)).toBe(ANSWERED)
  expect(states()).toEqual({ '128 to 255 ms': 'open', '8192 to 16383 ms': 'closed' })
})

test('opening and closing write one line each', async () => {
  const { attempt, attemptMany, lines } = breakers()
  await attemptMany(25, DOWN)
  vi.advanceTimersByTime(1_000)
  await attempt(DOWN)
  vi.advanceTimersByTime(1_000)
  await attempt(ANSWERED)
  expect(lines).toMatchObject([
    {
      level: 'warn',
      deadlines: '128 to 255 ms',
      msg: 'most subgraph fetches failing; the circuit breaker is open, fetches are refused until a probe succeeds',
    },
    { level: 'info', deadlines: '128 to 255 ms', msg: 'most subgraph fetches working again' },
  ])
})
