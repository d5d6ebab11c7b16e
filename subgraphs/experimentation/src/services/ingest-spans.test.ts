import { createMetrics } from '@bulkhead/service/metrics'
import { recordSpans } from '@bulkhead/service/testing/recorded-spans'
import { contextOf } from '@bulkhead/service/tracing/traceparent'
import { context } from '@opentelemetry/api'
import { beforeEach, expect, test } from 'vitest'
import type { ExperimentationStore, IncomingEvent } from '../datastore/port.ts'
import { DAY, NOON, sampleExposure, sampleInteraction } from '../testing/samples.ts'
import { fixedClock, openTestStore, startExperiment, startTestReplica } from '../testing/test-app.ts'
import { createIngestService } from './ingest-service.ts'

const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
const BATCH = '00-11111111111111111111111111111111-1111111111111111-01'

let stored: IncomingEvent[]

beforeEach(() => {
  stored = []
})

async function testIngest(overrides: Partial<ExperimentationStore> = {}) {
  const inner = await openTestStore()
  await startExperiment(await startTestReplica(inner))
  const ingest = createIngestService({
    store: {
      ...inner,
      ingest(events) {
        stored.push(...events)
        return inner.ingest(events)
      },
      ...overrides,
    },
    clock: fixedClock(),
    metrics: createMetrics({ service: 'experimentation' }),
    window: { maxAgeMs: 30 * DAY, maxFutureMs: 300_000 },
    services: new Set(),
  })
  return (...events: unknown[]) =>
    context.with(contextOf(BATCH), () => ingest.ingest({ producer: 'p1', events }, { type: 'platform' }))
}

test('each event that comes with a trace ends it with a span, linked with the batch', async () => {
  const spans = recordSpans()
  const ingest = await testIngest()
  const exposure = sampleExposure()
  await ingest({ ...exposure, traceparent: TRACEPARENT }, sampleInteraction())
  expect(spans).toMatchObject([
    {
      name: 'ingest.event',
      traceId: TRACEPARENT.slice(3, 35),
      parentSpanId: 'b7ad6b7169203331',
      attributes: {
        'bulkhead.event_id': exposure.eventId,
        'bulkhead.event_kind': 'exposure',
        'bulkhead.experiment_key': exposure.experimentKey,
      },
      links: [{ context: { spanId: '1111111111111111' } }],
      status: null,
      ended: true,
    },
  ])
})

test('the trace is not stored, so that an event is the same whatever trace it comes in', async () => {
  recordSpans()
  const ingest = await testIngest()
  const sent = [
    { ...sampleExposure(), traceparent: TRACEPARENT },
    { ...sampleInteraction(), traceparent: 'nonsense' },
  ]
  expect(await ingest(...sent)).toEqual({ accepted: 2, rejected: [] })
  expect(stored.map(({ event }) => event)).toEqual([sampleExposure(), sampleInteraction()])
  expect(JSON.stringify(stored)).not.toContain('traceparent')
})

test('an event that is refused, or cannot be stored, fails its span', async () => {
  const spans = recordSpans()
  const occurredAt = new Date(NOON - 31 * DAY).toISOString()
  const ingest = await testIngest()
  await ingest({ ...sampleInteraction({ occurredAt }), traceparent: TRACEPARENT })
  const failing = await testIngest({ ingest: () => Promise.reject(new Error('away')) })
  await expect(failing({ ...sampleExposure(), traceparent: TRACEPARENT })).rejects.toThrow('away')
  expect(spans.map(({ status, ended }) => [status?.message, ended])).toEqual([
    ['EVENT_TOO_OLD', true],
    ['not stored', true],
  ])
})
