import { openSqlite } from '@bulkhead/datastore/sqlite/open'
import { expect, test } from 'vitest'
import { sampleExposures, sampleHeartbeat, sampleIncoming } from '../../testing/samples.ts'
import { readUpTo, withoutTime } from '../testing/position-checks.ts'
import { SQLITE_MIGRATIONS } from './migrations.ts'
import { createSqliteStore } from './store.ts'

test('events of the first releases keep their positions, and their ids are known', async () => {
  const first = openSqlite(':memory:', SQLITE_MIGRATIONS.slice(0, 2))
  const stored = [
    ...sampleExposures('u', 0, 700),
    sampleIncoming(sampleHeartbeat()),
    ...sampleExposures('v', 0, 3),
  ]
  const insert =
    first.raw.prepare(`INSERT INTO events (event_id, kind, producer, recorded_at, occurred_at, day, body)
    VALUES (?, ?, ?, ?, 0, 0, ?)`)
  for (const { event, producer, recordedAt } of stored) {
    insert.run(event.eventId, event.kind, producer, recordedAt, JSON.stringify(event))
  }
  // Some were erased, the newest among them.
  first.raw.exec('DELETE FROM events WHERE position IN (5, 704)')
  SQLITE_MIGRATIONS.slice(2).forEach(({ up }) => {
    if (typeof up === 'string') first.raw.exec(up)
    else up(first.raw)
  })

  const store = createSqliteStore(first)
  expect(await store.head()).toBe(704)
  const expected = stored
    .map((event, index) => ({ ...withoutTime(event), position: index + 1 }))
    .filter(({ position }) => position !== 5 && position !== 704)
  expect(await readUpTo(store, 704)).toEqual(expected)
  // What is delivered again is known.
  await store.ingest(stored.slice(10, 20))
  expect(await store.head()).toBe(704)
  await store.ingest(sampleExposures('w', 0, 1))
  expect(await store.head()).toBe(705)
  await store.close()
})
