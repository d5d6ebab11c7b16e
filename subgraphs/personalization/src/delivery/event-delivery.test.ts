import type { IngestEvent } from '@bulkhead/contracts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { modelStageEvents } from '../domain/model-stage-events.ts'
import type { ClaimedEvent } from '../domain/pack-events.ts'
import { sampleInteractionEvent, sampleUuid } from '../testing/samples/interactions.ts'
import { sampleModelVersion } from '../testing/samples/models.ts'
import { NOON } from '../testing/samples/time.ts'
import { createTestClock } from '../testing/test-clock.ts'
import { deliverEvents } from './event-delivery.ts'
import type { DeliveryAnswer } from './experimentation-client.ts'

const OUTAGE: DeliveryAnswer = { type: 'unavailable', reason: 'HTTP_503', retryAfterMs: 7_000 }
const REFUSED: DeliveryAnswer = { type: 'refused', code: 'MALFORMED_BATCH', message: 'no' }
const RECEIVED: DeliveryAnswer = { type: 'received', rejected: [] }

function claimed(number: number): ClaimedEvent {
  return {
    entryId: `entry-${number}`,
    event: sampleInteractionEvent(sampleUuid(number)),
  }
}

function batchOf(size: number) {
  return Array.from({ length: size }, (_, at) => claimed(at))
}

function rejection(index: number, code: string, message = 'no') {
  return { index, eventId: null, code, message }
}

/** Delivers a batch to a receiver that answers as told. */
async function deliver(
  batch: readonly ClaimedEvent[],
  options: {
    readonly answer: (events: readonly IngestEvent[], request: number) => DeliveryAnswer
    readonly hasTime?: (requests: number) => boolean
    readonly signal?: AbortSignal
  },
) {
  const requests: (readonly IngestEvent[])[] = []
  const outcome = await deliverEvents(batch, {
    producer: 'producer-1',
    client: {
      async sendEvents({ events }) {
        requests.push(events)
        return options.answer(events, requests.length - 1)
      },
    },
    clock: createTestClock(),
    signal: options.signal ?? new AbortController().signal,
    hasTime: () => options.hasTime?.(requests.length) ?? true,
  })
  return { ...outcome, requests }
}

test('whatever is answered, each event is settled, postponed or unsettled, and only refused ones are dead letters', async () => {
  const rejected = fc.uniqueArray(
    fc.record({
      index: fc.nat({ max: 11 }),
      later: fc.constantFrom('EVENT_FROM_FUTURE', 'UNKNOWN_KIND', null),
    }),
    {
      selector: ({ index }) => index,
    },
  )
  const answers = fc.array(
    fc.oneof(
      { weight: 4, arbitrary: rejected },
      { weight: 4, arbitrary: fc.constant('refused' as const) },
      { weight: 1, arbitrary: fc.constant('outage' as const) },
    ),
    { minLength: 1, maxLength: 12 },
  )
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 12 }), answers, async (size, script) => {
      const batch = batchOf(size)
      const accepted = new Set<IngestEvent>()
      const refused = new Set<IngestEvent>()
      const { settled, letters, postponed, interruption } = await deliver(batch, {
        answer(events, request) {
          const step = script[request % script.length]
          if (step === 'outage' || step === undefined) return OUTAGE
          if (step === 'refused') {
            if (events.length === 1) for (const event of events) refused.add(event)
            return REFUSED
          }
          const inRange = step.filter(({ index }) => index < events.length)
          for (const [index, event] of events.entries()) {
            const rejection = inRange.find((one) => one.index === index)
            if (rejection === undefined) accepted.add(event)
            else if (rejection.later === null) refused.add(event)
          }
          return {
            type: 'received',
            rejected: inRange.map(({ index, later }) => ({
              ...rejection(index, later ?? 'UNKNOWN_EXPERIMENT'),
              // Earlier releases of the receiver do not say it of events that are too early.
              ...(later === 'UNKNOWN_KIND' && { retryable: true }),
            })),
          }
        },
      })
      const unsettled = interruption?.unsettled ?? []
      expect(new Set([...settled, ...postponed, ...unsettled])).toEqual(new Set(batch))
      expect(settled.length + postponed.length + unsettled.length).toBe(size)
      expect(new Set(letters.map(({ event }) => event))).toEqual(refused)
      expect(letters).toHaveLength(refused.size)
      expect(new Set(settled.map(({ event }) => event))).toEqual(new Set([...accepted, ...refused]))
      expect(interruption?.cause ?? OUTAGE).toEqual(OUTAGE)
      expect(interruption === null).toBe(unsettled.length === 0)
    }),
    { numRuns: 500 },
  )
})

test('a batch that is refused is sent again in halves, in order, until each event at fault stands alone', async () => {
  const { requests, letters, settled } = await deliver(batchOf(5), {
    answer: (events) => (events.some(({ eventId }) => eventId === sampleUuid(3)) ? REFUSED : RECEIVED),
  })
  const ids = requests.map((events) => events.map(({ eventId }) => Number(eventId.slice(-1))))
  expect(ids).toEqual([[0, 1, 2, 3, 4], [0, 1, 2], [3, 4], [3], [4]])
  expect(letters).toEqual([
    { event: sampleInteractionEvent(sampleUuid(3)), code: 'MALFORMED_BATCH', message: 'no', at: NOON },
  ])
  expect(settled).toHaveLength(5)
})

test('an outage in the middle of a split leaves what was not answered unsettled, in order', async () => {
  const { settled, interruption } = await deliver(batchOf(4), {
    answer: (events, request) =>
      request === 0 ? REFUSED : events.length === 2 && request === 1 ? RECEIVED : OUTAGE,
  })
  expect(settled).toEqual([claimed(0), claimed(1)])
  expect(interruption).toEqual({ cause: OUTAGE, unsettled: [claimed(2), claimed(3)] })
})

test('no request is sent without the time for it, nor after a stop', async () => {
  const stopped = { type: 'unavailable', reason: 'STOPPED', retryAfterMs: null }
  const late = await deliver(batchOf(2), { answer: () => REFUSED, hasTime: (requests) => requests < 2 })
  expect(late.requests).toHaveLength(2)
  expect(late.interruption).toEqual({ cause: stopped, unsettled: [claimed(1)] })
  const aborted = await deliver(batchOf(2), { answer: () => RECEIVED, signal: AbortSignal.abort() })
  expect(aborted.requests).toEqual([])
  expect(aborted.interruption).toEqual({ cause: stopped, unsettled: batchOf(2) })
})

test('a dead letter says why in a form that can be stored and counted', async () => {
  const { letters } = await deliver(batchOf(3), {
    answer: () => ({
      type: 'received',
      rejected: [
        rejection(0, 'no such code', `${'x'.repeat(499)}\u{1f600}`),
        rejection(1, 'A'.repeat(65)),
        rejection(2, 'UNKNOWN_VARIANT'),
      ],
    }),
  })
  expect(letters.map(({ code }) => code)).toEqual(['UNKNOWN_CODE', 'UNKNOWN_CODE', 'UNKNOWN_VARIANT'])
  expect(letters[0]?.message).toBe(`${'x'.repeat(499)}\ufffd`)
})

test('what a receiver of an earlier release cannot know waits for its next release', async () => {
  const stage: ClaimedEvent = {
    entryId: 'entry-model',
    event: modelStageEvents(sampleModelVersion('ranking-v1'), 0)[0] ?? expect.unreachable(),
  }
  const answered = (rejected: Partial<ReturnType<typeof rejection> & { retryable: boolean }>) =>
    deliver([stage, claimed(1)], {
      answer: () => ({
        type: 'received',
        rejected: [0, 1].map((index) => ({ ...rejection(index, 'MALFORMED_EVENT'), ...rejected })),
      }),
    })
  const earlier = await answered({})
  expect(earlier.postponed).toEqual([stage])
  expect(earlier.letters).toMatchObject([{ event: claimed(1).event }])
  expect((await answered({ retryable: false })).letters).toHaveLength(2)
})
