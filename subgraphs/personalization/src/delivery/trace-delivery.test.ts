import type { EventBatch, IngestEvent } from '@bulkhead/contracts'
import { recordSpans, spanIdOf } from '@bulkhead/service/testing/recorded-spans'
import { activeTraceparent } from '@bulkhead/service/tracing/traceparent'
import { expect, test } from 'vitest'
import { sampleInteractionEvent, sampleUuid } from '../testing/samples/interactions.ts'
import type { DeliveryAnswer } from './experimentation-client.ts'
import { traceDelivery } from './trace-delivery.ts'

const ONE = '00-11111111111111111111111111111111-1111111111111111-01'
const TWO = '00-22222222222222222222222222222222-2222222222222222-01'
const RECEIVED: DeliveryAnswer = { type: 'received', rejected: [] }

/** Sends events with these traces to a receiver that answers so. */
async function deliver(traces: readonly (string | undefined)[], answer: DeliveryAnswer = RECEIVED) {
  const sent: { batch: EventBatch; within: string | undefined }[] = []
  const client = traceDelivery({
    async sendEvents(batch) {
      sent.push({ batch, within: activeTraceparent() })
      return answer
    },
  })
  const events = traces.map((traceparent, n): IngestEvent => {
    const event = sampleInteractionEvent(sampleUuid(n))
    return traceparent === undefined ? event : ({ ...event, traceparent } as IngestEvent)
  })
  const batch = { producer: 'producer-1', events }
  expect(await client.sendEvents(batch, new AbortController().signal)).toBe(answer)
  const [only] = sent
  return { given: batch, sent: only?.batch, within: only?.within }
}

function traceparents(batch: EventBatch | undefined) {
  return batch?.events.map((event) => ('traceparent' in event ? event.traceparent : undefined))
}

// This test is the first one: once the API has seen an SDK, it keeps it.
test('without an SDK events are sent with the traces that were stored', async () => {
  const { sent, given } = await deliver([ONE, undefined])
  expect(sent).toEqual(given)
})

test('each trace of a batch gets one span, which the events are sent below', async () => {
  const spans = recordSpans()
  const { sent, given } = await deliver([ONE, TWO, ONE, undefined])
  expect(spans.map(({ name, parentSpanId, ended }) => [name, parentSpanId, ended])).toEqual([
    ['outbox.batch', null, true],
    ['outbox.deliver', '1111111111111111', true],
    ['outbox.deliver', '2222222222222222', true],
  ])
  const below = (traceparent: string, span: number) => traceparent.replace(/-\d{16}-/, `-${spanIdOf(span)}-`)
  expect(traceparents(sent)).toEqual([below(ONE, 2), below(TWO, 3), below(ONE, 2), undefined])
  expect(traceparents(given)).toEqual([ONE, TWO, ONE, undefined])
})

test('the exchange is in a trace of its own, linked with those of its events both ways', async () => {
  const spans = recordSpans()
  const { within } = await deliver([ONE, TWO])
  const [batch, ...deliveries] = spans
  expect(within).toBe(`00-${batch?.traceId}-${spanIdOf(1)}-01`)
  expect(batch?.links.map(({ context }) => context.traceId)).toEqual([ONE.slice(3, 35), TWO.slice(3, 35)])
  for (const delivery of deliveries)
    expect(delivery.links).toMatchObject([{ context: { spanId: spanIdOf(1) } }])
})

test.each([
  [{ type: 'unavailable', reason: 'TIMEOUT', retryAfterMs: null } as const, 'TIMEOUT'],
  [{ type: 'refused', code: 'MALFORMED_BATCH', message: 'no' } as const, 'MALFORMED_BATCH'],
])('a batch that is not received fails its spans: %o', async (answer, message) => {
  const spans = recordSpans()
  await deliver([ONE], answer)
  expect(spans.map(({ status }) => status)).toEqual([
    { code: 2, message },
    { code: 2, message },
  ])
})

test('a batch without traces has no spans', async () => {
  const spans = recordSpans()
  await deliver([undefined])
  expect(spans).toEqual([])
})
