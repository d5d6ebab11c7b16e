import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { erasureEvent, newErasure } from '../../domain/erasure.ts'
import { trendWeight } from '../../domain/popularity.ts'
import { sampleRecord } from '../../testing/samples/interactions.ts'
import { sampleExposure, sampleSlateOf } from '../../testing/samples/slates.ts'
import { NOON } from '../../testing/samples/time.ts'
import { openPersonalizationStore } from '../open.ts'
import type { DeadLetter, PersonalizationStore } from '../port.ts'
import { deliverAll, eventIdsOf } from './store-contents.ts'

const NOTHING = { interactions: 0, slates: 0, deadLetters: 0 }

function letterAbout(unit: string, eventId: string, at = NOON): DeadLetter {
  return { event: { ...sampleExposure(eventId), unit }, code: 'UNKNOWN_VARIANT', message: 'no', at }
}

export function describeErasure(urlOf: (database: string) => string): void {
  describe('erasure', () => {
    let store: PersonalizationStore
    beforeAll(async () => {
      store = await openPersonalizationStore(urlOf('erasure'))
    })
    afterAll(() => store.close())

    async function begin(userId: string) {
      const erasure = newErasure({ id: `erasure-${userId}`, userId, by: 'eve', at: NOON })
      await store.beginErasure(erasure, erasureEvent(erasure))
      return erasure
    }

    const eraseSome = (userId: string, limit = 100, through = NOON) =>
      store.eraseSome({ erasureId: `erasure-${userId}`, through, limit })

    test('takes out what is about the user and no one else, and popularity counts it no more', async () => {
      const of = (userId: string, itemId: string) => ({ userId, itemId, type: 'PLAY' as const })
      await store.recordInteractions([
        sampleRecord('ann-1', of('ann', 'ann-only')),
        sampleRecord('ann-2', of('ann', 'both')),
        sampleRecord('bob-1', of('bob', 'both')),
      ])
      const ofAnn = sampleSlateOf('ann')
      const ofBob = sampleSlateOf('bob')
      // Whose id begins as if it were hers: two users may have the same hash.
      const ofZoe = { ...ofAnn, id: `${ofAnn.id}-zoe`, userId: 'zoe' }
      for (const slate of [ofAnn, ofBob, ofZoe]) await store.saveSlate(slate, [])
      await store.addDeadLetters([letterAbout('ann', 'ann-letter'), letterAbout('bob', 'bob-letter')])
      await begin('ann')
      expect(await eraseSome('ann')).toEqual({ interactions: 2, slates: 1, deadLetters: 1 })
      expect(await eraseSome('ann')).toEqual(NOTHING)
      expect(await store.findInteractions({ userId: 'ann', limit: 5, after: null })).toMatchObject({
        interactions: [],
      })
      expect(
        (await store.findInteractions({ userId: 'bob', limit: 5, after: null })).interactions,
      ).toHaveLength(1)
      const left = await store.slatesByIds([ofAnn, ofBob, ofZoe].map(({ id }) => id))
      expect(left.map(({ userId }) => userId).toSorted()).toEqual(['bob', 'zoe'])
      const letters = await store.listDeadLetters({ limit: 10, after: null })
      expect(letters.map(({ event }) => event.eventId)).toEqual(['bob-letter'])
      expect(await store.popularItems(10)).toEqual([{ itemId: 'both', listeners: 1 }])
    })

    test('popularity counts a user for an item until the last use of it is taken out, and once', async () => {
      const played = { userId: 'eva', itemId: 'often', type: 'PLAY' } as const
      await store.recordInteractions([
        sampleRecord('eva-1', { ...played, occurredAt: NOON - 2 }),
        sampleRecord('eva-2', { ...played, occurredAt: NOON - 1 }),
        sampleRecord('fay-1', { ...played, userId: 'fay', occurredAt: NOON }),
        // After the erasure: of a new user of the same name.
        sampleRecord('eva-3', { ...played, itemId: 'later', occurredAt: NOON - 1 }),
        sampleRecord('eva-4', { ...played, itemId: 'later', occurredAt: NOON + 1 }),
      ])
      const listeners = async () =>
        new Map((await store.popularItems(100)).map(({ itemId, listeners }) => [itemId, listeners]))
      expect((await listeners()).get('often')).toBe(2)
      await begin('eva')
      for (let step = 0; step < 2; step += 1) await eraseSome('eva', 1)
      expect((await listeners()).get('often')).toBe(2)
      await eraseSome('eva', 1)
      expect([(await listeners()).get('often'), (await listeners()).get('later')]).toEqual([1, 1])
      const trend = new Map((await store.trendingItems(100)).map((one) => [one.itemId, one.trend]))
      expect((trend.get('often') ?? 0) / trendWeight(NOON, NOON)).toBeCloseTo(1, 6)
    })

    test('events that are not delivered stay in the outbox until they are, and the erasure is among them', async () => {
      await deliverAll(store, NOON)
      await store.recordInteractions([sampleRecord('cat-1', { userId: 'cat' })])
      await store.saveSlate(sampleSlateOf('cat'), [sampleExposure('cat-exposure')])
      const before = eventIdsOf((await store.claimOutbox({ now: NOON, leaseMs: 1, limit: 500 })).entries)
      expect(before).toHaveLength(2)
      const erasure = await begin('cat')
      expect(await eraseSome('cat')).toEqual({ interactions: 1, slates: 1, deadLetters: 0 })
      expect((await store.outboxState()).size).toBe(3)
      const delivered = eventIdsOf(await deliverAll(store, NOON + 10))
      expect(delivered.toSorted()).toEqual([...before, erasureEvent(erasure).eventId].toSorted())
      expect(await store.outboxState()).toEqual({ size: 0, oldest: null })
    })

    test('goes on where it was, in bounded steps, and counts each row once', async () => {
      const rows = Array.from({ length: 7 }, (_, at) => sampleRecord(`dan-${at}`, { userId: 'dan' }))
      await store.recordInteractions(rows)
      await begin('dan')
      expect(await eraseSome('dan', 3)).toMatchObject({ interactions: 3 })
      const other = await openPersonalizationStore(urlOf('erasure'))
      const [open] = (await other.openErasures(10)).filter(({ userId }) => userId === 'dan')
      expect(open).toMatchObject({ id: 'erasure-dan', interactions: 3, by: 'eve', at: NOON })
      const query = { erasureId: 'erasure-dan', through: NOON, limit: 3 }
      expect(await other.eraseSome(query)).toMatchObject({ interactions: 3 })
      expect(await other.eraseSome(query)).toMatchObject({ interactions: 1 })
      await other.close()
      expect((await store.erasureLog(10)).find(({ id }) => id === 'erasure-dan')).toMatchObject({
        interactions: 7,
      })
    })

    test('what happens after it belongs to a new user of the same name', async () => {
      await store.recordInteractions([
        sampleRecord('eve-1', { userId: 'eve', occurredAt: NOON }),
        sampleRecord('eve-2', { userId: 'eve', occurredAt: NOON + 1 }),
      ])
      await store.saveSlate(sampleSlateOf('eve', { createdAt: NOON + 1 }), [])
      await begin('eve')
      expect(await eraseSome('eve')).toEqual({ interactions: 1, slates: 0, deadLetters: 0 })
    })

    test('an event that is refused after its user was erased is no dead letter; the erasure itself is one', async () => {
      const erasure = await begin('hal')
      await store.finishErasure('erasure-hal', NOON + 60_000)
      const refused = { code: 'UNKNOWN_VARIANT', message: 'no', at: NOON + 90_000 }
      const happened = (eventId: string, at: number, unit = 'hal'): DeadLetter => ({
        ...refused,
        event: { ...sampleExposure(eventId), unit, occurredAt: new Date(at).toISOString() },
      })
      await store.addDeadLetters([
        happened('hal-before', NOON),
        happened('hal-after', NOON + 1),
        happened('ida-before', NOON, 'ida'),
        { ...refused, event: erasureEvent(erasure) },
      ])
      const letters = await store.listDeadLetters({ limit: 100, after: null })
      expect(letters.map(({ event }) => event.eventId)).toEqual(
        expect.arrayContaining(['hal-after', 'ida-before', erasureEvent(erasure).eventId]),
      )
      expect(letters.map(({ event }) => event.eventId)).not.toContain('hal-before')
    })

    test('a finished erasure has forgotten its user but for the hash, and erases nothing more', async () => {
      const { userHash } = await begin('fay')
      await store.finishErasure('erasure-fay', NOON + 60_000)
      await store.finishErasure('erasure-fay', NOON + 90_000)
      await store.recordInteractions([sampleRecord('fay-1', { userId: 'fay' })])
      expect(await eraseSome('fay')).toEqual(NOTHING)
      expect((await store.openErasures(100)).map(({ userId }) => userId)).not.toContain('fay')
      expect((await store.erasureLog(100)).find(({ id }) => id === 'erasure-fay')).toEqual({
        id: 'erasure-fay',
        userId: null,
        userHash,
        by: 'eve',
        at: NOON,
        interactions: 0,
        slates: 0,
        finishedAt: NOON + 60_000,
      })
    })

    test('an erasure that is taken up twice is one, and tells experimentation once', async () => {
      await deliverAll(store, NOON)
      await begin('gus')
      await begin('gus')
      expect(await deliverAll(store, NOON)).toHaveLength(1)
      await begin('gus')
      expect(await deliverAll(store, NOON)).toEqual([])
    })
  })
}
