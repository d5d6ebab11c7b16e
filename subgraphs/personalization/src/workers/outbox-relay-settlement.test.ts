import type { IngestEvent } from '@bulkhead/contracts'
import { createLogger } from '@bulkhead/service/logging'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { OutboxEntry } from '../datastore/port.ts'
import type { DeliveryAnswer } from '../delivery/experimentation-client.ts'
import { createOutboxGate } from '../state/outbox-gate.ts'
import { createServedLedger } from '../state/served-ledger.ts'
import { sampleInteractionEvent, sampleUuid } from '../testing/samples/interactions.ts'
import { NOON } from '../testing/samples/time.ts'
import { createTestClock } from '../testing/test-clock.ts'
import { createTestMetrics } from '../testing/test-metrics.ts'
import { createTestRandom } from '../testing/test-random.ts'
import { createOutboxRelay } from './outbox-relay.ts'

const LEASE_MS = 30_000
const REQUEST_TIMEOUT_MS = 5_000
const MAX_BACKOFF_MS = 8_000
/** Half of the first backoff, since the tests' randomness is always 0.5. */
const FIRST_BACKOFF_MS = 100

/** How the receiver treats one request; a list tells events apart, by their place in it. */
type Treatment = 'outage' | 'refuse' | readonly ('accept' | 'reject' | 'too early')[]
type Step = { readonly treatment: Treatment; readonly tookMs: number }

/** Runs a relay over one claim, against a receiver that treats its requests in these ways, one after the other. */
async function relayOnce(entries: readonly OutboxEntry[], steps: readonly Step[]) {
  const clock = createTestClock()
  const ledger = createServedLedger()
  const metrics = createTestMetrics()
  const accepted = new Set<IngestEvent>()
  const refused = new Set<IngestEvent>()
  const tooEarly = new Set<IngestEvent>()
  const kept = new Set<IngestEvent>()
  /** Each entry's ends: `completed`, or the instant at which it is due again. */
  const ends = new Map<string, ('completed' | number)[]>(entries.map(({ id }) => [id, []]))
  const violations: string[] = []
  let failedRequest: readonly IngestEvent[] | null = null
  let requests = 0
  let unclaimed = entries

  function receive(events: readonly IngestEvent[]): DeliveryAnswer {
    const step = steps[requests++ % steps.length]
    if (clock.now() + REQUEST_TIMEOUT_MS > NOON + LEASE_MS) violations.push('sent without time for an answer')
    if (failedRequest !== null) violations.push('sent after an outage')
    clock.advance(step?.tookMs ?? 0)
    const treatment = step?.treatment ?? []
    if (treatment === 'outage') {
      failedRequest = events
      return { type: 'unavailable', reason: 'HTTP_503', retryAfterMs: null }
    }
    if (treatment === 'refuse') {
      if (events.length === 1) for (const event of events) refused.add(event)
      return { type: 'refused', code: 'MALFORMED_BATCH', message: 'no' }
    }
    const rejected = events.flatMap((event, index) => {
      const fate = treatment[index % treatment.length] ?? 'accept'
      if (fate === 'accept') {
        accepted.add(event)
        return []
      }
      const [set, code] =
        fate === 'reject'
          ? ([refused, 'UNKNOWN_VARIANT'] as const)
          : ([tooEarly, 'EVENT_FROM_FUTURE'] as const)
      set.add(event)
      return [{ index, eventId: event.eventId, code, message: 'no' }]
    })
    return { type: 'received', rejected }
  }

  const relay = createOutboxRelay({
    store: {
      async claimOutbox() {
        const claimed = unclaimed
        unclaimed = []
        return { token: 'token', entries: claimed }
      },
      async addDeadLetters(letters) {
        // Not durable before another turn of the event loop: whoever does not wait is found out.
        await new Promise((resolve) => setImmediate(resolve))
        for (const { event } of letters) kept.add(event)
      },
      async completeOutbox(_, ids) {
        for (const id of ids) {
          const events = entries.find((entry) => entry.id === id)?.events ?? []
          if (!events.every((event) => accepted.has(event) || kept.has(event))) violations.push(`lost ${id}`)
          ends.get(id)?.push('completed')
        }
      },
      async retryOutbox(_, ids, dueAt) {
        for (const id of ids) ends.get(id)?.push(dueAt)
      },
      outboxState: async () => ({ size: 0, oldest: null }),
    },
    client: { sendEvents: async ({ events }) => receive(events) },
    gate: createOutboxGate({ limit: 1_000 }),
    ledger,
    producer: 'relay-under-test',
    clock,
    random: createTestRandom(0.5),
    log: createLogger({ service: 'test', level: 'silent' }),
    metrics,
    intervalMs: 3_600_000,
    batchSize: 200,
    leaseMs: LEASE_MS,
    requestTimeoutMs: REQUEST_TIMEOUT_MS,
    maxBackoffMs: MAX_BACKOFF_MS,
  })
  relay.start()
  await relay.wake()
  await relay.stop()

  const count = async (name: string) =>
    (await metrics.registry.getSingleMetric(name)?.get())?.values.reduce((sum, { value }) => sum + value, 0)
  return {
    accepted,
    refused,
    tooEarly,
    kept,
    ends,
    violations,
    failedRequest: failedRequest as readonly IngestEvent[] | null,
    now: clock.now(),
    dropped: ledger.report(NOON).dropped,
    deliveredCount: await count('bulkhead_outbox_delivered_total'),
    deadLetterCount: await count('bulkhead_dead_letters_total'),
  }
}

const anyEntries = fc
  .array(
    fc.record({
      // Few, so that events are the same in several entries, and in one.
      numbers: fc.array(fc.nat({ max: 5 }), { minLength: 1, maxLength: 4 }),
      // From eight on, each event travels alone.
      attempts: fc.nat({ max: 9 }),
    }),
    { minLength: 1, maxLength: 6 },
  )
  .map((shapes) =>
    shapes.map(({ numbers, attempts }, at): OutboxEntry => {
      return {
        id: `entry-${at}`,
        events: numbers.map((number) => sampleInteractionEvent(sampleUuid(number))),
        attempts,
      }
    }),
  )

const anySteps = fc.array(
  fc.record({
    treatment: fc.oneof(
      { weight: 6, arbitrary: fc.array(fc.constantFrom('accept', 'accept', 'reject', 'too early')) },
      { weight: 2, arbitrary: fc.constant('refuse' as const) },
      { weight: 1, arbitrary: fc.constant('outage' as const) },
    ),
    tookMs: fc.constantFrom(0, 0, 0, 5_000, 12_500),
  }),
  { minLength: 1, maxLength: 10 },
)

test('whatever the receiver answers, each claimed entry is completed or released once, and nothing is lost', async () => {
  await fc.assert(
    fc.asyncProperty(anyEntries, anySteps, async (entries, steps) => {
      const relayed = await relayOnce(entries, steps)
      const { accepted, refused, tooEarly, kept, ends, failedRequest, now } = relayed
      expect(relayed.violations).toEqual([])
      expect(kept).toEqual(refused)
      expect(relayed.deliveredCount).toBe(accepted.size)
      expect([relayed.dropped, relayed.deadLetterCount]).toEqual([kept.size, kept.size])

      const isAnswered = (event: IngestEvent) =>
        accepted.has(event) || refused.has(event) || tooEarly.has(event)
      const allAnswered = entries.every(({ events }) => events.every(isAnswered))
      for (const { id, events, attempts } of entries) {
        if (events.every((event) => accepted.has(event) || refused.has(event))) {
          expect(ends.get(id)).toEqual(['completed'])
        } else if (failedRequest === null) {
          expect(ends.get(id)).toEqual([allAnswered ? now + MAX_BACKOFF_MS : now])
        } else {
          const relayDue = now + FIRST_BACKOFF_MS
          const triedDue = relayDue + Math.min(MAX_BACKOFF_MS, 200 * 2 ** attempts) / 2
          const wasTried = events.some((event) => failedRequest.includes(event))
          const [end, ...more] = ends.get(id) ?? []
          expect(more).toEqual([])
          expect(wasTried ? [triedDue] : [triedDue, relayDue]).toContain(end)
        }
      }
    }),
    { numRuns: 200 },
  )
})
