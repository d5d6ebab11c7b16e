import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sampleInteractionEvent, sampleUuid } from '../testing/samples/interactions.ts'
import { type ClaimedEntry, packEvents } from './pack-events.ts'

function entry(from: number, events: number, attempts = 0): ClaimedEntry {
  return {
    id: `entry-${from}`,
    events: Array.from({ length: events }, (_, at) => sampleInteractionEvent(sampleUuid(from + at))),
    attempts,
  }
}

const arbitraryEntries = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 0, max: 12 })), { maxLength: 30 })
  .map((shapes) => shapes.map(([events, attempts], at) => entry(at * 100, events, attempts)))

test('packing keeps every event, once and in order, within both limits', () => {
  fc.assert(
    fc.property(
      arbitraryEntries,
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 300, max: 4_000 }),
      (entries, maxEvents, maxBytes) => {
        const batches = packEvents(entries, { maxEvents, maxBytes })
        expect(batches.flat()).toEqual(
          entries.flatMap(({ id, events }) => events.map((event) => ({ entryId: id, event }))),
        )
        for (const batch of batches) {
          expect(batch.length).toBeGreaterThan(0)
          expect(batch.length).toBeLessThanOrEqual(maxEvents)
          const json = JSON.stringify(batch.map(({ event }) => event))
          expect(Buffer.byteLength(json) - 1).toBeLessThanOrEqual(maxBytes)
        }
      },
    ),
  )
})

test('an event that is larger than a batch travels alone', () => {
  const large = {
    ...entry(2, 0),
    events: [sampleInteractionEvent(sampleUuid(2), { itemId: 'x'.repeat(200) })],
  }
  const batches = packEvents([entry(1, 1), large, entry(3, 1)], { maxEvents: 10, maxBytes: 300 })
  expect(batches.map((batch) => batch.length)).toEqual([1, 1, 1])
})

test('the more often an entry has failed, the smaller the batch that it travels in', () => {
  const sizes = (attempts: number) =>
    packEvents(
      Array.from({ length: 16 }, (_, at) => entry(at, 1, attempts)),
      { maxEvents: 16, maxBytes: 1e6 },
    ).map((batch) => batch.length)
  expect(sizes(0)).toEqual([16])
  expect(sizes(1)).toEqual([8, 8])
  expect(sizes(3)).toEqual(Array(8).fill(2))
  expect(sizes(60)).toEqual(Array(16).fill(1))
})

test('an entry that has failed does not travel in a large batch of fresh ones', () => {
  const entries = [entry(0, 3), entry(10, 1, 4), entry(20, 3)]
  const batches = packEvents(entries, { maxEvents: 16, maxBytes: 1e6 })
  expect(batches.map((batch) => batch.length)).toEqual([3, 1, 3])
})
