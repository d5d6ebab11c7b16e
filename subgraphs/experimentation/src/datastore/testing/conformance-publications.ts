import { describe, expect, test } from 'vitest'
import { sampleExperiment, sampleSnapshot } from '../../testing/samples.ts'
import type { ConformanceContext } from './conformance-context.ts'

export function describePublications({ store, datastore }: ConformanceContext): void {
  describe('publications', () => {
    const draft = sampleExperiment({ key: 'mix' })
    const running = { ...draft, status: 'RUNNING' as const, revision: 2, startedAt: 5 }

    test('start with none, and the first one needs no change', async () => {
      expect(await store().latestSnapshot()).toBeNull()
      expect(await store().publish({ change: null, snapshot: sampleSnapshot(1) })).toBe('published')
      expect(await store().latestSnapshot()).toEqual(sampleSnapshot(1))
    })

    test('write a change and the snapshot that shows it', async () => {
      await store().createExperiment(draft)
      const change = { experiment: running, expectedRevision: 1 }
      expect(await store().publish({ change, snapshot: sampleSnapshot(1) })).toBe('published')
      expect(await store().experimentsByKeys(['mix'])).toEqual([running])
      expect(await store().assigningExperiments()).toEqual([running])
      const page = await store().findExperiments({
        filter: { statuses: ['RUNNING'] },
        orderBy: { field: 'STARTED_AT', direction: 'DESC' },
        limit: 5,
        after: null,
      })
      expect(page).toMatchObject({ experiments: [{ key: 'mix', startedAt: 5 }] })
    })

    test.each([
      { why: 'the revision is another one', expectedRevision: 7, key: 'mix', version: 2 },
      { why: 'the experiment does not exist', expectedRevision: 1, key: 'unknown', version: 2 },
      { why: 'the version was published before', expectedRevision: 1, key: 'mix', version: 1 },
      { why: 'the version leaves a gap', expectedRevision: 1, key: 'mix', version: 3 },
    ])('write nothing and conflict where $why', async ({ expectedRevision, key, version }) => {
      await store().createExperiment(draft)
      await store().publish({ change: null, snapshot: sampleSnapshot(1) })
      const change = { experiment: { ...running, key }, expectedRevision }
      const other = { ...sampleSnapshot(version), keyId: 'another' }
      expect(await store().publish({ change, snapshot: other })).toBe('conflict')
      expect(await store().latestSnapshot()).toEqual(sampleSnapshot(1))
      expect(await store().snapshotsByVersions([1, 2, 3])).toEqual([sampleSnapshot(1)])
      expect(await store().experimentsByKeys(['mix', 'unknown'])).toEqual([draft])
    })

    test('of one version by several replicas at once succeed for exactly one', async () => {
      const replicas = [store(), await datastore().open(), await datastore().open()]
      await Promise.all(
        replicas.map((_, index) => store().createExperiment(sampleExperiment({ key: `e${index}` }))),
      )
      const revisions = replicas.map(() => 1)
      for (let version = 1; version <= 8; version += 1) {
        const results = await Promise.all(
          replicas.map((replica, index) => {
            const revision = revisions[index] ?? 0
            const experiment = sampleExperiment({ key: `e${index}`, revision: revision + 1 })
            const change = { experiment, expectedRevision: revision }
            return replica.publish({ change, snapshot: { ...sampleSnapshot(version), keyId: `by-${index}` } })
          }),
        )
        const winner = results.indexOf('published')
        expect(results.filter((result) => result === 'published')).toHaveLength(1)
        expect(await store().latestSnapshot()).toMatchObject({ version, keyId: `by-${winner}` })
        revisions[winner] = (revisions[winner] ?? 0) + 1
      }
      const stored = await store().experimentsByKeys(['e0', 'e1', 'e2'])
      const byKey = Object.fromEntries(stored.map(({ key, revision }) => [key, revision]))
      expect(byKey).toEqual({ e0: revisions[0], e1: revisions[1], e2: revisions[2] })
    })

    test('of one change by several replicas at once succeed for exactly one', async () => {
      await store().createExperiment(draft)
      const replicas = [store(), await datastore().open()]
      const results = await Promise.all(
        replicas.map((replica, index) =>
          replica.publish({
            change: { experiment: { ...running, name: `by ${index}` }, expectedRevision: 1 },
            snapshot: sampleSnapshot(1),
          }),
        ),
      )
      expect(results.toSorted()).toEqual(['conflict', 'published'])
      const [stored] = await store().experimentsByKeys(['mix'])
      expect(stored?.name).toBe(`by ${results.indexOf('published')}`)
    })

    test('are found by version in one round trip, just as they were signed, unknown versions left out', async () => {
      const snapshots = [1, 2, 3].map((version) => ({
        ...sampleSnapshot(version),
        newerField: { $a: version },
      }))
      for (const snapshot of snapshots) await store().publish({ change: null, snapshot })
      const before = datastore().roundTrips()
      const found = await store().snapshotsByVersions([3, 1, 99])
      expect(datastore().roundTrips() - before).toBe(1)
      expect(found.map((snapshot) => JSON.stringify(snapshot)).toSorted()).toEqual(
        [snapshots[0], snapshots[2]].map((snapshot) => JSON.stringify(snapshot)),
      )
    })
  })
}
