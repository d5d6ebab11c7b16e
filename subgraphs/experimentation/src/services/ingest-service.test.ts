import { createMetrics } from '@bulkhead/service/metrics'
import { describe, expect, test } from 'vitest'
import type { ExperimentationStore, IncomingEvent, RejectedEvent } from '../datastore/port.ts'
import type { EventSource } from '../domain/event-source.ts'
import {
  DAY,
  NOON,
  sampleErasure,
  sampleExposure,
  sampleHeartbeat,
  sampleInteraction,
  sampleServed,
  sampleSlateId,
  sampleStageChange,
} from '../testing/samples.ts'
import {
  approveExperiment,
  fixedClock,
  openTestStore,
  startExperiment,
  startTestReplica,
} from '../testing/test-app.ts'
import { createExposureCounting } from './exposure-counting.ts'
import { createIngestService } from './ingest-service.ts'

async function createTestIngest(overrides: Partial<ExperimentationStore> = {}) {
  const inner = await openTestStore()
  // Running for a while already.
  const replica = await startTestReplica(inner, NOON - 10)
  await startExperiment(replica)
  const lookups: (readonly string[])[] = []
  const refused: RejectedEvent[] = []
  const recording: Pick<ExperimentationStore, 'experimentsByKeys' | 'reject'> = {
    experimentsByKeys(keys) {
      lookups.push(keys)
      return inner.experimentsByKeys(keys)
    },
    reject(events) {
      refused.push(...events)
      return inner.reject(events)
    },
  }
  const store = { ...inner, ...recording, ...overrides }
  const metrics = createMetrics({ service: 'experimentation' })
  const window = { maxAgeMs: 30 * DAY, maxFutureMs: 300_000 }
  const ingest = createIngestService({
    store,
    clock: fixedClock(),
    metrics,
    window,
    services: new Set(['shop']),
  })
  const counting = createExposureCounting({ store, clock: fixedClock(), delayMs: 0 })
  async function counts() {
    await counting.step()
    return (await store.exposureCounts(['mix'], [])).get('mix')
  }
  const take = (raw: unknown, source: EventSource = { type: 'platform' }) => ingest.ingest(raw, source)
  return { ...replica, ingest: take, lookups, refused, counts, metrics }
}

function batch(...events: unknown[]) {
  return { producer: 'personalization-1', events }
}

test('good and bad events of one batch are told apart, each refusal with its index, id and code', async () => {
  const { ingest, refused } = await createTestIngest()
  const old = new Date(NOON - 31 * DAY).toISOString()
  const ahead = new Date(NOON + 600_000).toISOString()
  const result = await ingest(
    batch(
      sampleExposure(),
      { kind: 'exposure' },
      sampleInteraction(),
      'not an event',
      sampleExposure({ slateId: sampleSlateId(2), experimentKey: 'none' }),
      sampleExposure({ slateId: sampleSlateId(3), variantKey: 'none' }),
      sampleExposure({ slateId: sampleSlateId(4), experimentVersion: 2 }),
      sampleInteraction({ eventId: 'too-old-1', occurredAt: old }),
      sampleInteraction({ eventId: 'too-new-1', occurredAt: ahead }),
      sampleHeartbeat(),
    ),
  )
  expect(result.accepted).toBe(3)
  expect(result.rejected.map(({ index, code }) => `${index} ${code}`)).toEqual([
    '1 MALFORMED_EVENT',
    '3 MALFORMED_EVENT',
    '4 UNKNOWN_EXPERIMENT',
    '5 UNKNOWN_VARIANT',
    '6 UNKNOWN_VERSION',
    '7 EVENT_TOO_OLD',
    '8 EVENT_FROM_FUTURE',
  ])
  expect(result.rejected[5]?.eventId).toBe('too-old-1')
  expect(result.rejected[0]?.eventId).toBeNull()
  const kept = result.rejected.filter(({ retryable }) => !retryable)
  expect(refused.map(({ code }) => code)).toEqual(kept.map(({ code }) => code))
  expect(refused[1]).toMatchObject({
    body: '"not an event"',
    producer: 'personalization-1',
    rejectedAt: NOON,
  })
})

test('duplicates, in one batch and over several, count as accepted and are stored once', async () => {
  const { ingest, counts } = await createTestIngest()
  expect(await ingest(batch(sampleExposure(), sampleExposure()))).toEqual({ accepted: 2, rejected: [] })
  expect(await ingest(batch(sampleExposure(), sampleExposure({ slateId: sampleSlateId(2) })))).toEqual({
    accepted: 2,
    rejected: [],
  })
  expect(await counts()).toMatchObject([{ units: 1, exposures: 2 }])
})

test('experiments are read once for each batch, so that a start is seen at once', async () => {
  const { ingest, lookups, experiments } = await createTestIngest()
  await approveExperiment({ experiments }, { key: 'late', surfaces: ['search'] })
  const late = sampleExposure({ experimentKey: 'late' })
  expect(await ingest(batch(sampleExposure(), late))).toMatchObject({
    accepted: 1,
    rejected: [{ code: 'UNKNOWN_EXPERIMENT' }],
  })
  await experiments.step({ key: 'late', action: 'start', revision: 3, reason: 'r', by: 'ben' })
  expect(await ingest(batch(sampleExposure(), late, late))).toMatchObject({ accepted: 3 })
  expect(await ingest(batch(sampleInteraction()))).toMatchObject({ accepted: 1 })
  expect(lookups).toEqual([
    ['mix', 'late'],
    ['mix', 'late'],
  ])
})

test('an exposure that occurred after the stop or before the start is stored and not counted, also where another replica stopped', async () => {
  const { ingest, counts, store } = await createTestIngest()
  const at = (number: number, time: number) =>
    sampleExposure({ slateId: sampleSlateId(number), occurredAt: new Date(time).toISOString() })
  expect(await ingest(batch(at(1, NOON - 3)))).toMatchObject({ accepted: 1 })
  const other = await startTestReplica(store, NOON - 1)
  const stopped = await other.experiments.step({
    key: 'mix',
    action: 'stop',
    revision: 4,
    reason: 'r',
    by: 'ben',
  })
  expect(stopped.type).toBe('accepted')

  const tooLate = at(3, NOON)
  expect(await ingest(batch(at(2, NOON - 2), tooLate))).toEqual({ accepted: 2, rejected: [] })
  expect(await ingest(batch(at(4, NOON - 11)))).toEqual({ accepted: 1, rejected: [] })
  expect(await counts()).toMatchObject([{ exposures: 2 }])
  expect((await store.exposureRecords([tooLate.eventId])).get(tooLate.eventId)).toMatchObject({
    type: 'recorded',
  })
})

test('an answer waits for both writes, and there is none where one of them fails', async () => {
  const outage = () => Promise.reject(Object.assign(new Error('away'), { name: 'DatastoreUnavailableError' }))
  const noEvents = await createTestIngest({ ingest: outage })
  await expect(noEvents.ingest(batch(sampleExposure()))).rejects.toThrow('away')
  const noRefusals = await createTestIngest({ reject: outage })
  await expect(noRefusals.ingest(batch(sampleExposure(), {}))).rejects.toThrow('away')

  const written: string[] = []
  const slow = await createTestIngest({
    async ingest(events: readonly IncomingEvent[]) {
      await new Promise((resolve) => setImmediate(resolve))
      written.push(`${events.length} events`)
    },
    async reject(events: readonly RejectedEvent[]) {
      await new Promise((resolve) => setImmediate(resolve))
      written.push(`${events.length} refused`)
    },
  })
  await slow.ingest(batch(sampleExposure(), {}))
  expect(written.sort()).toEqual(['1 events', '1 refused'])
})

test('a refused body is cut to 8 KiB', async () => {
  const { ingest, refused } = await createTestIngest()
  await ingest(batch({ kind: 'exposure', junk: 'ä'.repeat(20_000) }))
  expect(Buffer.byteLength(refused[0]?.body ?? '')).toBeLessThanOrEqual(8_192)
})

test('an envelope that cannot be read refuses the batch', async () => {
  const { ingest } = await createTestIngest()
  const tooMany = batch(...Array.from({ length: 501 }, () => sampleExposure()))
  for (const raw of [null, [], {}, { producer: 'p1', events: [] }, { producer: '', events: [{}] }, tooMany]) {
    await expect(ingest(raw)).rejects.toMatchObject({ code: 'MALFORMED_BATCH', httpStatus: 400 })
  }
})

test('what was answered is counted by kind, outcome and code', async () => {
  const { ingest, metrics } = await createTestIngest()
  await ingest(
    batch(
      sampleExposure(),
      sampleExposure(),
      {},
      sampleInteraction({ occurredAt: new Date(0).toISOString() }),
    ),
  )
  const text = await metrics.registry.metrics()
  expect(text).toContain(
    'bulkhead_ingest_events_total{kind="exposure",outcome="accepted",service="experimentation"} 2',
  )
  expect(text).toContain(
    'bulkhead_ingest_events_total{kind="unknown",outcome="rejected",service="experimentation"} 1',
  )
  expect(text).toContain('bulkhead_ingest_rejected_total{code="EVENT_TOO_OLD",service="experimentation"} 1')
})

test('what may be accepted later is left with its sender, and is not among the refused events', async () => {
  const { ingest, refused, store } = await createTestIngest()
  const early = sampleExposure({ occurredAt: new Date(NOON + 600_000).toISOString() })
  const result = await ingest(batch(early, { kind: 'daydream', eventId: 'of-a-later-release' }))
  expect(result.rejected).toMatchObject([
    { code: 'EVENT_FROM_FUTURE', retryable: true },
    { code: 'UNKNOWN_KIND', eventId: 'of-a-later-release', retryable: true },
  ])
  expect(refused).toEqual([])
  expect(await store.exposureRecords([early.eventId])).toEqual(new Map())
})

describe('an erasure', () => {
  const erasure = (occurredAt = NOON, unit = 'u1') =>
    sampleErasure({ unit, occurredAt: new Date(occurredAt).toISOString() })

  test('is taken in however late it comes, and what comes late of its unit is acknowledged and not stored', async () => {
    const { ingest, store, counts } = await createTestIngest()
    expect(await ingest(batch(sampleExposure(), erasure(NOON - 1)))).toEqual({ accepted: 2, rejected: [] })
    expect(await store.waitingErasures(2)).toMatchObject([
      { unit: 'u1', occurredAt: NOON - 1, recordedAt: NOON },
    ])
    const late = sampleInteraction({ occurredAt: new Date(NOON - 1).toISOString() })
    expect(await ingest(batch(late, erasure(NOON - 400 * DAY)))).toEqual({ accepted: 2, rejected: [] })
    expect(await store.head()).toBe(1)
    expect(await counts()).toMatchObject([{ units: 1, exposures: 1 }])
  })

  test("is the platform's alone", async () => {
    const { ingest, store } = await createTestIngest()
    const result = await ingest({ producer: 'shop', events: [erasure()] }, { type: 'service', name: 'shop' })
    expect(result.rejected).toMatchObject([{ code: 'KIND_NOT_ALLOWED' }])
    expect(await store.waitingErasures(1)).toEqual([])
  })

  test('from the future stays with its sender until its time has come', async () => {
    const { ingest, store } = await createTestIngest()
    const result = await ingest(batch(erasure(NOON + 600_000)))
    expect(result.rejected).toMatchObject([{ code: 'EVENT_FROM_FUTURE', retryable: true }])
    expect(await store.waitingErasures(1)).toEqual([])
  })

  test('may be forgotten when no event can come any more: of older events nothing is kept that names a unit', async () => {
    const { ingest, refused } = await createTestIngest()
    const old = { occurredAt: new Date(NOON - 31 * DAY).toISOString(), unit: 'u1' }
    await ingest(
      batch(sampleInteraction(old), { kind: 'exposure', ...old }, { kind: 'exposure', unit: 'u1' }),
    )
    expect(refused.map(({ code, body }) => [code, body])).toEqual([
      ['EVENT_TOO_OLD', ''],
      ['MALFORMED_EVENT', ''],
      ['MALFORMED_EVENT', '{"kind":"exposure","unit":"u1"}'],
    ])
  })
})

test('a malformed event of a known kind is refused for good', async () => {
  const { ingest, refused } = await createTestIngest()
  const result = await ingest(
    batch({ ...sampleInteraction(), type: 'no type' }, { kind: 7 }, { kind: 'toString' }),
  )
  expect(result.rejected.map(({ code, retryable }) => [code, retryable])).toEqual([
    ['MALFORMED_EVENT', false],
    ['MALFORMED_EVENT', false],
    ['UNKNOWN_KIND', true],
  ])
  expect(refused).toHaveLength(2)
})

test('a producer speaks for itself only', async () => {
  const { ingest } = await createTestIngest()
  const other = { producer: 'personalization-2', sequence: 2 }
  const goodbye = { ...sampleHeartbeat(other), kind: 'goodbye' }
  expect(await ingest(batch(sampleHeartbeat(), sampleHeartbeat(other), goodbye))).toMatchObject({
    accepted: 1,
    rejected: [
      { index: 1, code: 'WRONG_PRODUCER', retryable: false },
      { index: 2, code: 'WRONG_PRODUCER', retryable: false },
    ],
  })
})

test('an event whose id follows from its content is refused under any other', async () => {
  const { ingest } = await createTestIngest()
  const wrong = { eventId: 'chosen-freely' }
  const events = [sampleExposure(wrong), sampleServed(wrong), sampleStageChange(wrong)]
  const result = await ingest(batch(...events, sampleServed(), sampleStageChange()))
  expect(result.accepted).toBe(2)
  expect(result.rejected.map(({ code }) => code)).toEqual(Array(3).fill('MALFORMED_EVENT'))
})

test('an exposure is a rejected one only where it is the one that was refused', async () => {
  const { ingest, store } = await createTestIngest()
  const { eventId } = sampleExposure()
  const old = new Date(NOON - 31 * DAY).toISOString()
  await ingest(
    batch(
      sampleExposure({ eventId, slateId: sampleSlateId(2) }),
      sampleInteraction({ eventId, occurredAt: old }),
      { kind: 'interaction', eventId },
    ),
  )
  expect(await store.exposureRecords([eventId])).toEqual(new Map())
  const unknown = sampleExposure({ slateId: sampleSlateId(3), variantKey: 'none' })
  await ingest(batch(unknown, { kind: 'exposure', eventId }))
  expect(await store.exposureRecords([eventId, unknown.eventId])).toEqual(
    new Map([
      [eventId, { type: 'rejected' }],
      [unknown.eventId, { type: 'rejected' }],
    ]),
  )
})

test('a served unit is judged by its experiment, as an exposure is', async () => {
  const { ingest } = await createTestIngest()
  const result = await ingest(
    batch(
      sampleServed({ experimentKey: 'none' }),
      sampleServed({ experimentVersion: 2 }),
      sampleServed({ variantKey: 'none' }),
    ),
  )
  expect(result.rejected.map(({ code }) => code)).toEqual([
    'UNKNOWN_EXPERIMENT',
    'UNKNOWN_VERSION',
    'UNKNOWN_VARIANT',
  ])
})

describe('a service with a token of its own', () => {
  const shop = { type: 'service', name: 'shop' } as const
  const purchase = sampleInteraction({
    eventId: 'order-4711',
    type: 'purchase',
    itemId: null,
    slateId: null,
    value: 59.99,
    attributes: { currency: 'EUR' },
  })

  test('sends its conversions, which are kept with exact values and their attributes', async () => {
    const { ingest, store } = await createTestIngest()
    expect(await ingest({ producer: 'shop', events: [purchase] }, shop)).toEqual({
      accepted: 1,
      rejected: [],
    })
    const [kept] = await store.eventsBetween({ after: 0, upTo: 1, limit: 1 })
    expect(kept).toMatchObject({
      producer: 'shop',
      event: { type: 'purchase', value: 59_990_000n, attributes: { currency: 'EUR' } },
    })
  })

  test('sends no other kind of event', async () => {
    const { ingest } = await createTestIngest()
    const heartbeat = sampleHeartbeat({ producer: 'shop' })
    const events = [sampleExposure(), sampleServed(), sampleStageChange(), heartbeat]
    const result = await ingest({ producer: 'shop', events }, shop)
    expect(result.accepted).toBe(1)
    expect(result.rejected.map(({ code }) => code)).toEqual(Array(3).fill('KIND_NOT_ALLOWED'))
  })

  test('takes the id of no exposure, whatever it calls its events, and repeats its own safely', async () => {
    const { ingest, counts, store } = await createTestIngest()
    const { eventId } = sampleExposure()
    const taken = { producer: 'shop', events: [sampleInteraction({ eventId })] }
    expect(await ingest(taken, shop)).toEqual({ accepted: 1, rejected: [] })
    expect(await ingest(taken, shop)).toEqual({ accepted: 1, rejected: [] })
    expect(await store.exposureRecords([eventId])).toEqual(new Map())
    await ingest(batch(sampleExposure()))
    expect(await counts()).toMatchObject([{ exposures: 1 }])
    expect(await store.head()).toBe(2)
  })

  test('makes no exposure a rejected one, and is answered with its own id', async () => {
    const { ingest, refused, store } = await createTestIngest()
    const { eventId } = sampleExposure()
    const old = new Date(NOON - 31 * DAY).toISOString()
    const events = [
      sampleExposure(),
      { kind: 'exposure', eventId },
      sampleInteraction({ eventId, occurredAt: old }),
    ]
    const result = await ingest({ producer: 'shop', events }, shop)
    expect(result.rejected.map((rejected) => rejected.eventId)).toEqual(Array(3).fill(eventId))
    expect(refused).toHaveLength(3)
    expect(await store.exposureRecords([eventId])).toEqual(new Map())
  })

  test('is the only one that may use its name, and may use no other', async () => {
    const { ingest } = await createTestIngest()
    const named = (producer: string) => ({ producer, events: [purchase] })
    await expect(ingest(named('personalization-1'), shop)).rejects.toMatchObject({ code: 'FORBIDDEN' })
    await expect(ingest(named('shop'), { type: 'platform' })).rejects.toMatchObject({ code: 'FORBIDDEN' })
  })
})
