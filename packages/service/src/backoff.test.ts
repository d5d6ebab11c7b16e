import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createBackoff, jitteredDelay } from './backoff.ts'

function clockAt(start: number) {
  let now = start
  return {
    now: () => now,
    advance(ms: number) {
      now += ms
    },
  }
}

const limits = { baseMs: 100, maxMs: 5_000 }

test('a delay lies between 0 and the base doubled with every failure, and never above the maximum', () => {
  fc.assert(
    fc.property(
      fc.nat(10_000),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (failures, next) => {
        const delay = jitteredDelay(failures, limits, { next: () => next })
        expect(delay).toBeGreaterThanOrEqual(0)
        expect(delay).toBeLessThanOrEqual(Math.min(5_000, 100 * 2 ** failures))
        expect(Number.isInteger(delay)).toBe(true)
      },
    ),
  )
})

test('each failure waits longer, and a success starts over', () => {
  const clock = clockAt(0)
  const backoff = createBackoff({ ...limits, clock, random: { next: () => 0.5 } })
  const waits = []
  for (let failure = 0; failure < 8; failure++) {
    backoff.failed(null)
    let waited = 0
    for (; backoff.isWaiting(); waited += 50) clock.advance(50)
    waits.push(waited)
  }
  expect(waits).toEqual([50, 100, 200, 400, 800, 1_600, 2_500, 2_500])
  expect(backoff.isFailing()).toBe(true)
  backoff.succeeded()
  expect(backoff.isFailing()).toBe(false)
  expect(backoff.isWaiting()).toBe(false)
})

test('the pause that the other side asks for is kept', () => {
  const clock = clockAt(0)
  const backoff = createBackoff({ ...limits, clock, random: { next: () => 0 } })
  backoff.failed(60_000)
  clock.advance(59_999)
  expect(backoff.isWaiting()).toBe(true)
  clock.advance(1)
  expect(backoff.isWaiting()).toBe(false)
})

test('a clock that is set back by an hour does not make the pause an hour longer', () => {
  const clock = clockAt(3_600_000)
  const backoff = createBackoff({ ...limits, clock, random: { next: () => 0.5 } })
  backoff.failed(1_000)
  expect(backoff.isWaiting()).toBe(true)
  clock.advance(-3_600_000)
  expect(backoff.isWaiting()).toBe(false)
  expect(backoff.isFailing()).toBe(true)
})
