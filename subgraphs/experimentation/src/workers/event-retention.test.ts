import { createMetrics } from '@bulkhead/service/metrics'
import { expect, onTestFinished, test } from 'vitest'
import { NOON, sampleExposures } from '../testing/samples.ts'
import { openTestStore, silentLog } from '../testing/test-app.ts'
import { createEventRetention } from './event-retention.ts'

const RETENTION = 1_000

test('old events are erased when they are counted, in the read model and in the archive, and not before', async () => {
  const store = await openTestStore()
  await store.ingest(sampleExposures('old', 0, 30).map((event) => ({ ...event, recordedAt: NOON })))
  await store.ingest(sampleExposures('new', 0, 3).map((event) => ({ ...event, recordedAt: NOON + 500 })))
  const refusal = { producer: 'p1', code: 'MALFORMED_EVENT', message: 'm', body: '{}' }
  const refused = ['refused-old', 'refused-new']
  await store.reject(
    refused.map((eventId, index) => ({ ...refusal, eventId, rejectedAt: NOON + index * 500 })),
  )
  const metrics = createMetrics({ service: 'experimentation' })
  const worker = createEventRetention({
    store,
    isFollowed: true,
    archive: 'main',
    clock: { now: () => NOON + RETENTION + 1 },
    retentionMs: RETENTION,
    intervalMs: 5,
    random: { next: () => 0.5 },
    log: silentLog,
    metrics,
  })
  onTestFinished(() => worker.stop())
  const stored = async () => (await store.eventsBetween({ after: 0, upTo: 33, limit: 100 })).length

  worker.start()
  await worker.wake()
  expect(await stored()).toBe(33)
  await store.addCounts({ from: 0, through: { position: 33, asOf: NOON }, exposures: [] })
  await worker.wake()
  expect(await stored()).toBe(33)
  const lease = { holder: 'a', beat: 1, progress: { through: 33, caughtUpAt: NOON } }
  await store.replaceLease({ expectedBeat: null, lease })
  await worker.wake()
  expect(await stored()).toBe(33)
  const archive = { name: 'main', exportId: 'e1', erasuresFrom: 0 }
  await store.moveArchive({ ...archive, through: 2 })
  await worker.wake()
  expect(await stored()).toBe(33)
  await store.moveArchive({ ...archive, name: 'other', through: 33 })
  await worker.wake()
  expect(await stored()).toBe(33)
  await store.moveArchive({ ...archive, through: 33 })
  await worker.wake()
  expect(await stored()).toBe(3)
  expect([...(await store.exposureRecords(refused)).keys()]).toEqual(['refused-new'])
  expect(await metrics.registry.metrics()).toMatch(/bulkhead_ingest_erased_total\{[^}]*\} 30/)
})
