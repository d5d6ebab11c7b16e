import type { IngestEvent } from '@bulkhead/contracts'
import { createLogger } from '@bulkhead/service/logging'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openPersonalizationStore } from '../datastore/open.ts'
import type { PersonalizationStore } from '../datastore/port.ts'
import { createExperimentationClient } from '../delivery/experimentation-client.ts'
import { createOutboxGate, type OutboxGate } from '../state/outbox-gate.ts'
import { createServedLedger } from '../state/served-ledger.ts'
import {
  EVENTS_TOKEN,
  type FakeExperimentation,
  SNAPSHOT_TOKEN,
  startFakeExperimentation,
} from '../testing/fake-experimentation.ts'
import { sampleInteraction, sampleInteractionEvent, sampleUuid } from '../testing/samples/interactions.ts'
import { sampleExposure, sampleSlate, sampleSlateItems } from '../testing/samples/slates.ts'
import { NOON } from '../testing/samples/time.ts'
import { createTestClock, type TestClock } from '../testing/test-clock.ts'
import { createTestMetrics, metricLines } from '../testing/test-metrics.ts'
import { createTestRandom } from '../testing/test-random.ts'
import { createOutboxRelay, type OutboxRelayOptions } from './outbox-relay.ts'

const LEASE_MS = 30_000
const MAX_BACKOFF_MS = 8_000

let receiver: FakeExperimentation
let store: PersonalizationStore
let clock: TestClock
let gate: OutboxGate
let cleanUps: (() => Promise<void>)[]

beforeEach(async () => {
  receiver = await startFakeExperimentation()
  store = await openPersonalizationStore('sqlite::memory:')
  clock = createTestClock()
  gate = createOutboxGate({ limit: 1_000 })
  cleanUps = [() => receiver.close(), () => store.close()]
})

afterEach(async () => {
  for (const cleanUp of cleanUps.toReversed()) await cleanUp()
})

function startRelay(overrides: Partial<OutboxRelayOptions> & { token?: string; timeoutMs?: number } = {}) {
  const client = createExperimentationClient({
    url: receiver.url,
    eventsToken: overrides.token ?? EVENTS_TOKEN,
    snapshotToken: SNAPSHOT_TOKEN,
    timeoutMs: overrides.timeoutMs ?? 2_000,
  })
  const ledger = createServedLedger()
  const metrics = createTestMetrics()
  const relay = createOutboxRelay({
    store,
    client,
    gate,
    ledger,
    clock,
    metrics,
    producer: 'relay-under-test',
    random: createTestRandom(0.999),
    log: createLogger({ service: 'test', level: 'silent' }),
    // Tests start the runs themselves.
    intervalMs: 3_600_000,
    batchSize: 200,
    leaseMs: LEASE_MS,
    requestTimeoutMs: 2_000,
    maxBackoffMs: MAX_BACKOFF_MS,
    ...overrides,
  })
  cleanUps.push(
    () => client.close(),
    () => relay.stop(),
  )
  relay.start()
  return { relay, ledger, metrics }
}

async function record(from: number, count: number): Promise<string[]> {
  const numbers = Array.from({ length: count }, (_, at) => from + at)
  await store.recordInteractions(
    numbers.map((n) => ({
      interaction: sampleInteraction(sampleUuid(n)),
      events: [sampleInteractionEvent(sampleUuid(n))],
    })),
  )
  return numbers.map(sampleUuid)
}

function storedIds() {
  return [...receiver.stored.keys()].toSorted()
}

function isEvent(n: number) {
  return (event: IngestEvent) => event.eventId === sampleUuid(n)
}

test('what waits in the outbox is delivered and leaves it', async () => {
  const ids = await record(1, 450)
  await store.saveSlate(sampleSlate('s1', { items: sampleSlateItems('i1') }), [sampleExposure('exposure-1')])
  const { relay, metrics } = startRelay()
  await relay.wake()
  expect(storedIds()).toEqual([...ids, 'exposure-1'].toSorted())
  expect(await store.outboxState()).toEqual({ size: 0, oldest: null })
  expect(await metricLines(metrics, 'bulkhead_outbox_delivered_total')).toEqual([
    'bulkhead_outbox_delivered_total{service="test"} 451',
  ])
})

test('the size of the outbox reaches the gate with each run, before anything is delivered', async () => {
  receiver.behave(() => ({ status: 503, body: {} }))
  await record(1, 25)
  const { relay } = startRelay()
  await relay.wake()
  expect(gate.size()).toBe(25)
})

test('during an outage one small probe is tried per backoff, and everything arrives afterwards', async () => {
  receiver.behave(() => ({ status: 503, body: {} }))
  const ids = await record(1, 300)
  const { relay } = startRelay()
  await relay.wake()
  expect(receiver.batches.map((batch) => batch.length)).toEqual([200])

  await relay.wake()
  expect(receiver.batches).toHaveLength(1)

  for (let probe = 1; probe <= 5; probe++) {
    clock.advance(MAX_BACKOFF_MS)
    await relay.wake()
    expect(receiver.batches).toHaveLength(1 + probe)
    expect(receiver.batches.at(-1)?.length).toBeLessThanOrEqual(10)
  }
  expect((await store.outboxState()).size).toBe(300)

  receiver.behave((_, accept) => ({ status: 200, body: accept() }))
  for (let run = 0; run < 3; run++) {
    clock.advance(MAX_BACKOFF_MS)
    await relay.wake()
  }
  expect(storedIds()).toEqual(ids.toSorted())
  expect((await store.outboxState()).size).toBe(0)
  expect(await store.deadLetterCount()).toBe(0)
})

test.each([
  ['refuses the credential', { status: 401, body: {} }],
  ['is rate limiting', { status: 429, body: {} }],
  ['is not deployed under this URL', { status: 404, body: {} }],
  ['answers what is not JSON', { status: 200, body: '<html>' }],
  ['answers without accounting for every event', { status: 200, body: { accepted: 1, rejected: [] } }],
  ['cuts the connection', 'cut'],
  ['is a proxy that wants HTTPS', { status: 400, body: '<html>', headers: { 'content-type': 'text/html' } }],
  ['sits behind a proxy that takes less', { status: 413, body: '<html>' }],
  ['refuses in words that are not its own', { status: 400, body: { error: 'no' } }],
  ['is another service', { status: 400, body: { error: { code: 'CSRF_REFUSED', message: 'no' } } }],
] as const)('nothing is lost or given up while the receiver %s', async (_, behaviour) => {
  receiver.behave(() => behaviour)
  const ids = await record(1, 3)
  const { relay, metrics } = startRelay()
  await relay.wake()
  expect((await store.outboxState()).size).toBe(3)
  expect(await store.deadLetterCount()).toBe(0)
  expect(await metricLines(metrics, 'bulkhead_outbox_retries_total')).toEqual([
    'bulkhead_outbox_retries_total{service="test"} 3',
  ])

  receiver.behave((_batch, accept) => ({ status: 200, body: accept() }))
  clock.advance(MAX_BACKOFF_MS)
  await relay.wake()
  expect(storedIds()).toEqual(ids)
})

test('a receiver that takes a batch and never answers is given up on after the request timeout', async () => {
  receiver.behave((_, accept) => {
    accept()
    return 'freeze'
  })
  const ids = await record(1, 3)
  const { relay } = startRelay({ timeoutMs: 250 })
  await relay.wake()
  expect((await store.outboxState()).size).toBe(3)

  receiver.behave((_, accept) => ({ status: 200, body: accept() }))
  clock.advance(MAX_BACKOFF_MS)
  await relay.wake()
  expect(storedIds()).toEqual(ids)
  expect((await store.outboxState()).size).toBe(0)
})

test('the receiver is left alone for as long as it asks', async () => {
  receiver.behave(() => ({ status: 429, body: {}, headers: { 'retry-after': '20' } }))
  await record(1, 1)
  const { relay } = startRelay()
  await relay.wake()
  clock.advance(19_999)
  await relay.wake()
  expect(receiver.batches).toHaveLength(1)
  // The pause that it asks for, and the event's own first one.
  clock.advance(1 + 200)
  await relay.wake()
  expect(receiver.batches).toHaveLength(2)
})

test('rejected events become dead letters with their code, and only they', async () => {
  receiver.behave((_, accept) => ({ status: 200, body: accept(isEvent(2)) }))
  await record(1, 3)
  const { relay, ledger, metrics } = startRelay()
  await relay.wake()
  expect(storedIds()).toEqual([sampleUuid(1), sampleUuid(3)])
  expect((await store.outboxState()).size).toBe(0)
  expect(await store.deadLetterCount()).toBe(1)
  expect(ledger.report(NOON).dropped).toBe(1)
  expect(await metricLines(metrics, 'bulkhead_dead_letters_total')).toEqual([
    'bulkhead_dead_letters_total{code="UNKNOWN_EXPERIMENT",service="test"} 1',
  ])
})

test.each([
  [400, 'MALFORMED_BATCH'],
  [400, 'BAD_REQUEST'],
  [413, 'PAYLOAD_TOO_LARGE'],
])('a batch refused with %i %s is split until the events at fault stand alone', async (status, code) => {
  const poisonous = (event: IngestEvent) => isEvent(7)(event) || isEvent(150)(event)
  receiver.behave((batch, accept) =>
    batch.some(poisonous)
      ? { status, body: { error: { code, message: 'no', retryable: false, requestId: 'r1' } } }
      : { status: 200, body: accept() },
  )
  const ids = await record(1, 200)
  const { relay, metrics } = startRelay()
  await relay.wake()
  expect(await metricLines(metrics, 'bulkhead_dead_letters_total')).toEqual([
    `bulkhead_dead_letters_total{code="${code}",service="test"} 2`,
  ])
  expect(storedIds()).toEqual(ids.filter((id) => id !== sampleUuid(7) && id !== sampleUuid(150)))
  expect(await store.deadLetterCount()).toBe(2)
  expect((await store.outboxState()).size).toBe(0)
  // Two paths through a binary tree of 200 leaves, not 200 requests.
  expect(receiver.batches.length).toBeLessThan(40)
})

test("an event that is ahead of the receiver's clock waits until the clocks agree", async () => {
  const ahead = NOON + 2 * MAX_BACKOFF_MS
  receiver.behave((batch, accept) => {
    const early = (event: IngestEvent) => isEvent(2)(event) && clock.now() < ahead
    accept(early)
    const rejected = batch.flatMap((event, index) =>
      early(event) ? [{ index, eventId: event.eventId, code: 'EVENT_FROM_FUTURE', message: 'ahead' }] : [],
    )
    return { status: 200, body: { accepted: batch.length - rejected.length, rejected } }
  })
  const ids = await record(1, 3)
  const { relay, ledger } = startRelay()
  await relay.wake()
  expect(storedIds()).toEqual([sampleUuid(1), sampleUuid(3)])
  expect((await store.outboxState()).size).toBe(1)
  // It holds up nobody else, and is not asked about again and again.
  const later = await record(4, 2)
  await relay.wake()
  expect(receiver.batches.at(-1)).toEqual(later)

  for (let run = 0; run < 2; run++) {
    clock.advance(MAX_BACKOFF_MS)
    await relay.wake()
  }
  expect(storedIds()).toEqual([...ids, ...later])
  expect((await store.outboxState()).size).toBe(0)
  expect(await store.deadLetterCount()).toBe(0)
  expect(ledger.report(NOON).dropped).toBe(0)
})

test('a long drain opens the gate as soon as there is room, not when it ends', async () => {
  gate = createOutboxGate({ limit: 100 })
  const full: boolean[] = []
  receiver.behave((_, accept) => {
    full.push(gate.isFull())
    clock.advance(1_000)
    return { status: 200, body: accept() }
  })
  await record(1, 150)
  const { relay } = startRelay({ batchSize: 25 })
  await relay.wake()
  expect(full).toEqual([true, true, true, false, false, false])
})

test('an event at which the receiver breaks does not keep the others from arriving', async () => {
  receiver.behave((batch, accept) =>
    batch.some(isEvent(20)) ? { status: 500, body: {} } : { status: 200, body: accept() },
  )
  const ids = await record(1, 40)
  const { relay } = startRelay()
  for (let run = 0; run < 30; run++) {
    await relay.wake()
    clock.advance(MAX_BACKOFF_MS)
  }
  expect(storedIds()).toEqual(ids.filter((id) => id !== sampleUuid(20)))
  expect((await store.outboxState()).size).toBe(1)
  expect(await store.deadLetterCount()).toBe(0)
})

/** Twelve slates' events, of which one batch holds four. */
async function recordLargeEvents(): Promise<void> {
  for (let n = 0; n < 12; n++) {
    const attributes = { text: 'y'.repeat(200_000) }
    const event = sampleExposure(`exposure-${n}`, { slateId: `s${n}`, attributes })
    await store.saveSlate(sampleSlate(`s${n}`, { items: sampleSlateItems('i1') }), [event])
  }
}

test('an outage in the middle of a claim leaves what was acknowledged delivered', async () => {
  await recordLargeEvents()
  receiver.behave((_, accept) =>
    receiver.batches.length === 1 ? { status: 200, body: accept() } : { status: 503, body: {} },
  )
  const { relay } = startRelay()
  await relay.wake()
  expect(receiver.stored.size).toBe(4)
  expect((await store.outboxState()).size).toBe(8)
})

test('nothing is sent that could be answered only after the lease; it is released at once instead', async () => {
  await recordLargeEvents()
  receiver.behave((_, accept) => {
    clock.advance(LEASE_MS / 2)
    return { status: 200, body: accept() }
  })
  const { relay } = startRelay({ batchSize: 12 })
  await relay.wake()
  expect(receiver.batches).toHaveLength(2)
  expect((await store.outboxState()).size).toBe(4)
  await relay.wake()
  expect(receiver.stored.size).toBe(12)
})

test('two interactions that carry the same exposure both leave the outbox', async () => {
  const records = [1, 2].map((n) => ({
    interaction: sampleInteraction(sampleUuid(n)),
    events: [sampleInteractionEvent(sampleUuid(n)), sampleExposure('exposure-1')],
  }))
  await store.recordInteractions(records)
  const { relay } = startRelay()
  await relay.wake()
  expect(receiver.batches).toEqual([[sampleUuid(1), 'exposure-1', sampleUuid(2), 'exposure-1']])
  expect((await store.outboxState()).size).toBe(0)
})

test('what a killed relay had claimed is delivered by another once its lease has run out', async () => {
  const ids = await record(1, 5)
  await store.claimOutbox({ now: clock.now(), leaseMs: LEASE_MS, limit: 5 })
  const { relay } = startRelay()
  await relay.wake()
  expect(receiver.batches).toHaveLength(0)
  clock.advance(LEASE_MS)
  await relay.wake()
  expect(storedIds()).toEqual(ids)
})

test('a delivery that is repeated because its acknowledgement got lost counts as delivered', async () => {
  await record(1, 3)
  let cut = true
  receiver.behave((_, accept) => {
    const body = accept()
    if (!cut) return { status: 200, body }
    cut = false
    return 'cut'
  })
  const { relay } = startRelay()
  await relay.wake()
  clock.advance(2 * MAX_BACKOFF_MS)
  await relay.wake()
  expect(receiver.batches).toEqual([
    [sampleUuid(1), sampleUuid(2), sampleUuid(3)],
    [sampleUuid(1), sampleUuid(2), sampleUuid(3)],
  ])
  expect((await store.outboxState()).size).toBe(0)
  expect(receiver.stored.size).toBe(3)
})

test('a relay that stops releases what it has claimed, at once', async () => {
  const arrived = Promise.withResolvers<void>()
  receiver.behave(() => {
    arrived.resolve()
    return 'freeze'
  })
  await record(1, 3)
  const { relay } = startRelay({ timeoutMs: 60_000 })
  const run = relay.wake()
  await arrived.promise
  await relay.stop()
  await run
  const claim = await store.claimOutbox({ now: clock.now(), leaseMs: LEASE_MS, limit: 10 })
  expect(claim.entries).toHaveLength(3)
})

test('two relays on one outbox deliver everything, nothing twice', async () => {
  const ids = await record(1, 400)
  const first = startRelay({ batchSize: 50 })
  const second = startRelay({ batchSize: 50 })
  await Promise.all([first.relay.wake(), second.relay.wake()])
  expect(receiver.batches.flat().toSorted()).toEqual(ids.toSorted())
})

test('while the datastore is away the relay backs off, says so once, and goes on afterwards', async () => {
  class DatastoreUnavailableError extends Error {
    override readonly name = 'DatastoreUnavailableError'
  }
  let lost = true
  let asked = 0
  const failing: OutboxRelayOptions['store'] = {
    ...store,
    async outboxState() {
      asked++
      if (lost) throw new DatastoreUnavailableError('gone')
      return store.outboxState()
    },
  }
  await record(1, 1)
  const { relay } = startRelay({ store: failing })
  await relay.wake()
  await relay.wake()
  expect(asked).toBe(1)
  lost = false
  clock.advance(MAX_BACKOFF_MS)
  await relay.wake()
  expect(storedIds()).toEqual([sampleUuid(1)])
})

test('the age of the oldest event is what operators see', async () => {
  receiver.behave(() => ({ status: 503, body: {} }))
  await record(1, 1)
  clock.advance(90_000)
  const { relay, metrics } = startRelay()
  await relay.wake()
  expect(clock.now()).toBe(NOON + 90_000)
  expect(await metricLines(metrics, 'bulkhead_outbox_oldest_seconds')).toEqual([
    'bulkhead_outbox_oldest_seconds{service="test"} 90',
  ])
  expect(await metricLines(metrics, 'bulkhead_outbox_size')).toEqual([
    'bulkhead_outbox_size{service="test"} 1',
  ])
})
