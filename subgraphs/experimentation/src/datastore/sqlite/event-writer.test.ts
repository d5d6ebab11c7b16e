import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatastoreUnavailableError } from '@bulkhead/datastore/errors'
import { openSqlite, type SqliteDatabase } from '@bulkhead/datastore/sqlite/open'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { sampleExposures } from '../../testing/samples.ts'
import { eventBlocks } from '../event-blocks.ts'
import { createThreadWriter, type EventWriter } from './event-writer.ts'
import type { Write } from './event-writes.ts'
import { SQLITE_MIGRATIONS } from './migrations.ts'

let folder = ''
let path = ''
let db: SqliteDatabase
let writer: EventWriter

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulkhead-writer-'))
  path = join(folder, 'events.db')
  db = openSqlite(path, SQLITE_MIGRATIONS)
  writer = createThreadWriter(path)
})
afterEach(async () => {
  await writer.close()
  db.close()
  rmSync(folder, { recursive: true, force: true })
})

function write(name: string, from: number, count: number): Write {
  const events = sampleExposures(name, from, count)
  return {
    type: 'ingest',
    eventIds: events.map(({ event }) => event.eventId),
    occurredAt: events.map(() => 0),
    recordedAt: events.map(({ recordedAt }) => recordedAt),
    blocks: eventBlocks(events),
    modelStages: [],
    units: [],
    erasures: [],
  }
}

function stored(): unknown[] {
  return db.raw.prepare('SELECT first, count FROM event_blocks ORDER BY first').all().map(Object.values)
}

test('what is written is there for every other connection, without what was known', async () => {
  expect(await writer.write([write('u', 0, 3), write('u', 1, 4), write('u', 0, 2)])).toEqual([
    'stored',
    'stored',
    'stored',
  ])
  expect(stored()).toEqual([
    [1, 3],
    [4, 2],
  ])
})

test('a batch that fails is stored in no part, and the next one is', async () => {
  const [exposure] = sampleExposures('u', 0, 1)
  if (exposure === undefined) throw new Error('one was made')
  const broken = { type: 'reject', events: [{ producer: null }] } as unknown as Write
  await expect(writer.write([write('u', 0, 3), broken])).rejects.toThrow()
  expect(stored()).toEqual([])
  await writer.write([write('u', 0, 3)])
  expect(stored()).toEqual([[1, 3]])
})

test('a lock that another process holds is an outage, and so is everything after the end', async () => {
  db.raw.exec('BEGIN IMMEDIATE')
  await expect(writer.write([write('u', 0, 1)])).rejects.toBeInstanceOf(DatastoreUnavailableError)
  db.raw.exec('ROLLBACK')
  await writer.close()
  await expect(writer.write([write('u', 0, 1)])).rejects.toBeInstanceOf(DatastoreUnavailableError)
  expect(stored()).toEqual([])
}, 15_000)

test('a database that cannot be opened is an error of the write and not the end of the process', async () => {
  const lost = createThreadWriter(join(folder, 'none', 'x'.repeat(300), 'events.db'))
  await expect(lost.write([write('u', 0, 1)])).rejects.toThrow()
  await lost.close()
})
