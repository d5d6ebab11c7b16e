import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  sampleInteraction,
  sampleInteractionEvent,
  sampleRecord,
} from '../../testing/samples/interactions.ts'
import { sampleExposure, sampleSlate } from '../../testing/samples/slates.ts'
import { NOON } from '../../testing/samples/time.ts'
import { openPersonalizationStore } from '../open.ts'
import type { PersonalizationStore } from '../port.ts'
import { deliverAll, eventIdsOf } from './store-contents.ts'

const LEASE_MS = 1_000
const FAR = NOON + 1e9

/** Two stores on one database act as the relays of two replicas. */
export function describeOutbox(urlOf: (database: string) => string): void {
  describe('outbox', () => {
    let store: PersonalizationStore
    let other: PersonalizationStore
    beforeAll(async () => {
      store = await openPersonalizationStore(urlOf('outbox'))
      other = await openPersonalizationStore(urlOf('outbox'))
    })
    afterAll(async () => {
      await store.close()
      await other.close()
    })
    beforeEach(async () => {
      await deliverAll(store, FAR)
    })

    const claim = (by: PersonalizationStore, now: number, limit = 100) =>
      by.claimOutbox({ now, leaseMs: LEASE_MS, limit })

    test('entries are claimed oldest first, slates and interactions alike, as many as asked', async () => {
      const at = (milliseconds: number): string => new Date(NOON + milliseconds).toISOString()
      await store.recordInteractions([sampleRecord('order-2', { occurredAt: NOON + 2 })])
      await store.saveSlate(sampleSlate('order-slate-a'), [
        sampleExposure('order-9', { occurredAt: at(9) }),
        sampleExposure('order-1', { occurredAt: at(1) }),
      ])
      await store.recordInteractions([sampleRecord('order-4', { occurredAt: NOON + 4 })])
      await store.saveSlate(sampleSlate('order-slate-b'), [sampleExposure('order-3', { occurredAt: at(3) })])
      expect(await store.outboxState()).toEqual({ size: 4, oldest: NOON + 1 })
      const first = await claim(store, NOON, 2)
      expect(eventIdsOf(first.entries)).toEqual(['order-9', 'order-1', 'order-2'])
      expect(first.entries.map(({ attempts }) => attempts)).toEqual([0, 0])
      expect(eventIdsOf((await claim(store, NOON)).entries)).toEqual(['order-3', 'order-4'])
    })

    test('an entry is due at once, also when its events say they occurred in the future', async () => {
      await store.recordInteractions([sampleRecord('future', { occurredAt: NOON + 1e8 })])
      expect(eventIdsOf((await claim(store, NOON)).entries)).toEqual(['future'])
    })

    test('an entry carries all events of its interaction, and none makes no entry', async () => {
      const interaction = sampleInteraction('both')
      const events = [sampleInteractionEvent('both'), sampleExposure('both-exposure')]
      await store.recordInteractions([
        { interaction, events },
        { interaction: sampleInteraction('neither'), events: [] },
      ])
      const { entries } = await claim(store, NOON)
      expect(entries.map((entry) => entry.events)).toEqual([events])
    })

    test('slates and interactions of one id have entries of their own', async () => {
      await store.saveSlate(sampleSlate('same-id'), [sampleExposure('same-id-exposure')])
      await store.recordInteractions([sampleRecord('same-id')])
      const { token, entries } = await claim(store, NOON)
      expect(new Set(entries.map(({ id }) => id)).size).toBe(2)
      const exposed = entries.find(({ events }) => events[0]?.eventId === 'same-id-exposure')
      await store.completeOutbox(token, [exposed?.id ?? expect.unreachable()])
      expect(eventIdsOf(await deliverAll(store, FAR))).toEqual(['same-id'])
    })

    test('no entry is held by two claims, with two stores claiming at once', async () => {
      const ids = Array.from({ length: 300 }, (_, index) => `exclusive-${index}`)
      await store.recordInteractions(ids.map((id) => sampleRecord(id)))
      const claimed: string[] = []
      while (claimed.length < ids.length) {
        const claims = await Promise.all([store, other, store, other].map((by) => claim(by, NOON, 20)))
        const found = claims.flatMap(({ entries }) => eventIdsOf(entries))
        expect(found).not.toEqual([])
        claimed.push(...found)
      }
      expect(claimed.toSorted()).toEqual(ids.toSorted())
      expect((await claim(other, NOON)).entries).toEqual([])
      expect((await store.outboxState()).size).toBe(ids.length)
    })

    test('a lease that ran out gives the entry to another, whose hold a late owner cannot touch', async () => {
      await store.recordInteractions([sampleRecord('late')])
      const late = await claim(store, NOON)
      expect((await claim(other, NOON + LEASE_MS - 1)).entries).toEqual([])
      const next = await claim(other, NOON + LEASE_MS)
      expect(eventIdsOf(next.entries)).toEqual(['late'])
      const ids = late.entries.map(({ id }) => id)
      await store.completeOutbox(late.token, ids)
      await store.retryOutbox(late.token, ids, NOON)
      expect((await store.outboxState()).size).toBe(1)
      expect((await claim(store, NOON + LEASE_MS)).entries).toEqual([])
      await other.completeOutbox(next.token, ids)
      expect(await store.outboxState()).toEqual({ size: 0, oldest: null })
    })

    test('a late owner that nobody followed still completes what it delivered', async () => {
      await store.recordInteractions([sampleRecord('unfollowed')])
      const { token, entries } = await claim(store, NOON)
      await store.completeOutbox(
        token,
        entries.map(({ id }) => id),
      )
      expect((await claim(other, FAR)).entries).toEqual([])
    })

    test('a retried entry is due when it was asked to be, with one more attempt each time', async () => {
      await store.recordInteractions([sampleRecord('retried')])
      for (let attempts = 0; attempts < 3; attempts++) {
        const now = NOON + attempts * 50
        const { token, entries } = await claim(store, now)
        expect(entries.map((entry) => entry.attempts)).toEqual([attempts])
        const ids = entries.map(({ id }) => id)
        await store.retryOutbox(token, ids, now + 50)
        // It is no longer this claim's.
        await store.completeOutbox(token, ids)
        expect((await claim(other, now + 49)).entries).toEqual([])
      }
      expect((await store.outboxState()).size).toBe(1)
    })

    test('an entry that waits for its retry holds up none that came after it', async () => {
      await store.recordInteractions([sampleRecord('stuck', { occurredAt: NOON - 5 })])
      const { token, entries } = await claim(store, NOON)
      await store.retryOutbox(
        token,
        entries.map(({ id }) => id),
        FAR,
      )
      await store.recordInteractions([sampleRecord('fresh')])
      expect(eventIdsOf((await claim(store, NOON, 1)).entries)).toEqual(['fresh'])
      expect((await store.outboxState()).oldest).toBe(NOON - 5)
    })

    test('completing or retrying nothing, or what is unknown, does nothing', async () => {
      await store.completeOutbox('token', [])
      await store.retryOutbox('token', [], NOON)
      await store.completeOutbox('token', ['interaction:none', 'slate:none', 'nonsense'])
      expect((await claim(store, NOON)).entries).toEqual([])
    })

    test('an undeliverable event is kept once', async () => {
      const before = await store.deadLetterCount()
      const letter = { code: 'INVALID', message: 'no such experiment', at: NOON }
      const letters = ['dead-1', 'dead-2'].map((id) => ({ ...letter, event: sampleExposure(id) }))
      await store.addDeadLetters(letters)
      await other.addDeadLetters([...letters, { ...letter, event: sampleExposure('dead-3') }])
      await store.addDeadLetters([])
      expect(await store.deadLetterCount()).toBe(before + 3)
    })
  })
}
