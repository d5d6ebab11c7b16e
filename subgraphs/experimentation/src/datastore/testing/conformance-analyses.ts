import { describe, expect, test } from 'vitest'
import type { StoredAnalysis } from '../../domain/stored-analysis.ts'
import { sampleStoredAnalysis } from '../../testing/sample-analyses.ts'
import { HOUR, NOON, sampleErasure, sampleExposures, sampleIncoming } from '../../testing/samples.ts'
import { createStoreErasing } from '../../testing/unit-erasing.ts'
import type { AnalysisLookup, AnalysisPosition } from '../port.ts'
import type { ConformanceContext } from './conformance-context.ts'
import { positionAll } from './position-checks.ts'

export function describeAnalyses({ store, datastore }: ConformanceContext): void {
  async function insertAll(analyses: readonly StoredAnalysis[]): Promise<void> {
    for (const analysis of analyses) expect(await store().insertAnalysis(analysis)).toBe('stored')
  }

  async function newestIds(...newest: readonly AnalysisLookup[]): Promise<readonly (string | null)[]> {
    const found = await store().findAnalyses({ ids: [], newest })
    return found.newest.map((analysis) => analysis?.id ?? null)
  }

  /** Of the first experiment: two of one cutoff, one of a later cutoff that was stored before them, one of a segment. */
  const SERIES = [
    sampleStoredAnalysis({ id: 'first', cutoff: NOON, createdAt: NOON + 5 }),
    sampleStoredAnalysis({ id: 'again', cutoff: NOON, createdAt: NOON + 6 }),
    sampleStoredAnalysis({ id: 'again2', cutoff: NOON, createdAt: NOON + 6 }),
    sampleStoredAnalysis({ id: 'later', cutoff: NOON + HOUR, createdAt: NOON }),
    sampleStoredAnalysis({ id: 'part', cutoff: NOON + 2 * HOUR, segment: 'country' }),
    sampleStoredAnalysis({ id: 'other', experimentKey: 'mix2', cutoff: NOON - HOUR }),
  ]

  describe('analyses', () => {
    test('come back as they were stored, in one round trip', async () => {
      const content = JSON.parse('{"__proto__":{"$set":1},"a.b":[1e-7,-0.5,5e-324,"🎧"]}')
      const odd = sampleStoredAnalysis({ id: '$odd', segment: '$$ROOT', content, sql: ['SELECT "x"\n'] })
      await insertAll([odd, sampleStoredAnalysis()])
      const before = datastore().roundTrips()
      const lookup = { experimentKey: 'mix', cutoff: null, segment: '$$ROOT' }
      const found = await store().findAnalyses({ ids: ['$odd', 'none', 'a1'], newest: [lookup] })
      expect(datastore().roundTrips() - before).toBe(1)
      expect([...found.byId.keys()].sort()).toEqual(['$odd', 'a1'])
      expect(JSON.stringify(found.byId.get('$odd'))).toBe(JSON.stringify(odd))
      expect(JSON.stringify(found.newest)).toBe(JSON.stringify([odd]))
      expect(await store().findAnalyses({ ids: [], newest: [] })).toEqual({ byId: new Map(), newest: [] })
    })

    test('are kept as they were stored first, whichever replica stores them again', async () => {
      const replica = await datastore().open()
      const first = sampleStoredAnalysis({ requestedBy: 'ana' })
      const others = ['ben', 'cleo', 'dan'].map((requestedBy) => sampleStoredAnalysis({ requestedBy }))
      expect(await store().insertAnalysis(first)).toBe('stored')
      const outcomes = await Promise.all(others.map((other) => replica.insertAnalysis(other)))
      expect(outcomes).toEqual(['known', 'known', 'known'])
      expect((await store().findAnalyses({ ids: ['a1'], newest: [] })).byId.get('a1')).toEqual(first)
    })

    test('that two replicas store at once are stored once', async () => {
      const replica = await datastore().open()
      const outcomes = await Promise.all(
        [store(), replica, store(), replica].map((one) => one.insertAnalysis(sampleStoredAnalysis())),
      )
      expect(outcomes.toSorted()).toEqual(['known', 'known', 'known', 'stored'])
    })

    test('the newest has the latest cutoff, and of equal ones was stored last', async () => {
      await insertAll(SERIES)
      const mix = { experimentKey: 'mix', segment: null }
      expect(
        await newestIds(
          { ...mix, cutoff: null },
          { ...mix, cutoff: NOON },
          { ...mix, cutoff: NOON + 1 },
          { ...mix, cutoff: null, segment: 'country' },
          { ...mix, cutoff: null, segment: 'plan' },
          { experimentKey: 'mix2', cutoff: null, segment: null },
          { experimentKey: 'none', cutoff: null, segment: null },
          { ...mix, cutoff: null },
        ),
      ).toEqual(['later', 'again2', null, 'part', null, 'other', null, 'later'])
    })

    test('are paged for many experiments in one round trip, the newest first', async () => {
      await insertAll(SERIES)
      const experimentKeys = ['mix2', 'none', 'mix']
      const before = datastore().roundTrips()
      const pages = await store().analysisPages({ experimentKeys, limit: 2, after: null })
      expect(datastore().roundTrips() - before).toBe(1)
      expect(pages.get('mix2')).toEqual({ analyses: [SERIES[5]], hasMore: false })
      expect(pages.get('none')).toEqual({ analyses: [], hasMore: false })
      expect(pages.get('mix')?.hasMore).toBe(true)

      const all: StoredAnalysis[] = []
      for (let after: AnalysisPosition | null = null; ; ) {
        const page = await store().analysisPages({ experimentKeys: ['mix'], limit: 1, after })
        const { analyses, hasMore } = page.get('mix') ?? { analyses: [], hasMore: false }
        all.push(...analyses)
        after = analyses.at(-1) ?? null
        if (!hasMore) break
      }
      expect(all.map(({ id }) => id)).toEqual(['part', 'later', 'again2', 'again', 'first'])
    })
  })

  test('erased events are counted up to each of many positions in one round trip', async () => {
    await store().ingest(sampleExposures('a', 0, 4))
    await store().ingest(sampleExposures('b', 0, 3))
    await positionAll(store())
    const head = await store().head()
    const positions = Array.from({ length: head + 1 }, (_, index) => index)
    expect(new Set((await store().erasedEventsUpTo(positions)).values())).toEqual(new Set([0]))

    const units = new Set<string>()
    for (const { event } of await store().eventsBetween({ after: 1, upTo: head, limit: 3 })) {
      if ('unit' in event) units.add(event.unit)
    }
    for (const unit of units) {
      await store().ingest([sampleIncoming(sampleErasure({ unit, eventId: `erasure-of-${unit}` }))])
    }
    const erasing = createStoreErasing(store())
    while ((await erasing.step()).more);
    const single = await Promise.all(positions.map((position) => store().erasedEvents(position)))
    expect(Math.max(...single)).toBeGreaterThan(0)
    const before = datastore().roundTrips()
    const counted = await store().erasedEventsUpTo([...positions, head + 9])
    expect(datastore().roundTrips() - before).toBe(1)
    expect(positions.map((position) => counted.get(position))).toEqual(single)
    expect(counted.get(head + 9)).toBe(single.at(-1))
    expect(await store().erasedEventsUpTo([])).toEqual(new Map())
  })
}
