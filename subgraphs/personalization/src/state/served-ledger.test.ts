import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sampleExposure } from '../testing/samples/slates.ts'
import { NOON } from '../testing/samples/time.ts'
import { createServedLedger, type ServedLedger } from './served-ledger.ts'

const HOUR = 3_600_000

/** Writes a slate of this instant. */
function serve(ledger: ServedLedger, instant: number) {
  const write = ledger.begin(instant)
  write.served([sampleExposure('exposure-1', at(instant))])
  write.end()
}

function at(instant: number) {
  return { occurredAt: new Date(instant).toISOString() }
}

test('what was served is counted by experiment, version, variant, surface, rung and hour', () => {
  const ledger = createServedLedger()
  ledger
    .begin(1)
    .served([sampleExposure('exposure-1'), sampleExposure('exposure-1', { variantKey: 'control' })])
  ledger.begin(2).served([sampleExposure('exposure-1')])
  ledger.begin(3).served([sampleExposure('exposure-1', at(NOON + HOUR - 1))])
  ledger.begin(4).served([sampleExposure('exposure-1', at(NOON + HOUR))])
  const [noon, one] = [NOON, NOON + HOUR].map((hour) => new Date(hour).toISOString())
  expect(ledger.report(0).served).toEqual([
    expect.objectContaining({
      variantKey: 'treatment',
      surface: 'home',
      rung: 'MODEL',
      count: 3,
      hour: noon,
    }),
    expect.objectContaining({ variantKey: 'control', count: 1, hour: noon }),
    expect.objectContaining({ variantKey: 'treatment', count: 1, hour: one }),
  ])
})

test('forced exposures are not counted', () => {
  const ledger = createServedLedger()
  ledger.begin(1).served([sampleExposure('exposure-1', { forced: true })])
  expect(ledger.report(0).served).toEqual([])
})

test('past the limit of distinct counts the known ones go on, and the rest is counted as uncounted', () => {
  const ledger = createServedLedger({ maxCounts: 1 })
  ledger
    .begin(1)
    .served([
      sampleExposure('exposure-1'),
      sampleExposure('exposure-1', { experimentKey: 'other' }),
      sampleExposure('exposure-1'),
    ])
  expect(ledger.report(0).served).toEqual([expect.objectContaining({ experimentKey: 'ranking', count: 2 })])
  expect(ledger.uncounted()).toBe(1)
})

test('the counts that were handed out do not change any more', () => {
  const ledger = createServedLedger()
  ledger.begin(1).served([sampleExposure('exposure-1')])
  const before = ledger.report(0).served
  ledger.begin(1).served([sampleExposure('exposure-1')])
  expect(before[0]?.count).toBe(1)
})

test('drops add up', () => {
  const ledger = createServedLedger()
  ledger.drop(2)
  ledger.drop(1)
  expect(ledger.report(0).dropped).toBe(3)
})

test('the oldest write in flight is the earliest that has begun and not ended, whatever the order', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 100 }), fc.boolean())), (writes) => {
      const ledger = createServedLedger()
      const begun = writes.map(([since, ends]) => ({ since, ends, inFlight: ledger.begin(since) }))
      for (const { ends, inFlight } of begun) if (ends) inFlight.end()
      const open = begun.filter(({ ends }) => !ends).map(({ since }) => since)
      expect(ledger.oldestInFlight()).toBe(open.length === 0 ? null : Math.min(...open))
    }),
  )
})

test('an hour is told until a report from after its end was acknowledged', () => {
  const ledger = createServedLedger()
  serve(ledger, NOON)
  const during = ledger.report(NOON + 1)
  ledger.acknowledge(during)
  expect(ledger.report(NOON + 2).served).toHaveLength(1)
  const after = ledger.report(NOON + HOUR)
  expect(after.served).toHaveLength(1)
  ledger.acknowledge(after)
  expect(ledger.report(NOON + HOUR).served).toEqual([])
})

test('an hour stays open while a write that began in it is in flight', () => {
  const ledger = createServedLedger()
  const late = ledger.begin(NOON + HOUR - 1)
  serve(ledger, NOON)
  ledger.acknowledge(ledger.report(NOON + HOUR))
  late.served([sampleExposure('exposure-1', at(NOON + HOUR - 1))])
  late.end()
  expect(ledger.report(NOON + HOUR).served).toMatchObject([{ count: 2 }])
})

test('nothing is lost or told twice, whichever heartbeats arrive and wherever the clock jumps', () => {
  const step = fc.oneof(
    fc.record({ type: fc.constant('serve' as const), hours: fc.integer({ min: -2, max: 3 }) }),
    fc.record({ type: fc.constant('heartbeat' as const), arrives: fc.boolean(), acknowledged: fc.boolean() }),
  )
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const ledger = createServedLedger()
      /** What the receiver knows: of each hour, what the newest heartbeat said. */
      const told = new Map<string, number>()
      let now = NOON
      let served = 0
      function send(arrives: boolean, acknowledged: boolean) {
        const report = ledger.report(now)
        if (arrives) for (const { hour = '', count } of report.served) told.set(hour, count)
        if (arrives && acknowledged) ledger.acknowledge(report)
      }
      for (const one of steps) {
        if (one.type === 'heartbeat') {
          send(one.arrives, one.acknowledged)
          continue
        }
        now += one.hours * HOUR
        served += 1
        serve(ledger, now)
      }
      send(true, true)
      expect([...told.values()].reduce((sum, count) => sum + count, 0)).toBe(served)
    }),
  )
})
