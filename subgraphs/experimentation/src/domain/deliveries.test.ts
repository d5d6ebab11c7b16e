import type { HeartbeatEvent } from '@bulkhead/contracts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { HOUR, MONDAY, NOON, sampleHeartbeat } from '../testing/samples.ts'
import { createDeliveryReader, type Deliveries } from './deliveries.ts'

type Count = Partial<HeartbeatEvent['served'][number]> & { readonly at?: number }

function heartbeat(sequence: number, counts: readonly Count[], overrides: Partial<HeartbeatEvent> = {}) {
  const served = counts.map(({ at = 0, ...count }) => ({
    ...{
      experimentKey: 'mix',
      experimentVersion: 1,
      variantKey: 'a',
      surface: 'home',
      rung: 'MODEL' as const,
    },
    ...{ count: 1, hour: new Date(MONDAY + at * HOUR).toISOString() },
    ...count,
  }))
  return sampleHeartbeat({ sequence, served, ...overrides })
}

function read(events: readonly HeartbeatEvent[]): Deliveries {
  const reader = createDeliveryReader({ experimentKey: 'mix', version: 1 })
  for (const event of events) reader.add(event)
  const { served, ...rest } = reader.read()
  return {
    ...rest,
    served: served.toSorted((a, b) => a.hour - b.hour || (a.variantKey < b.variantKey ? -1 : 1)),
  }
}

test('of each hour the newest count holds, and surfaces, rungs and producers add up', () => {
  const { served } = read([
    heartbeat(1, [{ count: 3 }, { count: 2, surface: 'radio' }]),
    heartbeat(2, [{ count: 5 }, { count: 1, at: 1 }, { count: 4, rung: 'POPULAR' }]),
    heartbeat(1, [{ count: 7 }, { count: 9, variantKey: 'b' }], { producer: 'personalization-2' }),
  ])
  expect(served).toEqual([
    { variantKey: 'a', hour: MONDAY, count: 5 + 2 + 4 + 7 },
    { variantKey: 'b', hour: MONDAY, count: 9 },
    { variantKey: 'a', hour: MONDAY + HOUR, count: 1 },
  ])
})

test('other experiments, other versions and counts without an hour are left out', () => {
  const { hour: _, ...ageless } = heartbeat(1, [{}]).served[0] ?? {}
  const event = heartbeat(1, [{ experimentKey: 'other' }, { experimentVersion: 2 }])
  expect(
    read([{ ...event, served: [...event.served, ageless as HeartbeatEvent['served'][number]] }]).served,
  ).toEqual([])
})

test('losses are the newest of each producer, and all delivered is what producers say', () => {
  const found = read([
    heartbeat(1, [], { dropped: 1, uncounted: 2 }),
    heartbeat(2, [], { dropped: 3 }),
    heartbeat(1, [], {
      producer: 'p2',
      dropped: 4,
      uncounted: 5,
      deliveredThrough: new Date(NOON - 1).toISOString(),
    }),
  ])
  expect(found).toMatchObject({ dropped: 7, uncounted: 5, through: NOON - 1 })
  expect(read([])).toEqual({ through: null, served: [], uncounted: 0, dropped: 0 })
})

test('the order of reports, and repeated ones, change nothing', () => {
  const events = fc
    .array(
      fc.record({
        sequence: fc.integer({ min: 1, max: 9 }),
        at: fc.integer({ min: 0, max: 2 }),
        producer: fc.constantFrom('p', 'q'),
      }),
      { maxLength: 12 },
    )
    .map((list) =>
      // A producer's report of a sequence is one and the same.
      [...new Map(list.map((one) => [`${one.producer} ${one.sequence}`, one])).values()].map((one) =>
        heartbeat(one.sequence, [{ at: one.at, count: one.sequence }], {
          producer: one.producer,
          dropped: one.sequence,
        }),
      ),
    )
  fc.assert(
    fc.property(events, fc.infiniteStream(fc.nat()), (list, order) => {
      const shuffled = list
        .map((event) => ({ event, key: order.next().value }))
        .toSorted((a, b) => a.key - b.key)
        .map(({ event }) => event)
      const inOrder = list.toSorted((a, b) => a.sequence - b.sequence)
      expect(read([...inOrder, ...shuffled])).toEqual(read(inOrder))
    }),
  )
})
