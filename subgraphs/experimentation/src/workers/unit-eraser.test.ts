import { createMetrics } from '@bulkhead/service/metrics'
import { expect, onTestFinished, test } from 'vitest'
import { DAY, NOON, sampleErasure, sampleExposures, sampleIncoming } from '../testing/samples.ts'
import { openTestStore, silentLog } from '../testing/test-app.ts'
import { createStoreErasing } from '../testing/unit-erasing.ts'
import { createUnitEraser } from './unit-eraser.ts'

test('erasures are carried out and shown, and forgotten when nothing can come late any more', async () => {
  const store = await openTestStore()
  await store.ingest(sampleExposures('u', 0, 30))
  await store.ingest([sampleIncoming(sampleErasure({ unit: 'u-7' }), NOON)])
  const metrics = createMetrics({ service: 'experimentation' })
  let now = NOON + 5_000
  const worker = createUnitEraser({
    erasing: createStoreErasing(store),
    store,
    archive: null,
    eventMaxAgeMs: 30 * DAY,
    clock: { now: () => now },
    intervalMs: 5,
    random: { next: () => 0.5 },
    log: silentLog,
    metrics,
  })
  onTestFinished(() => worker.stop())
  const shown = async (name: string) => {
    const text = await metrics.registry.metrics()
    return Number(new RegExp(`^bulkhead_erasure_${name}\\{[^}]*\\} (.+)$`, 'm').exec(text)?.[1])
  }

  worker.start()
  await worker.wake()
  expect(await store.eventsBetween({ after: 0, upTo: 30, limit: 100 })).toHaveLength(29)
  // It waits for the counters.
  expect([await shown('events_total'), await shown('units_total')]).toEqual([1, 0])
  expect(await shown('oldest_waiting_seconds')).toBe(5)
  await store.addCounts({ from: 0, through: { position: 30, asOf: NOON }, exposures: [] })
  await worker.wake()
  expect([await shown('events_total'), await shown('units_total')]).toEqual([1, 1])
  expect(await shown('oldest_waiting_seconds')).toBe(0)

  const late = sampleExposures('u', 7, 1)
  const [event] = late
  const again = [{ ...event, event: { ...event?.event, eventId: 'another-id' } }] as typeof late
  now = NOON + 31 * DAY
  await worker.wake()
  await store.ingest(again)
  expect(await store.head()).toBe(30)
  now = NOON + 31 * DAY + 3_600_001
  await worker.wake()
  await store.ingest(again)
  expect(await store.head()).toBe(31)
})

test('an erasure is remembered until the archive has applied it', async () => {
  const store = await openTestStore()
  await store.ingest([sampleIncoming(sampleErasure({ unit: 'u-7' }), NOON)])
  await store.addCounts({ from: 0, through: { position: await store.head(), asOf: NOON }, exposures: [] })
  let now = NOON + 60 * DAY
  const worker = createUnitEraser({
    erasing: createStoreErasing(store),
    store,
    archive: 'main',
    eventMaxAgeMs: 30 * DAY,
    clock: { now: () => now },
    intervalMs: 5,
    random: { next: () => 0.5 },
    log: silentLog,
    metrics: createMetrics({ service: 'experimentation' }),
  })
  onTestFinished(() => worker.stop())
  const known = async () => (await store.erasuresSince(0)).length

  worker.start()
  await worker.wake()
  expect(await known()).toBe(1)
  const archive = { name: 'main', exportId: 'e1', through: 0 }
  await store.moveArchive({ ...archive, erasuresFrom: NOON })
  now += DAY
  await worker.wake()
  expect(await known()).toBe(1)
  await store.moveArchive({ ...archive, erasuresFrom: NOON + 1 })
  now += DAY
  await worker.wake()
  expect(await known()).toBe(0)
})
