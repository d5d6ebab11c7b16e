import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Interaction } from '../../domain/interaction.ts'
import { sampleInteraction, sampleRecord } from '../../testing/samples/interactions.ts'
import { NOON } from '../../testing/samples/time.ts'
import { openPersonalizationStore } from '../open.ts'
import type { InteractionPosition, PersonalizationStore } from '../port.ts'
import { byCodePoint, deliverAll, eventIdsOf, newestInteractions } from './store-contents.ts'

export function describeInteractions(urlOf: (database: string) => string): void {
  describe('interactions', () => {
    let store: PersonalizationStore
    beforeAll(async () => {
      store = await openPersonalizationStore(urlOf('interactions'))
    })
    afterAll(() => store.close())

    test('an interaction comes back as it was, recorded or imported', async () => {
      const recorded = sampleInteraction('shape-recorded', {
        userId: 'shape',
        slateId: 's1',
        value: 0.1 + 0.2,
      })
      const imported = sampleInteraction('shape-imported', { userId: 'shape', occurredAt: NOON - 1 })
      await store.recordInteractions([{ interaction: recorded, events: [] }])
      await store.importInteractions([imported])
      expect(await newestInteractions(store, 'shape', 10)).toEqual([recorded, imported])
    })

    test('a repeated event id changes nothing and brings no event again', async () => {
      await deliverAll(store, NOON)
      const first = sampleRecord('repeat-1', { userId: 'repeat' })
      await store.recordInteractions([first])
      const second = sampleRecord('repeat-1', { userId: 'repeat', itemId: 'other', occurredAt: NOON + 1 })
      const third = sampleRecord('repeat-2', { userId: 'repeat', occurredAt: NOON - 1 })
      await store.recordInteractions([second, third, third])
      expect(await newestInteractions(store, 'repeat', 10)).toEqual([first.interaction, third.interaction])
      expect(eventIdsOf(await deliverAll(store, NOON)).toSorted()).toEqual(['repeat-1', 'repeat-2'])
      await store.recordInteractions([first])
      expect(await deliverAll(store, NOON)).toEqual([])
    })

    test('a bulk import takes more rows a call, for as long as it lasts, and all of them can be read then', async () => {
      const rows = Array.from({ length: 501 }, (_, n) =>
        sampleInteraction(`bulk-${n}`, { userId: 'bulk', occurredAt: NOON + n }),
      )
      await expect(store.importInteractions(rows)).rejects.toThrow(RangeError)
      const alone = await openPersonalizationStore(urlOf('bulk-import'), { alone: true })
      expect(await alone.beginBulkImport(rows.length)).toBeGreaterThan(500)
      expect(await alone.importInteractions(rows)).toBe(501)
      expect(await alone.importInteractions(rows)).toBe(0)
      await alone.endBulkImport()
      await expect(alone.importInteractions(rows)).rejects.toThrow(RangeError)
      await alone.close()
      const reader = await openPersonalizationStore(urlOf('bulk-import'))
      expect(await newestInteractions(reader, 'bulk', 600)).toHaveLength(501)
      const { used } = await reader.servingHistory('bulk', { opinions: 1, used: 5, skipped: 1 })
      expect(used.map(({ occurredAt }) => occurredAt)).toEqual([NOON + 500])
      expect((await reader.popularItems(1)).map(({ listeners }) => listeners)).toEqual([1])
      await reader.close()
    })

    test('an import counts what is new, and a live repetition of it is not delivered', async () => {
      await deliverAll(store, NOON)
      const rows = ['import-1', 'import-2', 'import-2'].map((id) =>
        sampleInteraction(id, { userId: 'import' }),
      )
      expect(await store.importInteractions(rows)).toBe(2)
      expect(await store.importInteractions(rows)).toBe(0)
      await store.recordInteractions([sampleRecord('import-1', { userId: 'import' })])
      expect(await newestInteractions(store, 'import', 10)).toHaveLength(2)
      expect(await store.outboxState()).toEqual({ size: 0, oldest: null })
    })

    test('many calls at once are all recorded', async () => {
      const ids = Array.from({ length: 1_200 }, (_, index) => `many-${index}`)
      await Promise.all(ids.map((id) => store.recordInteractions([sampleRecord(id, { userId: 'many' })])))
      const read = await newestInteractions(store, 'many', 2_000)
      expect(read.map(({ eventId }) => eventId).toSorted()).toEqual(ids.toSorted())
    })

    test('more than 500 rows of an import are a bug of the caller', async () => {
      const rows = Array.from({ length: 501 }, (_, index) => sampleInteraction(`bound-${index}`))
      await expect(store.importInteractions(rows)).rejects.toThrow(RangeError)
      expect(await store.importInteractions([])).toBe(0)
    })

    const historyArbitrary = fc.uniqueArray(
      fc.record({
        eventId: fc.stringMatching(/^[A-Za-z0-9_-]{1,6}$/),
        occurredAt: fc.integer({ min: NOON, max: NOON + 3 }),
        userId: fc.constantFrom('a', 'b', 'ß', '\u{1f600}'),
        itemId: fc.constantFrom('x', '\uff5e', '\u{1f3b5}'),
      }),
      { selector: ({ eventId }) => eventId, maxLength: 25 },
    )

    test('walking a user gives each interaction once, newest first, ties by event id', async () => {
      let run = 0
      await fc.assert(
        fc.asyncProperty(historyArbitrary, fc.integer({ min: 1, max: 6 }), async (history, limit) => {
          const prefix = `walk-${run++}-`
          const rows = history.map((row) =>
            sampleInteraction(prefix + row.eventId, {
              ...row,
              eventId: prefix + row.eventId,
              userId: prefix,
            }),
          )
          await store.importInteractions(rows)
          const walked: Interaction[] = []
          for (let after: InteractionPosition | null = null; ; ) {
            const page = await store.findInteractions({ userId: prefix, limit, after })
            expect(page.interactions.length).toBeLessThanOrEqual(limit)
            walked.push(...page.interactions)
            if (!page.hasMore) break
            after = page.interactions.at(-1) ?? null
          }
          const newestFirst = rows.toSorted(
            (a, b) => b.occurredAt - a.occurredAt || byCodePoint(b.eventId, a.eventId),
          )
          expect(walked).toEqual(newestFirst)
          expect(await newestInteractions(store, prefix, limit)).toEqual(newestFirst.slice(0, limit))
        }),
        { numRuns: 20 },
      )
    })

    test('a scan gives every interaction once, by user, item and event id', async () => {
      const scanned = await openPersonalizationStore(urlOf('scan'))
      const all: Interaction[] = []
      let run = 0
      await fc.assert(
        fc.asyncProperty(historyArbitrary, fc.integer({ min: 1, max: 40 }), async (history, limit) => {
          const prefix = `scan-${run++}-`
          const rows = history.map((row) => sampleInteraction('', { ...row, eventId: prefix + row.eventId }))
          await scanned.importInteractions(rows)
          all.push(...rows)
          const walked: Interaction[] = []
          for (let after: Interaction | null = null; ; ) {
            const page: readonly Interaction[] = await scanned.scanInteractions({ after, limit })
            walked.push(...page)
            after = page.at(-1) ?? null
            if (page.length < limit) break
          }
          expect(walked).toEqual(
            all.toSorted(
              (a, b) =>
                byCodePoint(a.userId, b.userId) ||
                byCodePoint(a.itemId, b.itemId) ||
                byCodePoint(a.eventId, b.eventId),
            ),
          )
        }),
        { numRuns: 8 },
      )
      await scanned.close()
    })
  })
}
