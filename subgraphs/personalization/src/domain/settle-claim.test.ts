import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sampleInteractionEvent, sampleUuid } from '../testing/samples/interactions.ts'
import type { ClaimedEntry, ClaimedEvent } from './pack-events.ts'
import { type OpenEntry, openEntries, releaseEntries, settleEvents } from './settle-claim.ts'

const DUE_AT = 1_000
function pauseMs(attempts: number) {
  return 10 * (attempts + 1)
}

/** An entry with events of these numbers; equal numbers are equal events. */
function entry(id: string, numbers: readonly number[], attempts = 0): ClaimedEntry {
  return {
    id,
    events: numbers.map((number) => sampleInteractionEvent(sampleUuid(number))),
    attempts,
  }
}

function eventsOf({ id, events }: ClaimedEntry): ClaimedEvent[] {
  return events.map((event) => ({ entryId: id, event }))
}

type Outcome = 'accepted' | 'dead letter' | 'too early' | 'unsettled'

/** One event on its way: `rank` shuffles the events of a claim, and `isLast` ends the batch that the event is in. */
const journey = fc.record({
  number: fc.nat({ max: 3 }),
  rank: fc.nat(),
  isLast: fc.boolean(),
  outcome: fc.constantFrom<Outcome>('accepted', 'accepted', 'dead letter', 'too early'),
})

/** Entries in any packing, and after how many events the delivery is interrupted. */
const delivery = fc
  .record({
    claim: fc.array(
      fc.record({
        attempts: fc.nat({ max: 3 }),
        journeys: fc.array(journey, { minLength: 1, maxLength: 4 }),
      }),
      { maxLength: 8 },
    ),
    interruptedAfter: fc.nat({ max: 32 }),
    isOutage: fc.boolean(),
  })
  .map(({ claim, interruptedAfter, isOutage }) => {
    const entries = claim.map(({ attempts, journeys }, at) =>
      entry(
        `entry-${at}`,
        journeys.map(({ number }) => number),
        attempts,
      ),
    )
    const events = claim
      .flatMap(({ journeys }, at) =>
        journeys.map((one) => ({
          ...one,
          claimed: { entryId: `entry-${at}`, event: sampleInteractionEvent(sampleUuid(one.number)) },
        })),
      )
      .toSorted((a, b) => a.rank - b.rank)
      .map((one, at): typeof one => (at < interruptedAfter ? one : { ...one, outcome: 'unsettled' }))
    const batches: (typeof events)[] = [[]]
    for (const event of events) {
      batches.at(-1)?.push(event)
      if (event.isLast) batches.push([])
    }
    const broken = batches.findIndex((batch) => batch.some(({ outcome }) => outcome === 'unsettled'))
    return { entries, events, sent: broken === -1 ? batches : batches.slice(0, broken + 1), isOutage }
  })

function isSettled({ outcome }: { readonly outcome: Outcome }) {
  return outcome === 'accepted' || outcome === 'dead letter'
}

test('an entry is completed by the batch that settles the last of its events, and released where none does', () => {
  fc.assert(
    fc.property(delivery, ({ entries, events, sent, isOutage }) => {
      const completed: string[] = []
      let open: readonly OpenEntry[] = openEntries(entries)
      for (const [at, batch] of sent.entries()) {
        const settled = batch.filter(isSettled).map(({ claimed }) => claimed)
        const settlement = settleEvents(open, settled)
        completed.push(...settlement.completed)
        open = settlement.open
        const done = new Set(sent.slice(0, at + 1).flatMap((one) => one.filter(isSettled)))
        const expected = entries.filter(({ id }) =>
          events.filter(({ claimed }) => claimed.entryId === id).every((event) => done.has(event)),
        )
        expect(completed.toSorted()).toEqual(expected.map(({ id }) => id).toSorted())
      }

      const unsettled = sent.at(-1)?.filter(({ outcome }) => outcome === 'unsettled') ?? []
      const tried = isOutage ? unsettled.map(({ claimed }) => claimed) : []
      const releases = releaseEntries(open, { dueAt: DUE_AT, tried, pauseMs })
      const released = releases.flatMap(({ entryIds }) => entryIds)
      expect([...completed, ...released].toSorted()).toEqual(entries.map(({ id }) => id).toSorted())
      for (const { id, attempts } of entries) {
        const waitsLonger = tried.some(({ entryId }) => entryId === id)
        const due = releases.find(({ entryIds }) => entryIds.includes(id))?.dueAt
        const expected = waitsLonger ? DUE_AT + pauseMs(attempts) : DUE_AT
        expect(due).toBe(completed.includes(id) ? undefined : expected)
      }
    }),
    { numRuns: 1_000 },
  )
})

test('an entry whose events travel in two batches stays until the second is settled', () => {
  const split = entry('split', [1, 2])
  const events = eventsOf(split)
  const afterFirst = settleEvents(openEntries([split]), events.slice(0, 1))
  expect(afterFirst).toEqual({ completed: [], open: [{ id: 'split', attempts: 0, unsettled: 1 }] })
  expect(settleEvents(afterFirst.open, events.slice(1))).toEqual({ completed: ['split'], open: [] })
})

test('two entries that carry the same event each wait for their own copy', () => {
  const entries = [entry('first', [1]), entry('second', [1])]
  const { completed, open } = settleEvents(openEntries(entries), entries.flatMap(eventsOf).slice(0, 1))
  expect(completed).toEqual(['first'])
  expect(open.map(({ id }) => id)).toEqual(['second'])
})

test('an entry that carries one event twice waits for both copies', () => {
  const twice = entry('twice', [1, 1])
  const { completed, open } = settleEvents(openEntries([twice]), eventsOf(twice).slice(1))
  expect(completed).toEqual([])
  expect(settleEvents(open, eventsOf(twice).slice(1)).completed).toEqual(['twice'])
})

test('entries that are due at one time are released together', () => {
  const entries = [entry('a', [1]), entry('b', [2], 1), entry('c', [3]), entry('d', [4])]
  const tried = entries.slice(0, 3).flatMap(eventsOf)
  expect(releaseEntries(openEntries(entries), { dueAt: DUE_AT, tried, pauseMs })).toEqual([
    { entryIds: ['a', 'c'], dueAt: DUE_AT + 10 },
    { entryIds: ['b'], dueAt: DUE_AT + 20 },
    { entryIds: ['d'], dueAt: DUE_AT },
  ])
})
