import { INTERACTION_TYPES } from '@bulkhead/contracts'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  countingOpinion,
  type Interaction,
  OPINION_TYPES,
  opinionOf,
  USE_TYPES,
} from '../../domain/interaction.ts'
import { sampleInteraction } from '../../testing/samples/interactions.ts'
import { NOON } from '../../testing/samples/time.ts'
import { MAX_ROWS_PER_CALL } from '../limits.ts'
import { openPersonalizationStore } from '../open.ts'
import type { PersonalizationStore } from '../port.ts'
import { byCodePoint } from './store-contents.ts'

const AMPLE = { opinions: 5_000, used: 500, skipped: 500 }
const IMPRESSIONS = 10_000

export function describeServingHistory(urlOf: (database: string) => string): void {
  describe('the history that serving reads', () => {
    let store: PersonalizationStore
    beforeAll(async () => {
      store = await openPersonalizationStore(urlOf('serving_history'))
    })
    afterAll(() => store.close())

    async function importAll(rows: readonly Interaction[]): Promise<void> {
      for (let at = 0; at < rows.length; at += MAX_ROWS_PER_CALL) {
        await store.importInteractions(rows.slice(at, at + MAX_ROWS_PER_CALL))
      }
    }

    /** Interactions of one user, oldest first, a millisecond apart. */
    async function importInOrder(
      userId: string,
      interactions: readonly (readonly [itemId: string, type: Interaction['type'], hiddenCreator?: string])[],
    ): Promise<void> {
      await importAll(
        interactions.map(([itemId, type, hiddenCreator], at) => {
          const row = sampleInteraction(`${userId}-${at}`, { userId, itemId, type, occurredAt: NOON + at })
          return hiddenCreator === undefined ? row : { ...row, hiddenCreator }
        }),
      )
    }

    test('is empty for a user that nobody knows', async () => {
      const nothing = { opinions: [], used: [], skipped: [] }
      expect(await store.servingHistory('nobody', AMPLE)).toEqual(nothing)
    })

    test('is there at once, whatever the type of the interaction', async () => {
      await store.recordInteractions(
        INTERACTION_TYPES.map((type, at) => {
          const fields = { userId: 'each', itemId: `of-${type}`, type, occurredAt: NOON + at }
          return { interaction: sampleInteraction(`each-${type}`, fields), events: [] }
        }),
      )
      const at = (type: Interaction['type']) => NOON + INTERACTION_TYPES.indexOf(type)
      expect(await store.servingHistory('each', AMPLE)).toEqual({
        opinions: (['HIDE', 'DISLIKE', 'LIKE'] as const).map((type) => {
          return { itemId: `of-${type}`, type, occurredAt: at(type) }
        }),
        used: (['PLAY', 'CLICK'] as const).map((type) => ({ itemId: `of-${type}`, occurredAt: at(type) })),
        skipped: [{ itemId: 'of-SKIP', times: 1 }],
      })
    })

    test('is each user’s own, and within the limits of each call, where many are read at once', async () => {
      const users = Array.from({ length: 45 }, (_, at) => `at-once-${at}`)
      for (const [at, userId] of users.entries()) {
        await importInOrder(userId, [
          [`first-of-${at}`, 'PLAY'],
          [`liked-by-${at}`, 'LIKE'],
          [`second-of-${at}`, 'PLAY'],
          [`skipped-by-${at}`, 'SKIP'],
        ])
      }
      const one = { ...AMPLE, used: 1 }
      const calls = users.flatMap((userId, at) => [
        { userId, limits: AMPLE, used: [`second-of-${at}`, `first-of-${at}`] },
        { userId, limits: one, used: [`second-of-${at}`] },
      ])
      const histories = await Promise.all(
        calls.map(({ userId, limits }) => store.servingHistory(userId, limits)),
      )
      expect(
        histories.map(({ opinions, used, skipped }) =>
          [opinions, used, skipped].map((all) => all.map(itemIdOf)),
        ),
      ).toEqual(
        calls.map(({ used }, call) => {
          const at = Math.floor(call / 2)
          return [[`liked-by-${at}`], used, [`skipped-by-${at}`]]
        }),
      )
    })

    test(`outlives ${IMPRESSIONS} later impressions`, async () => {
      const shown = Array.from({ length: IMPRESSIONS }, () => ['shown', 'IMPRESSION'] as const)
      await importInOrder('scroller', [
        ['hidden', 'HIDE', 'their creator'],
        ['disliked', 'DISLIKE'],
        ['played', 'PLAY'],
        ...shown,
      ])
      expect(await store.servingHistory('scroller', AMPLE)).toEqual({
        opinions: [
          { itemId: 'disliked', type: 'DISLIKE', occurredAt: NOON + 1 },
          { itemId: 'hidden', type: 'HIDE', occurredAt: NOON, hiddenCreator: 'their creator' },
        ],
        used: [{ itemId: 'played', occurredAt: NOON + 2 }],
        skipped: [],
      })
    })

    test('keeps likes and uses through 500 later skips, and skips through 500 later uses', async () => {
      const many = (type: Interaction['type']) =>
        Array.from({ length: 500 }, (_, at) => [`${type}-${at}`, type] as const)
      const likes = many('LIKE').slice(0, 100)
      await importInOrder('skipper', [
        ['early', 'SKIP'],
        ...likes,
        ['played', 'PLAY'],
        ...many('SKIP').slice(1),
      ])
      const { opinions, used, skipped } = await store.servingHistory('skipper', AMPLE)
      expect(opinions).toHaveLength(100)
      expect(used).toEqual([{ itemId: 'played', occurredAt: NOON + 101 }])
      expect(skipped.at(-1)).toEqual({ itemId: 'early', times: 1 })
    })

    test('is bounded by items in each window: the newest stay, and repeats push nothing out', async () => {
      const each = (type: Interaction['type']) =>
        Array.from({ length: 5 }, (_, at) => [`${type}-${at}`, type] as const)
      const again = (type: Interaction['type']) =>
        Array.from({ length: 8 }, () => [`${type}-4`, type] as const)
      await importInOrder(
        'repeater',
        (['HIDE', 'PLAY', 'SKIP'] as const).flatMap((type) => [...each(type), ...again(type)]),
      )
      const { opinions, used, skipped } = await store.servingHistory('repeater', {
        opinions: 2,
        used: 3,
        skipped: 4,
      })
      expect(opinions.map(({ itemId }) => itemId)).toEqual(['HIDE-4', 'HIDE-3'])
      expect(used.map(({ itemId }) => itemId)).toEqual(['PLAY-4', 'PLAY-3', 'PLAY-2'])
      expect(skipped).toEqual([
        { itemId: 'SKIP-4', times: 9 },
        ...[3, 2, 1].map((at) => ({ itemId: `SKIP-${at}`, times: 1 })),
      ])
    })

    test('reads windows of hundreds of items, each of them twice, to their limits', async () => {
      const twice = (type: Interaction['type']) =>
        Array.from({ length: 480 }, (_, at) => [`${type}-${Math.floor(at / 2)}`, type] as const)
      await importInOrder('collector', [...twice('LIKE'), ...twice('PLAY'), ...twice('SKIP')])
      const limits = { opinions: 250, used: 200, skipped: 150 }
      const { opinions, used, skipped } = await store.servingHistory('collector', limits)
      const newest = (type: string, count: number) =>
        Array.from({ length: count }, (_, at) => `${type}-${239 - at}`)
      expect(opinions.map(itemIdOf)).toEqual(newest('LIKE', 240))
      expect(used.map(itemIdOf)).toEqual(newest('PLAY', 200))
      expect(skipped).toEqual(newest('SKIP', 150).map((itemId) => ({ itemId, times: 2 })))
    })

    test('reads at most ten interactions for each item of a window', async () => {
      const again = Array.from({ length: 40 }, () => ['same', 'PLAY'] as const)
      await importInOrder('addict', [['before', 'PLAY'], ...again])
      const read = async (used: number) => (await store.servingHistory('addict', { ...AMPLE, used })).used
      expect((await read(4)).map(({ itemId }) => itemId)).toEqual(['same'])
      expect((await read(5)).map(({ itemId }) => itemId)).toEqual(['same', 'before'])
    })

    test('goes on within an instant where a page ends there', async () => {
      const plays = ['first', 'same', 'same', 'same', 'same'].map((itemId, at) =>
        sampleInteraction(`tied-${at}`, { userId: 'tied', itemId, type: 'PLAY', occurredAt: NOON }),
      )
      await importAll(plays)
      const { used } = await store.servingHistory('tied', { ...AMPLE, used: 2 })
      expect(used.map(({ itemId }) => itemId)).toEqual(['same', 'first'])
    })

    test('has the later opinion of an item', async () => {
      await importInOrder('moody', [
        ['a', 'DISLIKE'],
        ['b', 'HIDE', 'their creator'],
        ['c', 'LIKE'],
        ['a', 'LIKE'],
        ['b', 'LIKE'],
        ['c', 'HIDE'],
      ])
      expect((await store.servingHistory('moody', AMPLE)).opinions).toEqual([
        { itemId: 'c', type: 'HIDE', occurredAt: NOON + 5 },
        { itemId: 'b', type: 'LIKE', occurredAt: NOON + 4 },
        { itemId: 'a', type: 'LIKE', occurredAt: NOON + 3 },
      ])
    })

    const rowArbitrary = fc.record({
      eventId: fc.stringMatching(/^[A-Za-z0-9_-]{1,6}$/),
      occurredAt: fc.integer({ min: NOON, max: NOON + 3 }),
      itemId: fc.constantFrom('x', 'y', '\uff5e', '\u{1f3b5}'),
      type: fc.constantFrom(...INTERACTION_TYPES),
      hiddenCreator: fc.constantFrom('one', undefined),
    })
    const rowsArbitrary = fc.uniqueArray(rowArbitrary, { selector: ({ eventId }) => eventId, maxLength: 40 })

    test('is newest first, ties by event id; of opinions of one instant the one that blocks more counts', async () => {
      let run = 0
      const limit = fc.integer({ min: 4, max: 12 })
      await fc.assert(
        fc.asyncProperty(rowsArbitrary, limit, async (fields, limits) => {
          const userId = `user-${run++}`
          const rows = fields.map(({ hiddenCreator, ...row }) => {
            const sample = sampleInteraction('', { ...row, userId, eventId: `${userId}-${row.eventId}` })
            return row.type === 'HIDE' && hiddenCreator !== undefined ? { ...sample, hiddenCreator } : sample
          })
          await store.importInteractions(rows)
          const newestFirst = rows.toSorted(
            (a, b) => b.occurredAt - a.occurredAt || byCodePoint(b.eventId, a.eventId),
          )
          const byItem = (types: readonly string[]) => [
            ...Map.groupBy(
              newestFirst.filter(({ type }) => types.includes(type)),
              ({ itemId }) => itemId,
            ).values(),
          ]
          const read = await store.servingHistory(userId, { opinions: limits, used: limits, skipped: limits })
          expect(read).toEqual({
            opinions: byItem(OPINION_TYPES).map((of) => opinionOf(of.reduce(countingOpinion))),
            used: byItem(USE_TYPES).map(([first]) => ({
              itemId: first?.itemId,
              occurredAt: first?.occurredAt,
            })),
            skipped: byItem(['SKIP']).map((of) => ({ itemId: of[0]?.itemId, times: expect.any(Number) })),
          })
        }),
        { numRuns: 20 },
      )
    })
  })
}

function itemIdOf({ itemId }: { readonly itemId: string }): string {
  return itemId
}
