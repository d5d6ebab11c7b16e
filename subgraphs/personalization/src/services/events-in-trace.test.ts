import { recordSpans } from '@bulkhead/service/testing/recorded-spans'
import { contextOf } from '@bulkhead/service/tracing/traceparent'
import { context } from '@opentelemetry/api'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openPersonalizationStore } from '../datastore/open.ts'
import type { PersonalizationStore } from '../datastore/port.ts'
import { createOutboxGate } from '../state/outbox-gate.ts'
import { createRememberedOpinions } from '../state/remembered-opinions.ts'
import { createServedLedger } from '../state/served-ledger.ts'
import { sampleItem } from '../testing/samples/catalogue.ts'
import { sampleExperiment } from '../testing/samples/experiments.ts'
import { sampleUuid } from '../testing/samples/interactions.ts'
import { sampleAssignment, sampleSlate } from '../testing/samples/slates.ts'
import { NOON } from '../testing/samples/time.ts'
import { createTestClock } from '../testing/test-clock.ts'
import { createTestMetrics } from '../testing/test-metrics.ts'
import { createTestRecommendationService, openWatchedStore } from '../testing/test-recommendation-service.ts'
import { createInteractionService } from './interaction-service.ts'

const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
const NOT_SAMPLED = TRACEPARENT.replace(/01$/, '00')

let store: PersonalizationStore

beforeEach(async () => {
  store = await openPersonalizationStore('sqlite::memory:')
  await store.upsertItems([sampleItem('i1')])
})

afterEach(() => store.close())

function inTrace<T>(traceparent: string, run: () => T): T {
  return context.with(contextOf(traceparent), run)
}

/** The events in the outbox, as the relay gets them. */
async function pending() {
  const claim = await store.claimOutbox({ now: NOON, leaseMs: 1_000, limit: 100 })
  return claim.entries.flatMap(({ events }) => events)
}

async function recordImpression() {
  const slate = sampleSlate('s1', { assignments: [sampleAssignment({ exposure: 'ON_IMPRESSION' })] })
  await store.saveSlate(slate, [])
  const service = createInteractionService({
    store,
    index: { itemById: () => undefined },
    outboxGate: createOutboxGate({ limit: 1_000 }),
    ledger: createServedLedger(),
    remembered: createRememberedOpinions(),
    metrics: createTestMetrics(),
    clock: createTestClock(),
    maxAgeMs: 86_400_000,
  })
  const impression = {
    eventId: sampleUuid(1),
    userId: slate.userId,
    itemId: 'i1',
    type: 'IMPRESSION',
    slateId: slate.id,
    value: null,
    occurredAt: NOON,
    hideCreator: false,
  } as const
  expect(await service.recordInteractions([impression])).toMatchObject({ accepted: 1 })
}

async function serveSlate() {
  const { store: inner, watched, saved } = await openWatchedStore()
  const { recommend } = createTestRecommendationService({
    store: watched,
    experiments: [sampleExperiment('a')],
  })
  await recommend()
  await inner.close()
  return saved.flatMap(({ events }) => events)
}

// This test is the first one: once the API has seen an SDK, it keeps it.
test('without an SDK nothing about traces is stored', async () => {
  await inTrace(TRACEPARENT, recordImpression)
  const events = [...(await pending()), ...(await inTrace(TRACEPARENT, serveSlate))]
  expect(events.map(({ kind }) => kind)).toEqual(['interaction', 'exposure', 'exposure'])
  expect(JSON.stringify(events)).not.toContain('traceparent')
})

test('the exposures of a slate keep the trace of its request', async () => {
  recordSpans()
  expect(await inTrace(TRACEPARENT, serveSlate)).toMatchObject([
    { kind: 'exposure', traceparent: TRACEPARENT },
  ])
})

test('interactions and the exposures that they cause keep it too', async () => {
  recordSpans()
  await inTrace(TRACEPARENT, recordImpression)
  expect(await pending()).toMatchObject([
    { kind: 'interaction', traceparent: TRACEPARENT },
    { kind: 'exposure', traceparent: TRACEPARENT },
  ])
})

test('nothing is stored of a trace that nobody keeps', async () => {
  recordSpans()
  await inTrace(NOT_SAMPLED, recordImpression)
  expect(JSON.stringify(await pending())).not.toContain('traceparent')
})
