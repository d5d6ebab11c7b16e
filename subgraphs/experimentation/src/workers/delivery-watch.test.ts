import { createMetrics } from '@bulkhead/service/metrics'
import { expect, test } from 'vitest'
import type { ExperimentationStore } from '../datastore/port.ts'
import { NOON, sampleExposure, sampleHeartbeat, sampleIncoming } from '../testing/samples.ts'
import { fixedClock, openTestStore, silentLog } from '../testing/test-app.ts'
import { createDeliveryWatch } from './delivery-watch.ts'

function heartbeat(producer: string, sequence: number, through: number) {
  return sampleIncoming(
    sampleHeartbeat({
      eventId: `${producer}-${sequence}-report`,
      producer,
      sequence,
      deliveredThrough: new Date(through).toISOString(),
    }),
  )
}

function startWatch(store: Pick<ExperimentationStore, 'head' | 'eventsBetween'>) {
  const metrics = createMetrics({ service: 'experimentation' })
  const watch = createDeliveryWatch({
    store,
    metrics,
    clock: fixedClock(NOON + 60_000),
    intervalMs: 3_600_000,
    random: { next: () => 0.5 },
    log: silentLog,
  })
  watch.start()
  const gauge = async (name: string) =>
    (await metrics.registry.getSingleMetric(name)?.get())?.values[0]?.value
  return { watch, gauge }
}

test('the lag is that of the producer that is furthest behind, by what each has said last', async () => {
  const store = await openTestStore()
  const { watch, gauge } = startWatch(store)
  await watch.wake()
  expect([await gauge('bulkhead_producers'), await gauge('bulkhead_delivery_lag_seconds')]).toEqual([0, 0])
  await store.ingest([
    heartbeat('a', 1, NOON),
    heartbeat('b', 1, NOON + 30_000),
    sampleIncoming(sampleExposure()),
  ])
  await watch.wake()
  expect([await gauge('bulkhead_producers'), await gauge('bulkhead_delivery_lag_seconds')]).toEqual([2, 60])
  await store.ingest([heartbeat('a', 2, NOON + 45_000)])
  await watch.wake()
  expect(await gauge('bulkhead_delivery_lag_seconds')).toBe(30)
  await watch.stop()
})

test('more reports than one read takes are all read', async () => {
  const store = await openTestStore()
  for (let from = 0; from < 1_200; from += 400) {
    await store.ingest(Array.from({ length: 400 }, (_, at) => heartbeat(`p${from + at}`, 1, NOON)))
  }
  const { watch, gauge } = startWatch(store)
  await watch.wake()
  expect(await gauge('bulkhead_producers')).toBe(1_200)
  await watch.stop()
})
