import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatastoreUnavailableError } from '@bulkhead/datastore/errors'
import { openSqlite } from '@bulkhead/datastore/sqlite/open'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sampleStoredAnalysis } from '../../testing/sample-analyses.ts'
import { sampleExposures } from '../../testing/samples.ts'
import { describeExperimentationStore } from '../testing/conformance.ts'
import { type CountedStore, createTestDatastore } from '../testing/conformance-context.ts'
import { expectSettled, takeReading } from '../testing/position-checks.ts'
import { SQLITE_MIGRATIONS } from './migrations.ts'
import { createSqliteStore } from './store.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulkhead-experimentation-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A file, because replicas share it. */
function urlOf(database: string): string {
  return `sqlite:${join(folder, `${database}.db`)}`
}

/** Statements are counted where the store asks for them. */
async function openCounted(url: string): Promise<CountedStore> {
  let statements = 0
  const db = openSqlite(url.slice('sqlite:'.length), SQLITE_MIGRATIONS)
  const store = createSqliteStore({
    ...db,
    statement(sql) {
      statements += 1
      return db.statement(sql)
    },
  })
  return {
    store,
    roundTrips: () => statements,
    async contents() {
      const tables = db.raw.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all()
      return new Map(tables.map(({ name }) => [String(name), db.raw.prepare(`SELECT * FROM ${name}`).all()]))
    },
  }
}

describeExperimentationStore('the experimentation store on sqlite', urlOf, openCounted)

describe('the experimentation store on sqlite', () => {
  test('reads events of some kinds by an index, without sorting', async () => {
    const db = openSqlite(urlOf('plans').slice('sqlite:'.length), SQLITE_MIGRATIONS)
    const asked: string[] = []
    const store = createSqliteStore({
      ...db,
      statement(sql) {
        asked.push(sql)
        return db.statement(sql)
      },
    })
    await store.ingest(sampleExposures('u', 0, 3))
    const kinds = ['exposure', 'interaction'] as const
    expect(await store.eventsBetween({ after: 0, upTo: 3, limit: 9, kinds })).toHaveLength(3)
    const [query = ''] = asked.filter((sql) => sql.includes('FROM event_blocks'))
    const plan = db.raw.prepare(`EXPLAIN QUERY PLAN ${query}`).all(0, 3, 9, ...kinds)
    const steps = plan.map(({ detail }) => String(detail))
    expect(steps.filter((step) => step.includes('event_blocks_by_kind (kind=? AND rowid>?'))).toHaveLength(2)
    expect(steps.join()).not.toContain('TEMP B-TREE')
    await store.close()
  })

  test('finds the newest analyses by an index, and reads no others', async () => {
    const db = openSqlite(urlOf('analyses').slice('sqlite:'.length), SQLITE_MIGRATIONS)
    const asked: string[] = []
    const store = createSqliteStore({
      ...db,
      statement(sql) {
        asked.push(sql)
        return db.statement(sql)
      },
    })
    await store.insertAnalysis(sampleStoredAnalysis())
    const lookup = { experimentKey: 'mix', cutoff: null, segment: null }
    await store.findAnalyses({ ids: ['a1'], newest: [lookup] })
    await store.analysisPages({ experimentKeys: ['mix'], limit: 2, after: null })
    const queries = asked.filter((sql) => sql.includes('FROM analyses') && sql.includes('SELECT'))
    expect(queries).toHaveLength(2)
    for (const sql of queries) {
      const steps = db.raw.prepare(`EXPLAIN QUERY PLAN ${sql}`).all()
      const details = steps.map(({ detail }) => String(detail))
      expect(details.filter((step) => /SCAN (analyses|found)/.test(step))).toEqual([])
      expect(details.join()).toMatch(/SEARCH analyses USING COVERING INDEX analyses_by_/)
    }
    await store.close()
  })

  test('answers with an outage, and keeps its positions, while another process holds the write lock', async () => {
    const datastore = createTestDatastore(urlOf('own_1'), openCounted)
    const store = await datastore.open()
    await store.ingest(sampleExposures('before', 0, 3))
    const reading = await takeReading(store)

    const holder = openSqlite(datastore.url.slice('sqlite:'.length), SQLITE_MIGRATIONS)
    holder.raw.exec('BEGIN IMMEDIATE')
    await expect(store.ingest(sampleExposures('refused', 0, 2))).rejects.toBeInstanceOf(
      DatastoreUnavailableError,
    )
    expect(await takeReading(store)).toEqual(reading)
    holder.raw.exec('COMMIT')
    holder.close()

    await store.ingest(sampleExposures('after', 0, 2))
    expect(await expectSettled(store, [reading])).toHaveLength(5)
    await datastore.dispose()
  })

  test('refuses with an outage what exceeds its queue, and stores what it took', async () => {
    const datastore = createTestDatastore(urlOf('own_3'), openCounted)
    const store = await datastore.open()
    const batches = Array.from({ length: 210 }, (_, index) => sampleExposures(`b${index}`, 0, 500))
    const results = await Promise.allSettled(batches.map((batch) => store.ingest(batch)))
    const refusals = results.filter((result) => result.status === 'rejected')
    expect(refusals.length).toBeGreaterThan(0)
    for (const { reason } of refusals) expect(reason).toBeInstanceOf(DatastoreUnavailableError)
    const ids = batches.flatMap((batch, index) =>
      results[index]?.status === 'fulfilled' ? batch.map(({ event }) => event.eventId) : [],
    )
    expect(ids.length).toBeGreaterThan(0)
    expect((await store.exposureRecords(ids)).size).toBe(ids.length)
    // Whole batches: nothing of a refused one is stored.
    expect(await store.head()).toBe(ids.length)
    await datastore.dispose()
  })
})
