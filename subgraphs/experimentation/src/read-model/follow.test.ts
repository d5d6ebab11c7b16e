import { expect, test } from 'vitest'
import type { ExperimentationStore, PositionedEvent } from '../datastore/port.ts'
import { toStoredEvent } from '../domain/stored-event.ts'
import { DAY, NOON, sampleExposure, sampleHeartbeat, sampleInteraction } from '../testing/samples.ts'
import { openReadModel } from './duckdb-read-model.ts'
import { EventsErasedError, ReadModelAheadError } from './errors.ts'
import { createFollower } from './follow.ts'
import { referenceSums } from './testing/reference.ts'
import { sampleSumsQuery } from './testing/sample-queries.ts'

type Source = Pick<ExperimentationStore, 'head' | 'eventsBetween' | 'logStart'>

function storeOf(log: readonly PositionedEvent[], head: number, start = 0): Source {
  return {
    logStart: async () => start,
    head: async () => head,
    eventsBetween: async ({ after, upTo, limit, kinds }) =>
      log
        .filter(({ position }) => position > Math.max(after, start) && position <= upTo)
        .filter(({ event }) => kinds?.includes(event.kind) ?? true)
        .slice(0, limit),
  }
}

const LOG: PositionedEvent[] = Array.from({ length: 20 }, (_, index) => {
  const unit = `u${index % 5}`
  const events = [
    sampleExposure({ unit }),
    sampleHeartbeat(),
    sampleInteraction({ unit, type: 'PLAY', value: index }),
    sampleHeartbeat(),
  ]
  const event = toStoredEvent(events[index % 4] ?? sampleHeartbeat())
  return { event, producer: 'p', recordedAt: NOON, position: index + 1 }
})

test.each([1, 3, 5, 10, 100])('pages of %i events lead to the head, and to the same sums', async (limit) => {
  const model = await openReadModel(':memory:')
  const follower = createFollower({ store: storeOf(LOG, 20), model, limit })
  let steps = 0
  while (await follower.step()) steps += 1
  expect(steps).toBe(Math.floor(10 / limit) + 1)
  expect(await model.through()).toBe(20)
  const query = sampleSumsQuery({ asOf: 20 })
  const { sql: _, ...sums } = await model.sums(query)
  expect(sums).toEqual(referenceSums(LOG, query))
  await model.close()
})

test('what was not at the head yet comes with a later step', async () => {
  const model = await openReadModel(':memory:')
  await createFollower({ store: storeOf(LOG, 7), model, limit: 4 }).step()
  expect(await model.through()).toBe(7)
  const follower = createFollower({ store: storeOf(LOG, 20), model, limit: 100 })
  expect(await follower.step()).toBe(true)
  expect(await follower.step()).toBe(false)
  expect(await model.through()).toBe(20)
  await model.close()
})

test('a log that ends before the read model is not its log', async () => {
  const model = await openReadModel(':memory:')
  await createFollower({ store: storeOf(LOG, 20), model, limit: 100 }).step()
  const other = createFollower({ store: storeOf(LOG.slice(0, 3), 3), model, limit: 100 })
  await expect(other.step()).rejects.toBeInstanceOf(ReadModelAheadError)
  await model.close()
})

test('a log that has another event where the read model ends is not its log, however long it is', async () => {
  const model = await openReadModel(':memory:')
  await createFollower({ store: storeOf(LOG.slice(0, 9), 9), model, limit: 100 }).step()
  expect(await model.lastEvent()).toEqual({ position: 9, eventId: LOG[8]?.event.eventId })
  const restored = LOG.map((item) => ({
    ...item,
    event: { ...item.event, eventId: `other-${item.position}` },
  }))
  await expect(
    createFollower({ store: storeOf(restored, 20), model, limit: 100 }).step(),
  ).rejects.toBeInstanceOf(ReadModelAheadError)
  // Erased since, which says nothing.
  const without = LOG.filter(({ position }) => position !== 9)
  expect(await createFollower({ store: storeOf(without, 20), model, limit: 100 }).step()).toBe(true)
  await model.close()
})

test('what retention has erased is skipped, and whatever needs it is refused', async () => {
  const model = await openReadModel(':memory:')
  const follower = createFollower({ store: storeOf(LOG, 20, 8), model, limit: 4 })
  while (await follower.step());
  expect(await model.through()).toBe(20)
  const query = sampleSumsQuery({ asOf: 20 })
  await expect(model.sums(query)).rejects.toBeInstanceOf(EventsErasedError)
  const intervals = [{ from: NOON + 2 * DAY, to: null }]
  const later = { ...query, intervals, cutoff: NOON + 3 * DAY, covariateWindowMs: null }
  expect((await model.sums(later)).units).toEqual([])
  const withHistory = { ...later, covariateWindowMs: 1 }
  await expect(model.sums(withHistory)).rejects.toBeInstanceOf(EventsErasedError)
  await model.close()
})

test('what retention erases while a page is read does not go missing unnoticed', async () => {
  const model = await openReadModel(':memory:')
  const { eventsBetween, ...store } = storeOf(LOG, 20)
  let start = 0
  const racing: Source = {
    ...store,
    async eventsBetween(range) {
      start = 10
      return (await eventsBetween(range)).filter(({ position }) => position > start)
    },
    logStart: async () => start,
  }
  const follower = createFollower({ store: racing, model, limit: 100 })
  while (await follower.step());
  await expect(model.sums(sampleSumsQuery({ asOf: 20 }))).rejects.toBeInstanceOf(EventsErasedError)
  await model.close()
})
