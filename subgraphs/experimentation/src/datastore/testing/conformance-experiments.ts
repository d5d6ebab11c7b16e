import { DatastoreUnavailableError } from '@bulkhead/datastore/errors'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { EXPERIMENT_STATUSES, type Experiment } from '../../domain/experiment.ts'
import { sampleBatch, storeExperiments } from '../../testing/sample-changes.ts'
import { MONDAY, sampleExperiment, sampleExposures } from '../../testing/samples.ts'
import {
  EXPERIMENT_ORDER_FIELDS,
  type ExperimentFilter,
  type ExperimentPosition,
  type ExperimentQuery,
} from '../port.ts'
import type { ConformanceContext } from './conformance-context.ts'

const byCreation = { field: 'CREATED_AT', direction: 'ASC' } as const

function orderValue(experiment: Experiment, field: ExperimentQuery['orderBy']['field']) {
  return field === 'KEY'
    ? experiment.key
    : field === 'CREATED_AT'
      ? experiment.createdAt
      : experiment.startedAt
}

function compare(a: number | string | null, b: number | string | null): number {
  return a === b ? 0 : a === null ? -1 : b === null ? 1 : a < b ? -1 : 1
}

/** What `findExperiments` promises, in memory. */
function expectedOrder(
  all: readonly Experiment[],
  filter: ExperimentFilter,
  { field, direction }: ExperimentQuery['orderBy'],
): string[] {
  const { keys, statuses, owner, layer, modelVersionId, nameContains, createdAfter, createdBefore } = filter
  const sign = direction === 'ASC' ? 1 : -1
  return all
    .filter((e) => keys === undefined || keys.includes(e.key))
    .filter((e) => statuses === undefined || statuses.includes(e.status))
    .filter((e) => owner === undefined || e.owner === owner)
    .filter((e) => layer === undefined || e.layer?.key === layer)
    .filter(
      (e) =>
        modelVersionId === undefined || e.variants.some((v) => v.payload?.modelVersionId === modelVersionId),
    )
    .filter((e) => nameContains === undefined || e.name.toUpperCase().includes(nameContains.toUpperCase()))
    .filter((e) => createdAfter === undefined || e.createdAt > createdAfter)
    .filter((e) => createdBefore === undefined || e.createdAt < createdBefore)
    .sort((a, b) => sign * (compare(orderValue(a, field), orderValue(b, field)) || compare(a.key, b.key)))
    .map((e) => e.key)
}

/** Few values, so that there are many ties. */
const instants = [1, 2, 3].map((day) => MONDAY + day)
const names = ['Straße', 'Home 100%', 'home_mix', 'HOME (v2)', 'Änderung', 'a.c', 'abc', '.*', '\\d$']
const needles = [...names, 'strasse', 'HOME', '%', '_', '.', '(', 'änd', '', 'nowhere']
const owners = ['ana', 'Ben', 'ana@example.com']
const layers = ['ranking', 'r$2']
const models = ['m1', 'm$2', 'm.3']

const experiments = fc.uniqueArray(
  fc
    .record({
      key: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,5}$/),
      name: fc.constantFrom(...names),
      owner: fc.constantFrom(...owners),
      layer: fc.option(fc.constantFrom(...layers).map((key) => ({ key, from: 0, to: 1 }))),
      status: fc.constantFrom(...EXPERIMENT_STATUSES),
      createdAt: fc.constantFrom(...instants),
      startedAt: fc.option(fc.constantFrom(...instants)),
      models: fc.subarray(models),
    })
    .map(({ models: ids, ...fields }) =>
      sampleExperiment({
        ...fields,
        variants: ids.map((id) => ({
          key: id,
          name: id,
          weight: 1 / ids.length,
          payload: { modelVersionId: id },
          isControl: false,
        })),
      }),
    ),
  { selector: (experiment) => experiment.key, minLength: 40, maxLength: 40 },
)

function queries(keys: string[]) {
  return fc.record({
    field: fc.constantFrom(...EXPERIMENT_ORDER_FIELDS),
    direction: fc.constantFrom('ASC' as const, 'DESC' as const),
    limit: fc.integer({ min: 1, max: 9 }),
    filter: fc.record(
      {
        keys: fc.subarray(keys, { minLength: 5 }),
        statuses: fc.subarray([...EXPERIMENT_STATUSES]),
        owner: fc.constantFrom(...owners),
        layer: fc.constantFrom(...layers),
        modelVersionId: fc.constantFrom(...models),
        nameContains: fc.constantFrom(...needles),
        createdAfter: fc.constantFrom(...instants),
        createdBefore: fc.constantFrom(...instants),
      },
      { requiredKeys: [] },
    ),
  })
}

export function describeExperiments({ store, datastore }: ConformanceContext): void {
  describe('experiments', () => {
    test('come back as they were stored, odd payloads included', async () => {
      const payload = JSON.parse(
        '{"$set":{"a.b":[1,-0.5,1e-7,null]},"":"","é\\u0000":"🎧","__proto__":{"x":1}}',
      )
      const experiment = sampleExperiment({
        key: 'odd',
        name: '"Quotes", $dollars and 🎧',
        startedAt: MONDAY + 1,
        history: [{ from: 'DRAFT', to: 'RUNNING', at: MONDAY + 1, by: 'ben', reason: 'ready' }],
        variants: [{ key: 'only', name: 'Only', weight: 1, payload, isControl: true }],
      })
      await storeExperiments(store(), [experiment])
      const [found] = await store().experimentsByKeys(['odd'])
      expect(JSON.stringify(found)).toBe(JSON.stringify(experiment))
    })

    test('are found by their keys in one round trip, unknown keys left out', async () => {
      const keys = Array.from({ length: 150 }, (_, index) => `e${index}`)
      await storeExperiments(
        store(),
        keys.map((key) => sampleExperiment({ key })),
      )
      const before = datastore().roundTrips()
      const found = await store().experimentsByKeys([...keys, 'unknown', 'e1'])
      expect(datastore().roundTrips() - before).toBe(1)
      expect(found.map((experiment) => experiment.key).toSorted()).toEqual(keys.toSorted())
    })

    test('that a snapshot can list are those between start and decision, by key', async () => {
      await storeExperiments(
        store(),
        EXPERIMENT_STATUSES.map((status) => sampleExperiment({ key: status, status })),
      )
      expect((await store().assigningExperiments()).map((experiment) => experiment.key)).toEqual([
        'PAUSED',
        'RUNNING',
        'STOPPED',
      ])
    })

    test('are filtered, ordered and paged exactly as an in-memory sort says, with ties and nulls', async () => {
      const [all = []] = fc.sample(experiments, { numRuns: 1, seed: 7 })
      await storeExperiments(store(), all)

      const property = fc.asyncProperty(
        queries(all.map((experiment) => experiment.key)),
        async ({ field, direction, limit, filter }) => {
          const orderBy = { field, direction }
          const expected = expectedOrder(all, filter, orderBy)
          const seen: string[] = []
          let after: ExperimentPosition | null = null
          for (;;) {
            const page = await store().findExperiments({ filter, orderBy, limit, after })
            seen.push(...page.experiments.map((experiment) => experiment.key))
            expect(page.hasMore).toBe(seen.length < expected.length)
            const last = page.experiments.at(-1)
            if (!page.hasMore || last === undefined) break
            after = { value: orderValue(last, field), key: last.key }
          }
          expect(seen).toEqual(expected)
          expect(await store().countExperiments(filter)).toBe(expected.length)
        },
      )
      await fc.assert(property, { numRuns: 150 })
    })

    test('cost one round trip a page, and one more for their count where it is asked for', async () => {
      await storeExperiments(
        store(),
        ['a', 'b', 'c'].map((key) => sampleExperiment({ key, owner: key === 'a' ? 'ana' : 'ben' })),
      )
      const filter = { owner: 'ben' }
      const before = datastore().roundTrips()
      await store().findExperiments({ filter, orderBy: byCreation, limit: 1, after: null })
      expect(datastore().roundTrips() - before).toBe(1)
      expect(await store().countExperiments(filter)).toBe(2)
      expect(datastore().roundTrips() - before).toBe(2)
    })

    test('that are created while a client pages do not shift what follows', async () => {
      await storeExperiments(
        store(),
        ['b', 'd', 'f'].map((key) => sampleExperiment({ key })),
      )
      const query = { filter: {}, orderBy: byCreation, limit: 2 }
      const first = await store().findExperiments({ ...query, after: null })
      await storeExperiments(store(), [sampleExperiment({ key: 'a' })])
      const last = first.experiments.at(-1)
      const after = { value: last?.createdAt ?? null, key: last?.key ?? '' }
      const second = await store().findExperiments({ ...query, after })
      expect(second).toMatchObject({ experiments: [{ key: 'f' }], hasMore: false })
    })
  })

  test('answers a ping while it is open, and everything with an outage once it is closed', async () => {
    const replica = await datastore().open()
    await replica.ping()
    const batch = sampleBatch(await replica.changeHead(), { after: sampleExperiment({ key: 'mix' }) })
    await replica.close()
    const orderBy = { field: 'KEY', direction: 'ASC' } as const
    const calls: (() => Promise<unknown>)[] = [
      () => replica.ping(),
      () => replica.changeHead(),
      () => replica.commit(batch),
      () => replica.findAuditEntries({ filter: {}, limit: 1, after: 0 }),
      () => replica.findDecided({ filter: {}, limit: 1, after: null }),
      () => replica.countDecided({}),
      () => replica.metricsByKeys(['plays']),
      () => replica.findMetrics({ limit: 1, after: null }),
      () => replica.experimentsByKeys(['mix']),
      () => replica.findExperiments({ filter: {}, orderBy, limit: 1, after: null }),
      () => replica.countExperiments({}),
      () => replica.assigningExperiments(),
      () => replica.targetingDefinitions(),
      () => replica.latestSnapshot(),
      () => replica.snapshotsByVersions([1]),
      () => replica.ingest(sampleExposures('u', 0, 2)),
      () => replica.exposureRecords(['some-event']),
      () => replica.exposureCounts(['mix'], []),
      () => replica.head(),
      () => replica.eventsBetween({ after: 0, upTo: 1, limit: 1 }),
    ]
    for (const call of calls)
      await expect(call(), String(call)).rejects.toBeInstanceOf(DatastoreUnavailableError)
    expect(await store().latestSnapshot()).toBeNull()
    expect(await store().experimentsByKeys(['mix'])).toEqual([])
  })
}
