import { describe, expect, test } from 'vitest'
import { NOON, sampleExposures } from '../../testing/samples.ts'
import type { ConformanceContext } from './conformance-context.ts'
import { positionAll, readUpTo } from './position-checks.ts'

const FOR_EVER = Number.MAX_SAFE_INTEGER

export function describeRetention({ store, datastore }: ConformanceContext): void {
  /** Four calls of ten events, each a millisecond after the one before. */
  async function ingestTens() {
    for (let ten = 0; ten < 4; ten += 1) {
      await store().ingest(
        sampleExposures('u', ten * 10, 10).map((event) => ({ ...event, recordedAt: NOON + ten })),
      )
    }
    await positionAll(store())
  }
  const positions = async () =>
    (await readUpTo(store(), await store().head())).map(({ position }) => position)
  const from = (first: number) => Array.from({ length: 41 - first }, (_, index) => first + index)

  describe('events that are erased', () => {
    test('are those that are old enough, and not beyond the position that was named', async () => {
      await ingestTens()
      expect(await store().eraseEvents({ recordedBefore: NOON, upTo: 40, limit: FOR_EVER })).toBe(0)
      expect(await store().eraseEvents({ recordedBefore: NOON + 9, upTo: 19, limit: FOR_EVER })).toBe(10)
      expect(await positions()).toEqual(from(11))
      expect(await store().eraseEvents({ recordedBefore: NOON + 3, upTo: 40, limit: FOR_EVER })).toBe(20)
      expect(await positions()).toEqual(from(31))
    })

    test('go in steps, and a step of another replica is no failure', async () => {
      await ingestTens()
      const other = await datastore().open()
      const erase = () => other.eraseEvents({ recordedBefore: NOON + 9, upTo: 40, limit: 10 })
      expect(await erase()).toBe(10)
      await Promise.all([
        store().eraseEvents({ recordedBefore: NOON + 9, upTo: 30, limit: FOR_EVER }),
        other.eraseEvents({ recordedBefore: NOON + 9, upTo: 30, limit: FOR_EVER }),
      ])
      expect(await positions()).toEqual(from(31))
    })

    test('leave the head where it was, and their positions unused', async () => {
      await ingestTens()
      await store().eraseEvents({ recordedBefore: NOON + 9, upTo: 40, limit: FOR_EVER })
      expect(await store().head()).toBe(40)
      const replica = await datastore().open()
      expect(await replica.head()).toBe(40)
      await replica.ingest(sampleExposures('later', 0, 2))
      await positionAll(replica)
      expect(await replica.head()).toBe(42)
      expect(await positions()).toEqual([41, 42])
    })

    test('are also refused ones of that age, oldest first and in steps', async () => {
      const refusal = { producer: 'p1', code: 'MALFORMED_EVENT', message: 'm', body: '{}' }
      await store().reject([
        ...[3, 1, 2].map((at) => ({ ...refusal, eventId: `refused-${at}`, rejectedAt: NOON + at })),
        { ...refusal, eventId: null, rejectedAt: NOON },
      ])
      const left = async () => {
        const ids = [1, 2, 3].map((at) => `refused-${at}`)
        return [...(await store().exposureRecords(ids)).keys()].toSorted()
      }
      const erase = (rejectedBefore: number, limit: number) =>
        store().eraseRejections({ rejectedBefore, limit })
      expect(await erase(NOON, 9)).toBe(0)
      expect(await erase(NOON + 9, 2)).toBe(2)
      expect(await left()).toEqual(['refused-2', 'refused-3'])
      expect(await erase(NOON + 3, 9)).toBe(1)
      expect(await left()).toEqual(['refused-3'])
    })

    test('have no record any more, and those that stay have one', async () => {
      await ingestTens()
      await store().eraseEvents({ recordedBefore: NOON + 2, upTo: 40, limit: FOR_EVER })
      const ids = sampleExposures('u', 0, 40).map(({ event }) => event.eventId)
      const records = await store().exposureRecords(ids)
      expect([...records.keys()].toSorted()).toEqual(ids.slice(20).toSorted())
    })
  })
}
