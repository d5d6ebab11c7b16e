import { describe, expect, test } from 'vitest'
import { EMPTY_LOG, metricSubject, nextEntry } from '../../domain/audit/entry.ts'
import type { Decision } from '../../domain/governance/decision.ts'
import type { MetricDefinition } from '../../domain/plan/metric.ts'
import { sampleBatch, sampleEntry, storeExperiments } from '../../testing/sample-changes.ts'
import { sampleMetric } from '../../testing/sample-metrics.ts'
import { MONDAY, sampleExperiment, sampleSnapshot } from '../../testing/samples.ts'
import type { ChangeBatch, ExperimentationStore } from '../port.ts'
import type { ConformanceContext } from './conformance-context.ts'

const NOTHING = { entries: [], experiments: [], metrics: [], definitions: [], snapshot: null }

async function allEntries(store: ExperimentationStore) {
  return (await store.findAuditEntries({ filter: {}, limit: 1_000, after: 0 })).entries
}

export function describeChanges({ store, datastore }: ConformanceContext): void {
  const draft = sampleExperiment({ key: 'mix' })
  const running = { ...draft, status: 'RUNNING' as const, revision: 2, startedAt: 5 }

  async function metricBatch(metric: MetricDefinition): Promise<ChangeBatch> {
    const expected = await store().changeHead()
    const facts = { at: MONDAY, by: 'ana', action: 'createMetric', reason: 'test', before: null }
    const entry = nextEntry(expected, { ...facts, subject: metricSubject(metric.key), after: metric })
    return { ...NOTHING, expected, entries: [entry], metrics: [metric] }
  }

  describe('changes', () => {
    test('begin on an empty log without snapshots', async () => {
      expect(await store().changeHead()).toEqual({ ...EMPTY_LOG, snapshotVersion: 0 })
      expect(await store().latestSnapshot()).toBeNull()
    })

    test('store the experiment, its entry and the snapshot that shows it', async () => {
      await storeExperiments(store(), [draft])
      const expected = await store().changeHead()
      const batch = sampleBatch(expected, { before: draft, after: running, snapshot: sampleSnapshot(1) })
      expect(await store().commit(batch)).toBe('committed')
      expect(await store().experimentsByKeys(['mix'])).toEqual([running])
      expect(await store().assigningExperiments()).toEqual([running])
      expect(await store().latestSnapshot()).toEqual(sampleSnapshot(1))
      const [created, changed] = await allEntries(store())
      expect([created?.sequence, changed]).toEqual([1, batch.entries[0]])
      expect(await store().changeHead()).toEqual({
        sequence: 2,
        hash: changed?.hash,
        at: changed?.at,
        snapshotVersion: 1,
      })
      const page = await store().findExperiments({
        filter: { statuses: ['RUNNING'] },
        orderBy: { field: 'STARTED_AT', direction: 'DESC' },
        limit: 5,
        after: null,
      })
      expect(page).toMatchObject({ experiments: [{ key: 'mix', startedAt: 5 }] })
    })

    test('can be without a snapshot, and a snapshot without changes', async () => {
      await storeExperiments(store(), [draft])
      expect((await store().changeHead()).snapshotVersion).toBe(0)
      const expected = await store().changeHead()
      expect(await store().commit({ ...NOTHING, expected, snapshot: sampleSnapshot(1) })).toBe('committed')
      expect(await store().changeHead()).toEqual({ ...expected, snapshotVersion: 1 })
    })

    test('of one experiment in one batch store its last state and every entry', async () => {
      await storeExperiments(store(), [draft])
      const expected = await store().changeHead()
      const renamed = { ...draft, name: 'New', revision: 2 }
      const again = { ...renamed, name: 'Newer', revision: 3 }
      const first = sampleEntry(expected, renamed, draft)
      const entries = [first, sampleEntry(first, again, renamed)]
      const experiments = [{ experiment: again, expectedRevision: 1 }]
      expect(await store().commit({ ...NOTHING, expected, entries, experiments })).toBe('committed')
      expect(await store().experimentsByKeys(['mix'])).toEqual([again])
      expect((await allEntries(store())).map(({ sequence }) => sequence)).toEqual([1, 2, 3])
    })

    test.each<{ why: string; change: (batch: ChangeBatch) => ChangeBatch }>([
      {
        why: 'the log has grown',
        change: (batch) => ({ ...batch, expected: { ...batch.expected, sequence: 0 } }),
      },
      {
        why: 'another snapshot was published',
        change: (batch) => ({ ...batch, expected: { ...batch.expected, snapshotVersion: 0 } }),
      },
      {
        why: 'the experiment is at another revision',
        change: (batch) => ({ ...batch, experiments: [{ experiment: running, expectedRevision: 7 }] }),
      },
      {
        why: 'the experiment does not exist',
        change: (batch) => ({
          ...batch,
          experiments: [{ experiment: { ...running, key: 'none' }, expectedRevision: 1 }],
        }),
      },
      {
        why: 'the key is taken',
        change: (batch) => ({ ...batch, experiments: [{ experiment: running, expectedRevision: 0 }] }),
      },
      {
        why: 'the version of a metric does not follow',
        change: (batch) => ({ ...batch, metrics: [sampleMetric({ version: 2 })] }),
      },
    ])('are a conflict and store nothing where $why', async ({ change }) => {
      await storeExperiments(store(), [draft])
      const first = await store().changeHead()
      await store().commit({ ...NOTHING, expected: first, snapshot: sampleSnapshot(1) })
      const expected = await store().changeHead()
      const entries = await allEntries(store())
      const batch = sampleBatch(expected, { before: draft, after: running, snapshot: sampleSnapshot(2) })
      expect(await store().commit(change(batch))).toBe('conflict')
      expect(await store().changeHead()).toEqual(expected)
      expect(await allEntries(store())).toEqual(entries)
      expect(await store().experimentsByKeys(['mix', 'none'])).toEqual([draft])
      expect(await store().snapshotsByVersions([1, 2])).toEqual([sampleSnapshot(1)])
      expect(await store().metricsByKeys(['plays'])).toEqual([])
    })

    test('by several replicas at once on one head succeed for exactly one', async () => {
      const replicas = [store(), await datastore().open(), await datastore().open()]
      const keys = replicas.map((_, index) => `e${index}`)
      await storeExperiments(
        store(),
        keys.map((key) => sampleExperiment({ key })),
      )
      const current = new Map((await store().experimentsByKeys(keys)).map((one) => [one.key, one]))
      for (let version = 1; version <= 8; version += 1) {
        const expected = await store().changeHead()
        const results = await Promise.all(
          replicas.map(async (replica, index) => {
            const before = current.get(`e${index}`) ?? draft
            const after = { ...before, revision: before.revision + 1 }
            const snapshot = { ...sampleSnapshot(version), keyId: `by-${index}` }
            return replica.commit(sampleBatch(expected, { before, after, snapshot }))
          }),
        )
        const winner = results.indexOf('committed')
        expect(results.filter((result) => result === 'committed')).toHaveLength(1)
        expect(await store().latestSnapshot()).toMatchObject({ version, keyId: `by-${winner}` })
        for (const one of await store().experimentsByKeys([`e${winner}`])) current.set(one.key, one)
      }
      const stored = await store().experimentsByKeys(keys)
      expect(stored.map(({ revision }) => revision).reduce((sum, revision) => sum + revision, 0)).toBe(3 + 8)
      expect((await allEntries(store())).map(({ sequence }) => sequence)).toEqual(
        Array.from({ length: 3 + 8 }, (_, index) => index + 1),
      )
    })

    test('to create one experiment are accepted once from replicas that try at the same time', async () => {
      const replicas = [store(), await datastore().open(), await datastore().open()]
      const expected = await store().changeHead()
      const results = await Promise.all(
        replicas.map((replica, index) =>
          replica.commit(sampleBatch(expected, { after: { ...draft, name: `by ${index}` } })),
        ),
      )
      expect(results.toSorted()).toEqual(['committed', 'conflict', 'conflict'])
      const [stored] = await store().experimentsByKeys(['mix'])
      expect(stored?.name).toBe(`by ${results.indexOf('committed')}`)
    })
  })

  describe('snapshots', () => {
    test('are found by version in one round trip, just as they were signed, unknown versions left out', async () => {
      const snapshots = [1, 2, 3].map((version) => ({
        ...sampleSnapshot(version),
        newerField: { $a: version },
      }))
      for (const snapshot of snapshots) {
        await store().commit({ ...NOTHING, expected: await store().changeHead(), snapshot })
      }
      const before = datastore().roundTrips()
      const found = await store().snapshotsByVersions([3, 1, 99])
      expect(datastore().roundTrips() - before).toBe(1)
      expect(found.map((snapshot) => JSON.stringify(snapshot)).toSorted()).toEqual(
        [snapshots[0], snapshots[2]].map((snapshot) => JSON.stringify(snapshot)),
      )
    })

    test('may be as large as subscribers read', async () => {
      const snapshot = { ...sampleSnapshot(1), filler: 'ab'.repeat(8 * 1024 * 1024) }
      await store().commit({ ...NOTHING, expected: await store().changeHead(), snapshot })
      expect((await store().latestSnapshot()) ?? {}).toEqual(snapshot)
    })
  })

  describe('the audit log', () => {
    test('is filtered and paged in the order of the sequence', async () => {
      await storeExperiments(
        store(),
        ['a', 'b', 'c'].map((key) => sampleExperiment({ key })),
      )
      const expected = await store().changeHead()
      const before = sampleExperiment({ key: 'b' })
      await store().commit(sampleBatch(expected, { before, after: { ...before, revision: 2 } }))
      async function sequences(filter: Parameters<ExperimentationStore['findAuditEntries']>[0]['filter']) {
        const seen: number[] = []
        for (;;) {
          const page = await store().findAuditEntries({ filter, limit: 2, after: seen.at(-1) ?? 0 })
          seen.push(...page.entries.map(({ sequence }) => sequence))
          if (!page.hasMore) return seen
        }
      }
      expect(await sequences({})).toEqual([1, 2, 3, 4])
      expect(await sequences({ subject: 'experiment:b' })).toEqual([2, 4])
      expect(await sequences({ actions: ['updateExperiment', 'none'] })).toEqual([4])
      expect(await sequences({ by: 'ana', actions: ['createExperiment'] })).toEqual([1, 2, 3])
      expect(await sequences({ by: 'ben' })).toEqual([])
      const { at } = expected
      expect(await sequences({ after: at })).toEqual([])
      expect(await sequences({ after: at - 1, before: at + 1 })).toEqual([1, 2, 3, 4])
      expect(await sequences({ before: at })).toEqual([])
    })
  })

  describe('metrics', () => {
    test('keep all versions, and are paged by key', async () => {
      for (const metric of [
        sampleMetric(),
        sampleMetric({ version: 2, name: 'All plays' }),
        sampleMetric({ key: 'clicks' }),
        sampleMetric({ key: 'zaps' }),
      ]) {
        expect(await store().commit(await metricBatch(metric))).toBe('committed')
      }
      const [plays] = await store().metricsByKeys(['plays', 'none'])
      expect(plays?.versions).toEqual([sampleMetric(), sampleMetric({ version: 2, name: 'All plays' })])
      const first = await store().findMetrics({ limit: 2, after: null })
      expect(first).toMatchObject({ hasMore: true, metrics: [{ key: 'clicks' }, { key: 'plays' }] })
      expect(await store().findMetrics({ limit: 2, after: 'plays' })).toMatchObject({
        hasMore: false,
        metrics: [{ key: 'zaps' }],
      })
      expect(await store().commit(await metricBatch(sampleMetric({ version: 2 })))).toBe('conflict')
    })
  })

  describe('decisions', () => {
    function decided(key: string, decision: Partial<Decision>) {
      return sampleExperiment({
        key,
        status: 'STOPPED',
        decision: {
          outcome: 'SHIP',
          variantKey: 'treatment',
          modelVersionId: null,
          artefactHash: null,
          rationale: 'better',
          decidedBy: 'ana',
          decidedAt: MONDAY,
          reviews: [],
          quorum: null,
          signed: null,
          ...decision,
        },
      })
    }

    test('are filtered, counted and paged, the newest first', async () => {
      await storeExperiments(store(), [
        sampleExperiment({ key: 'undecided' }),
        decided('a', { decidedAt: MONDAY + 1 }),
        decided('b', { decidedAt: MONDAY + 2, outcome: 'ROLLBACK', decidedBy: 'ben' }),
        decided('c', { decidedAt: MONDAY + 2, modelVersionId: 'm$1' }),
        decided('d', { decidedAt: MONDAY + 3, outcome: 'ITERATE' }),
      ])
      async function keys(filter: Parameters<ExperimentationStore['countDecided']>[0]) {
        const seen: string[] = []
        let after = null
        for (;;) {
          const page = await store().findDecided({ filter, limit: 2, after })
          seen.push(...page.experiments.map(({ key }) => key))
          const last = page.experiments.at(-1)
          if (!page.hasMore || last?.decision == null) break
          after = { decidedAt: last.decision.decidedAt, key: last.key }
        }
        expect(await store().countDecided(filter)).toBe(seen.length)
        return seen
      }
      expect(await keys({})).toEqual(['d', 'b', 'c', 'a'])
      expect(await keys({ outcomes: ['SHIP', 'ITERATE'] })).toEqual(['d', 'c', 'a'])
      expect(await keys({ modelVersionId: 'm$1' })).toEqual(['c'])
      expect(await keys({ decidedBy: 'ben' })).toEqual(['b'])
      expect(await keys({ decidedAfter: MONDAY + 1, decidedBefore: MONDAY + 3 })).toEqual(['b', 'c'])
    })
  })

  describe('records', () => {
    test('are what was stored, in the order of the keys, page after page, and differ in nothing', async () => {
      const signed = {
        outcome: 'SHIP' as const,
        variantKey: 'treatment',
        modelVersionId: 'm1',
        artefactHash: null,
        rationale: 'r',
        decidedBy: 'ana',
        decidedAt: MONDAY,
        reviews: [],
        quorum: null,
        signed: null,
      }
      const experiments = [
        sampleExperiment({ key: 'a', name: 'Straße', startedAt: MONDAY }),
        sampleExperiment({ key: 'b', status: 'STOPPED', decision: signed }),
        sampleExperiment({ key: 'c' }),
      ]
      await storeExperiments(store(), experiments)
      expect(await store().commit(await metricBatch(sampleMetric()))).toBe('committed')
      const page = { limit: 2, after: null }
      const intact = (values: readonly { readonly key: string }[]) =>
        values.map((value) => ({ key: value.key, value, differing: [] }))
      expect(await store().experimentRecords(page)).toEqual(intact(experiments.slice(0, 2)))
      expect(await store().experimentRecords({ ...page, after: 'b' })).toEqual(intact(experiments.slice(2)))
      const plays = { key: 'plays', versions: [sampleMetric()] }
      expect(await store().metricRecords(page)).toEqual(intact([plays]))
      expect(await store().metricRecords({ ...page, after: 'plays' })).toEqual([])
      const entries = await allEntries(store())
      const records = [
        ...(await store().auditRecords(page)),
        ...(await store().auditRecords({ limit: 9, after: 2 })),
      ]
      expect(records).toEqual(entries.map((value) => ({ key: value.sequence, value, differing: [] })))
    })
  })
}
