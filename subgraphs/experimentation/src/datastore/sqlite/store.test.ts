import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatastoreUnavailableError } from '@bulkhead/datastore/errors'
import { openSqlite } from '@bulkhead/datastore/sqlite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { describeExperimentationStore } from '../conformance.ts'
import type { ExperimentationStore } from '../port.ts'
import type { TestDatastore } from '../testing/conformance-context.ts'
import { expectSettled, takeReading } from '../testing/position-checks.ts'
import { numberedExposures } from '../testing/samples.ts'
import { SQLITE_MIGRATIONS } from './migrations.ts'
import { createSqliteReader } from './reader-thread.ts'
import { createSqliteStore } from './store.ts'

let folder = ''
let files = 0
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulkhead-experimentation-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A file, because replicas share it; statements are counted where the store asks for them. */
async function createDatastore(): Promise<TestDatastore> {
  files += 1
  const path = join(folder, `${files}.db`)
  const stores: ExperimentationStore[] = []
  let statements = 0
  return {
    url: `sqlite:${path}`,
    async open() {
      const database = openSqlite(path, SQLITE_MIGRATIONS)
      const reader = createSqliteReader(database)
      const store = createSqliteStore(
        {
          ...database,
          statement(sql) {
            statements += 1
            return database.statement(sql)
          },
        },
        {
          ...reader,
          all(sql, parameter) {
            statements += 1
            return reader.all(sql, parameter)
          },
        },
      )
      stores.push(store)
      return store
    },
    roundTrips: () => statements,
    async dispose() {
      await Promise.all(stores.map((store) => store.close()))
    },
  }
}

describeExperimentationStore('the experimentation store on sqlite', createDatastore)

describe('the experimentation store on sqlite', () => {
  test('answers with an outage, and keeps its positions, while another process holds the write lock', async () => {
    const datastore = await createDatastore()
    const store = await datastore.open()
    await store.ingest(numberedExposures('before', 0, 3))
    const reading = await takeReading(store)

    const holder = openSqlite(datastore.url.slice('sqlite:'.length), SQLITE_MIGRATIONS)
    holder.raw.exec('BEGIN IMMEDIATE')
    await expect(store.ingest(numberedExposures('refused', 0, 2))).rejects.toBeInstanceOf(
      DatastoreUnavailableError,
    )
    expect(await takeReading(store)).toEqual(reading)
    holder.raw.exec('COMMIT')
    holder.close()

    await store.ingest(numberedExposures('after', 0, 2))
    expect(await expectSettled(store, [reading])).toHaveLength(5)
    await datastore.dispose()
  })

  test('counts exposures without holding the event loop', async () => {
    const datastore = await createDatastore()
    const store = await datastore.open()
    await store.ingest(numberedExposures('some', 0, 100))
    let turns = 0
    function turn() {
      turns += 1
      next = setImmediate(turn)
    }
    let next = setImmediate(turn)
    const counts = await store.exposureCounts(['mix'], [])
    clearImmediate(next)
    expect(counts.get('mix')).toMatchObject([{ exposures: 100 }])
    expect(turns).toBeGreaterThan(0)
    await datastore.dispose()
  })

  test('refuses with an outage what exceeds its queue, and stores what it took', async () => {
    const datastore = await createDatastore()
    const store = await datastore.open()
    const batches = Array.from({ length: 14 }, (_, index) => numberedExposures(`b${index}`, 0, 500))
    const results = await Promise.allSettled(batches.map((batch) => store.ingest(batch)))
    const refusals = results.filter((result) => result.status === 'rejected')
    expect(refusals.length).toBeGreaterThan(0)
    for (const { reason } of refusals) expect(reason).toBeInstanceOf(DatastoreUnavailableError)
    const ids = batches.flatMap((batch, index) =>
      results[index]?.status === 'fulfilled' ? batch.map(({ event }) => event.eventId) : [],
    )
    expect(ids.length).toBeGreaterThan(0)
    expect((await store.exposureRecords(ids)).size).toBe(ids.length)
    await datastore.dispose()
  })
})
