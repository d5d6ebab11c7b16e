import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { IncomingEvent } from '../datastore/port.ts'
import {
  DAY,
  HOUR,
  NOON,
  sampleDraft,
  sampleExposure,
  sampleHeartbeat,
  sampleIncoming,
  sampleSlateId,
} from '../testing/samples.ts'
import { openTestStore, startExperiment, startTestReplica } from '../testing/test-app.ts'
import { createExposureCounting } from './exposure-counting.ts'

const DELAY = 100

async function createTestCounting() {
  const store = await openTestStore()
  await startExperiment(await startTestReplica(store, NOON))
  let now = NOON + 10_000
  let lag = 0
  let oldest: number | null = null
  const counting = createExposureCounting({
    store: {
      ...store,
      head: async () => (await store.head()) - lag,
      unpositioned: async () => ({ events: oldest === null ? 0 : 1, oldest }),
    },
    clock: { now: () => now },
    delayMs: DELAY,
  })
  async function countAll(at = now) {
    now = at
    while (await counting.step());
    return (await store.exposureCounts(['mix'], [])).get('mix')
  }
  return {
    store,
    countAll,
    /** From now on the head that is read is so much lower. */
    lagBy(events: number) {
      lag = events
    },
    /** From now on some event that arrived then has no position. */
    waitingSince(recordedAt: number) {
      oldest = recordedAt
    },
  }
}

function exposed(number: number, occurredAt: number, recordedAt: number): IncomingEvent {
  return sampleIncoming(
    sampleExposure({
      slateId: sampleSlateId(number),
      unit: `u${number}`,
      occurredAt: new Date(occurredAt).toISOString(),
    }),
    recordedAt,
  )
}

async function stop(store: Awaited<ReturnType<typeof openTestStore>>, at: number, key = 'mix') {
  const { experiments } = await startTestReplica(store, at)
  const stopped = await experiments.step({ key, action: 'stop', revision: 4, reason: 'r', by: 'ben' })
  expect(stopped.type).toBe('accepted')
}

test('an exposure waits until every stop before it is stored, and is judged by it', async () => {
  const { store, countAll } = await createTestCounting()
  await store.ingest([exposed(1, NOON + 5_000, NOON + 5_001), exposed(2, NOON + 9_990, NOON + 9_991)])
  expect(await countAll(NOON + 10_000)).toMatchObject([{ exposures: 1, asOf: NOON + 10_000 - DELAY }])
  // Stopped before the second exposure, by a replica whose write took a while.
  await stop(store, NOON + 9_985)
  expect(await countAll(NOON + 11_000)).toMatchObject([{ exposures: 1, asOf: NOON + 11_000 - DELAY }])
})

test('more exposures than a step takes are counted in several, and heartbeats between them do not matter', async () => {
  const { store, countAll } = await createTestCounting()
  for (let batch = 0; batch < 10; batch += 1) {
    await store.ingest(
      Array.from({ length: 450 }, (_, index) => exposed(batch * 450 + index, NOON + 1, NOON + 2)),
    )
    await store.ingest([sampleIncoming(sampleHeartbeat({ eventId: `heartbeat-${batch}` }))])
  }
  expect(await countAll()).toMatchObject([{ exposures: 4_500, units: 4_500 }])
  expect(await store.countedThrough()).toEqual({ position: 4_510, asOf: NOON + 10_000 - DELAY })
  expect(await countAll()).toMatchObject([{ exposures: 4_500 }])
})

test('counts do not depend on the order of arrival, nor on when they were made', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.integer({ min: -50, max: 150 }), { minLength: 1, maxLength: 12 }),
      fc.infiniteStream(fc.boolean()),
      async (offsets, countNow) => {
        const { store, countAll } = await createTestCounting()
        await stop(store, NOON + 100)
        let index = 0
        for (const offset of offsets) {
          index += 1
          await store.ingest([exposed(index, NOON + offset, NOON + 200 + index)])
          if (countNow.next().value) await countAll(NOON + 250 + index + DELAY)
        }
        const expected = offsets.filter((offset) => offset >= 0 && offset < 100).length
        const counts = (await countAll(NOON + 1_000 + DELAY)) ?? []
        expect(counts.map(({ exposures }) => exposures)).toEqual(expected === 0 ? [] : [expected])
        await store.close()
      },
    ),
    { numRuns: 30 },
  )
})

test('an experiment that never ran has no counts', async () => {
  const { store, countAll } = await createTestCounting()
  const { experiments } = await startTestReplica(store, NOON)
  await experiments.create(sampleDraft({ key: 'draft', surfaces: ['search'] }), 'ana')
  const event = sampleExposure({ experimentKey: 'draft', occurredAt: new Date(NOON + 1).toISOString() })
  await store.ingest([sampleIncoming(event, NOON + 2)])
  await countAll()
  expect((await store.exposureCounts(['draft'], [])).get('draft')).toEqual([])
})

test('a head that lags behind what is counted, as after a failover, counts nothing again', async () => {
  const { store, countAll, lagBy } = await createTestCounting()
  await store.ingest([1, 2, 3, 4].map((number) => exposed(number, NOON + 1, NOON + 2)))
  expect(await countAll()).toMatchObject([{ exposures: 4 }])
  lagBy(3)
  expect(await countAll(NOON + 20_000)).toMatchObject([{ exposures: 4 }])
  expect(await store.countedThrough()).toMatchObject({ position: 4 })
  lagBy(0)
  expect(await countAll(NOON + 30_000)).toMatchObject([{ exposures: 4 }])
})

test('counting goes on while there is always something without a position, and says up to when', async () => {
  const { store, countAll, waitingSince } = await createTestCounting()
  await store.ingest([exposed(1, NOON + 1, NOON + 2)])
  waitingSince(NOON + 1_000)
  expect(await countAll()).toMatchObject([{ exposures: 1, asOf: NOON + 999 }])
})

test('an exposure from the future counts on the day of its arrival', async () => {
  const { store, countAll } = await createTestCounting()
  const midnight = NOON + 12 * HOUR
  await store.ingest([exposed(1, midnight + 60_000, midnight - 120_000)])
  await countAll(midnight + 10_000)
  const [row] = (await store.exposureCounts(['mix'], ['DAY'])).get('mix') ?? []
  expect(row?.day).toBe(midnight - DAY)
})
