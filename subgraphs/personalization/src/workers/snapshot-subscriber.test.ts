import { MAX_SNAPSHOT_BYTES } from '@bulkhead/contracts'
import { captureLog } from '@bulkhead/service/testing/captured-log'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { openPersonalizationStore } from '../datastore/open.ts'
import type { PersonalizationStore } from '../datastore/port.ts'
import { createExperimentationClient } from '../delivery/experimentation-client.ts'
import { createSnapshotHolder } from '../state/snapshot-holder.ts'
import {
  EVENTS_TOKEN,
  type FakeExperimentation,
  SNAPSHOT_TOKEN,
  startFakeExperimentation,
} from '../testing/fake-experimentation.ts'
import { createTestClock } from '../testing/test-clock.ts'
import { createTestMetrics, metricLines } from '../testing/test-metrics.ts'
import { createTestPublisher } from '../testing/test-publisher.ts'
import { createTestRandom } from '../testing/test-random.ts'
import { createSnapshotSubscriber, type SnapshotSubscriberOptions } from './snapshot-subscriber.ts'

const publisher = createTestPublisher()

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

function startSubscriber(
  overrides: Partial<SnapshotSubscriberOptions> & { timeoutMs?: number; url?: string } = {},
) {
  const client = createExperimentationClient({
    url: overrides.url ?? receiver.url,
    eventsToken: EVENTS_TOKEN,
    snapshotToken: SNAPSHOT_TOKEN,
    timeoutMs: overrides.timeoutMs ?? 2_000,
  })
  const holder = createSnapshotHolder()
  const metrics = createTestMetrics()
  const clock = createTestClock()
  const { log, lines } = captureLog()
  const subscriber = createSnapshotSubscriber({
    store,
    client,
    holder,
    clock,
    metrics,
    log,
    publicKeys: publisher.publicKeys,
    random: createTestRandom(),
    intervalMs: 3_600_000,
    ...overrides,
  })
  cleanUps.push(
    () => client.close(),
    () => subscriber.stop(),
  )
  subscriber.start()
  return { subscriber, holder, metrics, clock, lines }
}

function publish(version: number, extra: object = {}): void {
  receiver.publish({
    body: JSON.stringify({ ...publisher.publish(version), ...extra }),
    etag: `"v${version}"`,
  })
}

test('a published snapshot is held, and asked for again only by its tag', async () => {
  publish(1)
  const { subscriber, holder, metrics } = startSubscriber()
  await subscriber.wake()
  await subscriber.wake()
  expect(holder.current()?.version).toBe(1)
  expect(receiver.snapshotAnswers.slice(-2)).toEqual([200, 304])
  publish(2)
  await subscriber.wake()
  expect(holder.current()?.version).toBe(2)
  expect(await metricLines(metrics, 'bulkhead_snapshot_version')).toEqual([
    'bulkhead_snapshot_version{service="test"} 2',
  ])
})

test('a lower version does not replace what is held', async () => {
  publish(5)
  const { subscriber, holder, metrics } = startSubscriber()
  await subscriber.wake()
  publish(4)
  await subscriber.wake()
  expect(holder.current()?.version).toBe(5)
  expect(await metricLines(metrics, 'bulkhead_snapshot_refused_total')).toEqual([
    'bulkhead_snapshot_refused_total{code="LOWER_VERSION",service="test"} 1',
  ])
})

test('the last-known-good snapshot survives a restart without experimentation', async () => {
  publish(7)
  const first = startSubscriber()
  await first.subscriber.wake()
  await vi.waitFor(async () => expect(await store.lastSnapshot()).toMatchObject({ version: 7 }))
  await first.subscriber.stop()
  await receiver.close()

  const second = startSubscriber()
  await second.subscriber.wake()
  await vi.waitFor(() => expect(second.holder.current()?.version).toBe(7))
})

test('fields that only a newer publisher knows survive the datastore, so that the signature still holds', async () => {
  const published = publisher.publish(8, { notKnownHere: { yet: true } } as object)
  receiver.publish({ body: JSON.stringify(published) })
  const first = startSubscriber()
  await first.subscriber.wake()
  await vi.waitFor(async () => expect(await store.lastSnapshot()).toEqual(published))
  await first.subscriber.stop()

  const second = startSubscriber({ url: 'http://127.0.0.1:9' })
  await second.subscriber.wake()
  await vi.waitFor(() => expect(second.holder.current()?.version).toBe(8))
})

test.each([
  ['forged', 'BAD_SIGNATURE', () => ({ ...publisher.publish(9), version: 10 })],
  ['signed by a stranger', 'UNKNOWN_KEY', () => createTestPublisher('stranger').publish(9)],
  ['not a snapshot', 'MALFORMED', () => ({ hello: 'world' })],
  ['with a holdout', 'HOLDOUT_UNSUPPORTED', () => publisher.publish(9, { holdouts: [{ key: 'h' }] })],
])('a snapshot that is %s is refused, counted and logged once', async (_, code, make) => {
  publish(1)
  const { subscriber, holder, metrics, lines } = startSubscriber()
  await subscriber.wake()
  receiver.publish({ body: JSON.stringify(make()), etag: '"forged"' })
  await subscriber.wake()
  await subscriber.wake()
  expect(holder.current()?.version).toBe(1)
  const [line] = await metricLines(metrics, 'bulkhead_snapshot_refused_total')
  expect(line).toBe(`bulkhead_snapshot_refused_total{code="${code}",service="test"} 2`)
  expect(lines.filter((entry) => entry.reason === code)).toHaveLength(1)
})

test('a kept snapshot that was tampered with is not used', async () => {
  await store.keepSnapshot({ ...publisher.publish(3), version: 4 })
  const { subscriber, holder, metrics } = startSubscriber()
  await subscriber.wake()
  await vi.waitFor(async () =>
    expect(await metricLines(metrics, 'bulkhead_snapshot_refused_total')).toEqual([
      'bulkhead_snapshot_refused_total{code="BAD_SIGNATURE",service="test"} 1',
    ]),
  )
  expect(holder.current()).toBeNull()
})

test.each([
  ['is down', { body: '', status: 503 }],
  ['answers what is not JSON', { body: '<html>', status: 200 }],
  ['answers more than a snapshot can be', { body: `"${'x'.repeat(MAX_SNAPSHOT_BYTES)}"`, status: 200 }],
])('while experimentation %s, what is held stays, and the next answer counts', async (_, answer) => {
  publish(1)
  const { subscriber, holder, metrics } = startSubscriber()
  await subscriber.wake()
  receiver.publish(answer)
  await subscriber.wake()
  expect(holder.current()?.version).toBe(1)
  expect(await metricLines(metrics, 'bulkhead_snapshot_fetch_failures_total')).toEqual([
    'bulkhead_snapshot_fetch_failures_total{service="test"} 1',
  ])
  publish(2)
  await subscriber.wake()
  expect(holder.current()?.version).toBe(2)
})

test('a datastore that hangs or fails stops neither the fetch nor the next one', async () => {
  publish(1)
  const hanging = startSubscriber({
    store: { lastSnapshot: () => new Promise(() => {}), keepSnapshot: () => new Promise(() => {}) },
  })
  await hanging.subscriber.wake()
  expect(hanging.holder.current()?.version).toBe(1)

  const failing = startSubscriber({
    store: {
      lastSnapshot: () => Promise.reject(new Error('gone')),
      keepSnapshot: () => Promise.reject(new Error('gone')),
    },
  })
  await failing.subscriber.wake()
  publish(2)
  await failing.subscriber.wake()
  expect(failing.holder.current()?.version).toBe(2)
})

test('what the datastore could not keep is kept as soon as it can', async () => {
  publish(1)
  let lost = true
  const { subscriber } = startSubscriber({
    store: {
      lastSnapshot: () => store.lastSnapshot(),
      keepSnapshot: (snapshot) => (lost ? Promise.reject(new Error('gone')) : store.keepSnapshot(snapshot)),
    },
  })
  await subscriber.wake()
  lost = false
  await vi.waitFor(async () => {
    await subscriber.wake()
    expect(await store.lastSnapshot()).toMatchObject({ version: 1 })
  })
})

test('the age of a snapshot grows from when it was last confirmed', async () => {
  publish(1)
  const { subscriber, metrics, clock } = startSubscriber()
  await subscriber.wake()
  clock.advance(30_000)
  expect(await metricLines(metrics, 'bulkhead_snapshot_age_seconds')).toEqual([
    'bulkhead_snapshot_age_seconds{service="test"} 30',
  ])
  await subscriber.wake()
  expect(await metricLines(metrics, 'bulkhead_snapshot_age_seconds')).toEqual([
    'bulkhead_snapshot_age_seconds{service="test"} 0',
  ])
})
