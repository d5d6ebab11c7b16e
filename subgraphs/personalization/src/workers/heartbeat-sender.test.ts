import { goodbyeEventSchema, heartbeatEventSchema } from '@bulkhead/contracts'
import { createLogger } from '@bulkhead/service/logging'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openPersonalizationStore } from '../datastore/open.ts'
import type { OutboxState, PersonalizationStore } from '../datastore/port.ts'
import { createExperimentationClient } from '../delivery/experimentation-client.ts'
import { createServedLedger } from '../state/served-ledger.ts'
import {
  EVENTS_TOKEN,
  type FakeExperimentation,
  SNAPSHOT_TOKEN,
  startFakeExperimentation,
} from '../testing/fake-experimentation.ts'
import { sampleInteraction, sampleInteractionEvent, sampleUuid } from '../testing/samples/interactions.ts'
import { sampleExposure } from '../testing/samples/slates.ts'
import { NOON } from '../testing/samples/time.ts'
import { createTestClock } from '../testing/test-clock.ts'
import { createTestMetrics } from '../testing/test-metrics.ts'
import { createTestRandom } from '../testing/test-random.ts'
import { createHeartbeatSender, readDeliveredThrough } from './heartbeat-sender.ts'

let receiver: FakeExperimentation
let store: PersonalizationStore
let cleanUps: (() => Promise<void>)[]

beforeEach(async () => {
  receiver = await startFakeExperimentation()
  store = await openPersonalizationStore('sqlite::memory:')
  cleanUps = [() => receiver.close(), () => store.close()]
})

afterEach(async () => {
  for (const cleanUp of cleanUps.toReversed()) await cleanUp()
})

function startSender(outboxState = () => store.outboxState()) {
  const clock = createTestClock()
  const ledger = createServedLedger()
  const client = createExperimentationClient({
    url: receiver.url,
    eventsToken: EVENTS_TOKEN,
    snapshotToken: SNAPSHOT_TOKEN,
    timeoutMs: 2_000,
  })
  const sender = createHeartbeatSender({
    client,
    ledger,
    clock,
    store: { outboxState },
    producer: 'producer-1',
    outbox: 'outbox-1',
    random: createTestRandom(),
    log: createLogger({ service: 'test', level: 'silent' }),
    metrics: createTestMetrics(),
    intervalMs: 3_600_000,
  })
  cleanUps.push(
    () => client.close(),
    () => sender.stop(),
  )
  sender.start()
  return { sender, ledger, clock }
}

function heartbeats() {
  return [...receiver.stored.values()]
    .filter(({ kind }) => kind === 'heartbeat')
    .map((event) => heartbeatEventSchema.parse(event))
}

test('a heartbeat says what was served and dropped, cumulatively, with a growing sequence', async () => {
  const { sender, ledger } = startSender()
  ledger.begin(NOON).served([sampleExposure('exposure-1')])
  ledger.drop(2)
  await sender.wake()
  ledger.begin(NOON).served([sampleExposure('exposure-1')])
  await sender.wake()
  const [first, second] = heartbeats()
  expect(first).toMatchObject({
    producer: 'producer-1',
    outbox: 'outbox-1',
    sequence: 1,
    uncounted: 0,
    dropped: 2,
    served: [{ count: 1 }],
  })
  expect(second).toMatchObject({ sequence: 2, served: [{ count: 2 }] })
  expect(first?.eventId).not.toBe(second?.eventId)
})

test('a lost heartbeat costs nothing: the next one says all of it', async () => {
  const { sender, ledger } = startSender()
  receiver.behave(() => ({ status: 503, body: {} }))
  ledger.drop(1)
  await sender.wake()
  receiver.behave((_, accept) => ({ status: 200, body: accept() }))
  await sender.wake()
  expect(heartbeats()).toMatchObject([{ sequence: 2, dropped: 1 }])
})

test('with nothing pending everything before now is delivered', async () => {
  const { sender } = startSender()
  await sender.wake()
  expect(heartbeats()[0]?.deliveredThrough).toBe(new Date(NOON - 1).toISOString())
})

test('the oldest pending event and the oldest write in flight bound what is delivered', async () => {
  const { ledger, clock } = startSender()
  const reached = () => readDeliveredThrough({ store, ledger, now: clock.now() })
  clock.advance(10_000)
  const write = ledger.begin(NOON + 5_000)
  expect(await reached()).toBe(NOON + 4_999)
  await store.recordInteractions([
    {
      interaction: sampleInteraction(sampleUuid(1), { occurredAt: NOON + 2_000 }),
      events: [sampleInteractionEvent(sampleUuid(1))],
    },
  ])
  expect(await reached()).toBeLessThan(NOON + 5_000)
  write.end()
  expect(await reached()).toBe(NOON - 1)
})

test('a write that settles while the outbox is being read is not overlooked', async () => {
  const ledger = createServedLedger()
  const clock = createTestClock()
  clock.advance(10_000)
  const write = ledger.begin(NOON + 3_000)
  const answer = Promise.withResolvers<OutboxState>()
  const reading = readDeliveredThrough({
    store: { outboxState: () => answer.promise },
    ledger,
    now: clock.now(),
  })
  write.end()
  answer.resolve({ size: 0, oldest: null })
  expect(await reading).toBe(NOON + 2_999)
})

test('while the datastore is away the last statement is repeated, and before the first there is none', async () => {
  class DatastoreUnavailableError extends Error {
    override readonly name = 'DatastoreUnavailableError'
  }
  let lost = true
  const { sender, clock } = startSender(async () => {
    if (lost) throw new DatastoreUnavailableError('gone')
    return store.outboxState()
  })
  await sender.wake()
  expect(heartbeats()).toEqual([])
  lost = false
  await sender.wake()
  lost = true
  clock.advance(60_000)
  await sender.wake()
  expect(heartbeats().map(({ sequence, deliveredThrough }) => [sequence, deliveredThrough])).toEqual([
    [1, new Date(NOON - 1).toISOString()],
    [2, new Date(NOON - 1).toISOString()],
  ])
})

test('an hour that was told after its end is told no more', async () => {
  const { sender, ledger, clock } = startSender()
  const write = ledger.begin(NOON)
  write.served([sampleExposure('exposure-1')])
  write.end()
  await sender.wake()
  clock.advance(3_600_000)
  await sender.wake()
  await sender.wake()
  expect(heartbeats().map(({ served }) => served.length)).toEqual([1, 1, 0])
})

test('the last word is a goodbye, with what was served since the last heartbeat', async () => {
  const { sender, ledger, clock } = startSender()
  await sender.wake()
  clock.advance(1_000)
  const write = ledger.begin(NOON)
  write.served([sampleExposure('exposure-1')])
  write.end()
  await sender.stop()
  const goodbye = goodbyeEventSchema.parse([...receiver.stored.values()].at(-1))
  expect(goodbye).toMatchObject({
    producer: 'producer-1',
    sequence: 2,
    served: [{ count: 1 }],
    deliveredThrough: new Date(NOON + 999).toISOString(),
    occurredAt: new Date(NOON + 1_000).toISOString(),
  })
})

test('a goodbye is of the instant that it knows everything of, however long the outbox took to read', async () => {
  const slow = async () => {
    clock.advance(3)
    return store.outboxState()
  }
  const { sender, clock } = startSender(slow)
  await sender.wake()
  await sender.stop()
  const goodbye = goodbyeEventSchema.parse([...receiver.stored.values()].at(-1))
  expect(Date.parse(goodbye.deliveredThrough)).toBe(Date.parse(goodbye.occurredAt) - 1)
})

test('a process that stops waits only briefly for its goodbye', async () => {
  const { sender } = startSender()
  await sender.wake()
  receiver.behave(() => 'freeze')
  await sender.stop()
  expect(receiver.stored.size).toBe(1)
})
