import type { GoodbyeEvent, HeartbeatEvent } from '@bulkhead/contracts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { NOON, sampleHeartbeat } from '../testing/samples.ts'
import { ABANDONED_MS, allDeliveredThrough, type Producers, SILENCE_MS, withReport } from './producers.ts'

type Report = HeartbeatEvent | GoodbyeEvent

/** What a producer says at an instant. */
function says(
  producer: string,
  at: number,
  through: number,
  options: { readonly goodbye?: true; readonly sequence?: number; readonly outbox?: string | null } = {},
): Report {
  const { outbox = 'outbox', sequence = at } = options
  const heartbeat = sampleHeartbeat({
    producer,
    sequence,
    deliveredThrough: new Date(through).toISOString(),
    occurredAt: new Date(at).toISOString(),
    ...(outbox === null ? {} : { outbox }),
  })
  return options.goodbye ? { ...heartbeat, kind: 'goodbye' } : heartbeat
}

function after(...reports: readonly Report[]): number | null {
  const none: Producers = new Map()
  return allDeliveredThrough(reports.reduce(withReport, none))
}

test('before the first report nothing is known', () => {
  expect(after()).toBeNull()
})

test('the producer that is furthest behind bounds all', () => {
  expect(after(says('a', NOON, NOON - 1), says('b', NOON, NOON - 500))).toBe(NOON - 500)
})

test('the newest report of a producer holds, in whatever order they arrive', () => {
  const reports = [says('a', NOON, NOON - 9), says('a', NOON + 10, NOON + 9), says('b', NOON + 10, NOON + 9)]
  fc.assert(
    fc.property(fc.shuffledSubarray([...reports, ...reports], { minLength: 6, maxLength: 6 }), (shuffled) => {
      expect(after(...shuffled)).toBe(NOON + 9)
    }),
  )
})

test('a producer that has delivered everything up to its goodbye bounds nothing any more', () => {
  const goodbye = says('a', NOON, NOON - 1, { goodbye: true })
  expect(after(goodbye)).toBe(NOON)
  expect(after(goodbye, says('b', NOON + 60_000, NOON + 59_999))).toBe(NOON + 59_999)
})

test('what a producer left in the outbox at its goodbye bounds, until a replica has delivered it', () => {
  const goodbye = says('a', NOON, NOON - 5_000, { goodbye: true })
  expect(after(goodbye, says('b', NOON - 1, NOON - 2))).toBe(NOON - 5_000)
  expect(after(goodbye, says('b', NOON + 1, NOON - 3_000))).toBe(NOON - 3_000)
  expect(after(goodbye, says('b', NOON + 1, NOON))).toBe(NOON)
})

test('a silent producer bounds, until a replica has gone on for longer than it may be silent', () => {
  const last = says('a', NOON, NOON - 1)
  const almost = NOON + SILENCE_MS - 1
  expect(after(last, says('b', almost, almost - 1))).toBe(NOON - 1)
  expect(after(last, says('b', almost + 1, almost))).toBe(almost)
})

test('a process of another outbox, or of none, cannot speak for a silent one', () => {
  const later = NOON + 2 * SILENCE_MS
  const last = says('a', NOON, NOON - 1)
  expect(after(last, says('b', later, later - 1, { outbox: 'elsewhere' }))).toBe(NOON - 1)
  expect(after(last, says('b', later, later - 1, { outbox: null }))).toBe(NOON - 1)
  const alone = says('c', NOON, NOON - 1, { outbox: null })
  expect(after(alone, says('b', later, later - 1, { outbox: null }))).toBe(NOON - 1)
})

test('a producer for whom nobody can speak is given up after days of silence', () => {
  const alone = says('shop', NOON, NOON - 1, { outbox: null })
  const later = NOON + ABANDONED_MS
  expect(after(alone, says('b', later - 1, later - 2))).toBe(NOON - 1)
  expect(after(alone, says('b', later, later - 1))).toBe(later - 1)
})

test('producers that are gone for long do not add up', () => {
  let producers: Producers = new Map()
  for (let restart = 0; restart < 100; restart++) {
    const at = NOON + (restart * ABANDONED_MS) / 10
    producers = withReport(producers, says(`p${restart}`, at, at - 1))
  }
  expect(producers.size).toBe(10)
})

test('one that comes back after a silence speaks for itself again', () => {
  const later = NOON + 2 * SILENCE_MS
  const reports = [says('a', NOON, NOON - 1), says('b', later, later - 1)]
  expect(after(...reports)).toBe(later - 1)
  expect(after(...reports, says('a', later + 1, NOON + 7))).toBe(NOON + 7)
})

test('deaths and restarts at any time never let it pass an event that is not delivered', () => {
  const step = fc.record({
    process: fc.nat({ max: 2 }),
    does: fc.constantFrom('serve', 'serve', 'deliver', 'heartbeat', 'goodbye', 'die'),
    takesMs: fc.integer({ min: 1, max: SILENCE_MS / 3 }),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      let now = NOON
      let producers: Producers = new Map()
      /** Instants of the events that are in the shared outbox. */
      let outbox: number[] = []
      const lives = [0, 0, 0]
      for (const { process, does, takesMs } of steps) {
        now += takesMs
        const name = `p${process}-${lives[process]}`
        if (does === 'serve') outbox.push(now)
        if (does === 'deliver') outbox = outbox.slice(1)
        if (does === 'die') lives[process] = (lives[process] ?? 0) + 1
        if (does === 'heartbeat' || does === 'goodbye') {
          const through = Math.min(now, ...outbox) - 1
          producers = withReport(
            producers,
            says(name, now, through, does === 'goodbye' ? { goodbye: true } : {}),
          )
          if (does === 'goodbye') lives[process] = (lives[process] ?? 0) + 1
        }
        const reached = allDeliveredThrough(producers)
        // A process that has never reported is unknown: what it serves shows in the outbox of those that have.
        const known = outbox.filter((instant) => instant <= newestReport(producers))
        if (reached !== null && known.length > 0) expect(reached).toBeLessThan(Math.min(...known))
      }
    }),
    { numRuns: 2_000 },
  )
})

function newestReport(producers: Producers): number {
  return Math.max(...[...producers.values()].map(({ at }) => at))
}
