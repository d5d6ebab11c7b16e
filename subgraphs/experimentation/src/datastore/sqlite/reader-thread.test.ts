import { mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatastoreUnavailableError } from '@bulkhead/datastore/errors'
import { openSqlite } from '@bulkhead/datastore/sqlite/open'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { SQLITE_MIGRATIONS } from './migrations.ts'
import { createThreadReader, type SqliteReader } from './reader-thread.ts'

const ECHO = 'SELECT ? AS value'
const SCAN = `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
  SELECT count(*) AS value, ? FROM n`

let folder = ''
let path = ''
let reader: SqliteReader
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulkhead-reader-'))
  path = join(folder, 'a.db')
  openSqlite(path, SQLITE_MIGRATIONS).close()
  reader = createThreadReader(path)
})
afterEach(async () => {
  await reader.close()
  rmSync(folder, { recursive: true, force: true })
})

test('reads in the order asked, each answer to its question', async () => {
  const answers = await Promise.all(['a', 'b', 'c'].map((value) => reader.all(ECHO, value)))
  expect(answers).toEqual([[{ value: 'a' }], [{ value: 'b' }], [{ value: 'c' }]])
})

test('takes a bounded number of reads at once, and more again after them', async () => {
  const results = await Promise.allSettled(Array.from({ length: 40 }, () => reader.all(SCAN, '')))
  const refused = results.filter((result) => result.status === 'rejected')
  expect(refused).toHaveLength(8)
  for (const { reason } of refused) expect(reason).toBeInstanceOf(DatastoreUnavailableError)
  expect(await reader.all(ECHO, 'after')).toEqual([{ value: 'after' }])
})

test('an outage fails the read alone, and the next one succeeds once it is over', async () => {
  renameSync(path, `${path}.away`)
  await expect(reader.all(ECHO, 'x')).rejects.toBeInstanceOf(DatastoreUnavailableError)
  renameSync(`${path}.away`, path)
  expect(await reader.all(ECHO, 'x')).toEqual([{ value: 'x' }])
})

test('a wrong statement is a defect and not an outage', async () => {
  const failure = await reader.all('SELECT nothing FROM nowhere WHERE ?', '').catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(Error)
  expect(failure).not.toBeInstanceOf(DatastoreUnavailableError)
})

test('it cannot write', async () => {
  await expect(reader.all('DELETE FROM events WHERE event_id = ?', '')).rejects.toThrow('readonly')
})

test('closing rejects what waits and refuses what follows', async () => {
  const waiting = expect(reader.all(SCAN, '')).rejects.toBeInstanceOf(DatastoreUnavailableError)
  await reader.close()
  await waiting
  await expect(reader.all(ECHO, 'x')).rejects.toBeInstanceOf(DatastoreUnavailableError)
})
