import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sampleRecord } from '../../testing/samples/interactions.ts'
import { sampleExposure, sampleSlate } from '../../testing/samples/slates.ts'
import { NOON } from '../../testing/samples/time.ts'
import { openPersonalizationStore } from '../open.ts'
import type { DeadLetter, PersonalizationStore } from '../port.ts'
import { deliverAll, eventIdsOf } from './store-contents.ts'

const EVER = Number.POSITIVE_INFINITY

function letter(eventId: string, at: number): DeadLetter {
  return { event: sampleExposure(eventId), code: 'UNKNOWN_VARIANT', message: `no ${eventId}`, at }
}

export function describeDeadLetters(urlOf: (database: string) => string): void {
  describe('dead letters and what expires', () => {
    let store: PersonalizationStore
    beforeAll(async () => {
      store = await openPersonalizationStore(urlOf('letters'))
    })
    afterAll(() => store.close())

    const listed = async () =>
      (await store.listDeadLetters({ limit: 500, after: null })).map(({ event }) => event.eventId)

    test('are listed page by page, oldest first, as they were kept', async () => {
      const letters = [letter('l3', NOON + 1), letter('l2', NOON), letter('l1', NOON), letter('l4', NOON + 2)]
      await store.addDeadLetters(letters)
      const walked: DeadLetter[] = []
      for (;;) {
        const last = walked.at(-1)
        const after = last === undefined ? null : { at: last.at, eventId: last.event.eventId }
        const page = await store.listDeadLetters({ limit: 3, after })
        if (page.length === 0) break
        walked.push(...page)
      }
      expect(walked).toEqual([letters[2], letters[1], letters[0], letters[3]])
    })

    test('that are replayed are in the outbox again, once, and no dead letters any more', async () => {
      expect(await store.replayDeadLetters(['l1', 'l4', 'never'])).toBe(2)
      expect(await store.replayDeadLetters(['l1', 'l4'])).toBe(0)
      expect(await listed()).toEqual(['l2', 'l3'])
      expect((await store.outboxState()).size).toBe(2)
      expect(eventIdsOf(await deliverAll(store, NOON)).toSorted()).toEqual(['l1', 'l4'])
      // Refused again.
      await store.addDeadLetters([letter('l1', NOON + 9)])
      expect(await store.replayDeadLetters(['l1'])).toBe(1)
      expect(eventIdsOf(await deliverAll(store, NOON))).toEqual(['l1'])
    })

    test('expire by their age, and the oldest beyond a number', async () => {
      await store.addDeadLetters(Array.from({ length: 8 }, (_, at) => letter(`x${at}`, NOON + 100 + at)))
      expect(await store.expireDeadLetters({ before: NOON + 1, keep: EVER, limit: 100 })).toBe(1)
      expect(await listed()).toEqual(['l3', 'x0', 'x1', 'x2', 'x3', 'x4', 'x5', 'x6', 'x7'])
      expect(await store.expireDeadLetters({ before: 0, keep: 4, limit: 3 })).toBe(3)
      expect(await store.expireDeadLetters({ before: 0, keep: 4, limit: 3 })).toBe(2)
      expect(await store.expireDeadLetters({ before: 0, keep: 4, limit: 3 })).toBe(0)
      expect(await store.expireDeadLetters({ before: NOON + 106, keep: 4, limit: 1 })).toBe(1)
      expect(await listed()).toEqual(['x5', 'x6', 'x7'])
    })

    test('old slates expire in bounded steps, and their events are delivered all the same', async () => {
      await deliverAll(store, NOON)
      const old = ['s1', 's2', 's3'].map((id, at) => sampleSlate(id, { createdAt: NOON + at }))
      for (const slate of old) await store.saveSlate(slate, [])
      await store.saveSlate(sampleSlate('pending', { createdAt: NOON }), [sampleExposure('pending-event')])
      await store.saveSlate(sampleSlate('young', { createdAt: NOON + 50 }), [])
      await store.recordInteractions([sampleRecord('unrelated')])
      let expired = 0
      for (let step = 1; step > 0; expired += step) {
        step = await store.expireSlates({ before: NOON + 50, limit: 2 })
        expect(step).toBeLessThanOrEqual(2)
      }
      expect(expired).toBeGreaterThanOrEqual(3)
      expect((await store.slatesByIds(['s1', 's2', 's3', 'young'])).map(({ id }) => id)).toEqual(['young'])
      expect(eventIdsOf(await deliverAll(store, NOON))).toContain('pending-event')
      await store.expireSlates({ before: NOON + 50, limit: 2 })
      expect(await store.slatesByIds(['pending'])).toEqual([])
    })
  })
}
