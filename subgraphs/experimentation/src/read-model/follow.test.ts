import { expect, test } from 'vitest'
import type { ExperimentationStore, PositionedEvent } from '../datastore/port.ts'
import { toStoredEvent } from '../domain/stored-event.ts'
import { NOON, sampleExposure, sampleHeartbeat, sampleInteraction } from '../testing/samples.ts'
import { openReadModel } from './duckdb-read-model.ts'
import { ReadModelAheadError } from './errors.ts'
import { createFollower } from './follow.ts'
import { referenceSums } from './testing/reference.ts'
import { sampleSumsQuery } from './testing/sample-queries.ts'

type Source = Pick<ExperimentationStore, 'head' | 'eventsBetween'>

function storeOf(log: readonly PositionedEvent[], head: number): Source {
  return {
    head: async () => head,
    eventsBetween: async ({ after, upTo, limit, kinds }) =>
      log
        .filter(({ position }) => position > after && position <= upTo)
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
