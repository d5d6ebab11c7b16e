import { INTERACTION_TYPES } from '@bulkhead/contracts'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { BLOCKING_TYPES, type Interaction, TASTE_TYPES } from '../../domain/interaction.ts'
import { sampleInteraction } from '../../testing/samples/interactions.ts'
import { NOON } from '../../testing/samples/time.ts'
import { MAX_ROWS_PER_CALL } from '../limits.ts'
import { openPersonalizationStore } from '../open.ts'
import type { PersonalizationStore } from '../port.ts'
import { byCodePoint } from './store-contents.ts'

const AMPLE = { recent: 500, blocked: 5_000 }
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

    test('is empty for a user that nobody knows', async () => {
      expect(await store.servingHistory('nobody', AMPLE)).toEqual({ recent: [], blockedItemIds: [] })
    })

    test('is there at once, whatever the type of the interaction', async () => {
      await store.recordInteractions(
        INTERACTION_TYPES.map((type, at) => {
          const fields = { userId: 'each', itemId: `of-${type}`, type, occurredAt: NOON + at }
          return { interaction: sampleInteraction(`each-${type}`, fields), events: [] }
        }),
      )
      expect(await store.servingHistory('each', AMPLE)).toEqual({
        recent: ['LIKE', 'SKIP', 'PLAY', 'CLICK'].map((type) => ({ itemId: `of-${type}`, type })),
        blockedItemIds: ['of-HIDE', 'of-DISLIKE'],
      })
    })

    test(`outlives ${IMPRESSIONS} later impressions`, async () => {
      const userId = 'scroller'
      await importAll([
        sampleInteraction('scroller-hide', { userId, itemId: 'hidden', type: 'HIDE', occurredAt: NOON - 3 }),
        sampleInteraction('scroller-no', {
          userId,
          itemId: 'disliked',
          type: 'DISLIKE',
          occurredAt: NOON - 2,
        }),
        sampleInteraction('scroller-play', { userId, itemId: 'played', occurredAt: NOON - 1 }),
        ...Array.from({ length: IMPRESSIONS }, (_, at) =>
          sampleInteraction(`scroller-${at}`, { userId, type: 'IMPRESSION', occurredAt: NOON + at }),
        ),
      ])
      expect(await store.servingHistory(userId, AMPLE)).toEqual({
        recent: [{ itemId: 'played', type: 'PLAY' }],
        blockedItemIds: ['disliked', 'hidden'],
      })
    })

    test('is bounded in each half, where the newest stay and neither half crowds out the other', async () => {
      const userId = 'busy'
      const rows = Array.from({ length: 30 }, (_, at) =>
        (['PLAY', 'HIDE'] as const).map((type) =>
          sampleInteraction(`busy-${type}-${at}`, {
            userId,
            type,
            itemId: `${type}-${at}`,
            occurredAt: NOON + at,
          }),
        ),
      )
      await importAll(rows.flat())
      const { recent, blockedItemIds } = await store.servingHistory(userId, { recent: 3, blocked: 2 })
      expect(recent.map(({ itemId }) => itemId)).toEqual(['PLAY-29', 'PLAY-28', 'PLAY-27'])
      expect(blockedItemIds).toEqual(['HIDE-29', 'HIDE-28'])
    })

    const rowArbitrary = fc.record({
      eventId: fc.stringMatching(/^[A-Za-z0-9_-]{1,6}$/),
      occurredAt: fc.integer({ min: NOON, max: NOON + 3 }),
      itemId: fc.constantFrom('x', 'y', '\uff5e', '\u{1f3b5}'),
      type: fc.constantFrom(...INTERACTION_TYPES),
    })
    const rowsArbitrary = fc.uniqueArray(rowArbitrary, { selector: ({ eventId }) => eventId, maxLength: 40 })

    test('is newest first, ties by event id; an item that was blocked twice is named once', async () => {
      let run = 0
      const limit = fc.integer({ min: 1, max: 12 })
      await fc.assert(
        fc.asyncProperty(rowsArbitrary, limit, limit, async (fields, recent, blocked) => {
          const userId = `user-${run++}`
          const rows = fields.map((row) =>
            sampleInteraction('', { ...row, userId, eventId: `${userId}-${row.eventId}` }),
          )
          await store.importInteractions(rows)
          const newestFirst = rows.toSorted(
            (a, b) => b.occurredAt - a.occurredAt || byCodePoint(b.eventId, a.eventId),
          )
          const newest = (types: readonly string[], count: number) =>
            newestFirst.filter(({ type }) => types.includes(type)).slice(0, count)
          expect(await store.servingHistory(userId, { recent, blocked })).toEqual({
            recent: newest(TASTE_TYPES, recent).map(({ itemId, type }) => ({ itemId, type })),
            blockedItemIds: [...new Set(newest(BLOCKING_TYPES, blocked).map(({ itemId }) => itemId))],
          })
        }),
        { numRuns: 20 },
      )
    })
  })
}
