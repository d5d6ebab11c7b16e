import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { trendWeight } from '../../domain/popularity.ts'
import { sampleInteraction, sampleRecord } from '../../testing/samples/interactions.ts'
import { NOON } from '../../testing/samples/time.ts'
import { openPersonalizationStore } from '../open.ts'
import type { PersonalizationStore } from '../port.ts'

const DAY_MS = 86_400_000

export function describePopularity(urlOf: (database: string) => string): void {
  describe('popularity', () => {
    let store: PersonalizationStore
    beforeAll(async () => {
      store = await openPersonalizationStore(urlOf('popularity'))
    })
    afterAll(() => store.close())

    const all = async () =>
      new Map((await store.popularItems(1_000)).map((one) => [one.itemId, one.listeners]))

    test('counts who consumed an item, each once, live or imported, however often they do', async () => {
      const rows = [
        sampleInteraction('popular-1', { itemId: 'hit', userId: 'u1', type: 'PLAY' }),
        sampleInteraction('popular-2', { itemId: 'hit', userId: 'u2', type: 'LIKE' }),
        sampleInteraction('popular-3', { itemId: 'b-side', userId: 'u1', type: 'CLICK' }),
        sampleInteraction('popular-4', { itemId: 'a-side', userId: 'u1', type: 'CLICK' }),
        ...Array.from({ length: 9 }, (_, at) =>
          sampleInteraction(`pushed-${at}`, { itemId: 'a-side', userId: 'u1', type: 'PLAY' }),
        ),
        ...(['IMPRESSION', 'SKIP', 'DISLIKE', 'HIDE'] as const).map((type) =>
          sampleInteraction(`popular-${type}`, { itemId: 'shunned', type }),
        ),
      ]
      await store.importInteractions(rows)
      await store.importInteractions(rows)
      const live = sampleRecord('popular-5', { itemId: 'hit', userId: 'u3' })
      await store.recordInteractions([live, live])
      await store.recordInteractions(
        Array.from({ length: 9 }, (_, at) => sampleRecord(`again-${at}`, { itemId: 'b-side', userId: 'u1' })),
      )
      expect(await store.popularItems(10)).toEqual([
        { itemId: 'hit', listeners: 3 },
        { itemId: 'a-side', listeners: 1 },
        { itemId: 'b-side', listeners: 1 },
      ])
      expect(await store.popularItems(1)).toEqual([{ itemId: 'hit', listeners: 3 }])
    })

    test('an item that was shown or skipped before is consumed for the first time all the same', async () => {
      const shown = { itemId: 'shown-first', userId: 'u1' }
      await store.importInteractions([sampleInteraction('shown', { ...shown, type: 'IMPRESSION' })])
      await store.recordInteractions([sampleRecord('skipped', { ...shown, type: 'SKIP' })])
      await store.recordInteractions([sampleRecord('then-played', shown)])
      expect((await all()).get('shown-first')).toBe(1)
    })

    test('the trend weighs listeners by when they first came, and a time to come as now', async () => {
      const rows = [
        sampleInteraction('t-1', { itemId: 'classic', userId: 'u1', occurredAt: NOON - 70 * DAY_MS }),
        sampleInteraction('t-2', { itemId: 'classic', userId: 'u2', occurredAt: NOON - 70 * DAY_MS }),
        sampleInteraction('t-3', { itemId: 'fresh', userId: 'u1', occurredAt: NOON }),
        sampleInteraction('t-4', { itemId: 'fresh', userId: 'u1', occurredAt: NOON + 1 }),
        sampleInteraction('t-5', { itemId: 'from-the-future', userId: 'u1', occurredAt: NOON * 4 }),
      ]
      await store.importInteractions(rows)
      const trending = await store.trendingItems(1_000)
      const trendOf = (id: string) => trending.find(({ itemId }) => itemId === id)?.trend ?? Number.NaN
      expect(trendOf('classic') / trendOf('fresh')).toBeCloseTo(2 * 2 ** -10, 12)
      expect(trendOf('fresh')).toBeCloseTo(trendWeight(NOON, NOON), 12)
      expect(trendOf('from-the-future')).toBeLessThanOrEqual(trendWeight(Date.now(), Date.now()))
      const amounts = trending.map(({ trend }) => trend)
      expect(amounts).toEqual(amounts.toSorted((a, b) => b - a))
      expect(await store.trendingItems(1)).toEqual(trending.slice(0, 1))
    })

    test('is the same after a bulk import as after the same rows in small calls', async () => {
      const types = ['PLAY', 'IMPRESSION', 'CLICK', 'SKIP', 'LIKE', 'HIDE'] as const
      const rows = Array.from({ length: 3_000 }, (_, at) =>
        sampleInteraction(`bulk-${at}`, {
          userId: `u${(at * 7) % 90}`,
          itemId: `bulk-${(at * at) % 41}`,
          type: types[at % types.length] ?? 'PLAY',
          occurredAt: NOON - 20 * DAY_MS + at * 600_000,
        }),
      )
      const bulk = await openPersonalizationStore(urlOf('popularity-bulk'), { alone: true })
      const rowsPerCall = await bulk.beginBulkImport(1_000_000)
      const half = Math.min(rowsPerCall, rows.length / 2)
      for (let from = 0; from < rows.length; from += half) {
        await bulk.importInteractions(rows.slice(from, from + half))
      }
      await bulk.endBulkImport()
      const small = await openPersonalizationStore(urlOf('popularity-small'))
      for (let from = 0; from < rows.length; from += 500) {
        await small.importInteractions(rows.slice(from, from + 500))
      }
      expect(await bulk.popularItems(100)).toEqual(await small.popularItems(100))
      const trending = await bulk.trendingItems(100)
      const expected = await small.trendingItems(100)
      expect(trending.length).toBeGreaterThan(10)
      expect(trending.map(({ itemId }) => itemId)).toEqual(expected.map(({ itemId }) => itemId))
      for (const [at, { trend }] of trending.entries()) {
        expect(trend / (expected[at]?.trend ?? Number.NaN)).toBeCloseTo(1, 9)
      }
      await bulk.close()
      await small.close()
    })

    test('is the number of distinct pairs, in whatever batches they come', async () => {
      let run = 0
      const use = fc.record({ user: fc.nat({ max: 2 }), item: fc.nat({ max: 2 }), live: fc.boolean() })
      await fc.assert(
        fc.asyncProperty(fc.array(use, { maxLength: 12 }), async (uses) => {
          const prefix = `pairs-${run++}`
          for (const [at, { user, item, live }] of uses.entries()) {
            const fields = { userId: `u${user}`, itemId: `${prefix}-${item}` }
            if (live) await store.recordInteractions([sampleRecord(`${prefix}-${at}`, fields)])
            else await store.importInteractions([sampleInteraction(`${prefix}-${at}`, fields)])
          }
          const counted = await all()
          for (const item of [0, 1, 2]) {
            const users = new Set(uses.filter((one) => one.item === item).map(({ user }) => user))
            expect(counted.get(`${prefix}-${item}`) ?? 0).toBe(users.size)
          }
        }),
        { numRuns: 15 },
      )
    })
  })
}
