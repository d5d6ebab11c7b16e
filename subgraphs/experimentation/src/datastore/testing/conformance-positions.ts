import { DatastoreUnavailableError } from '@bulkhead/datastore/errors'
import { describe, expect, test } from 'vitest'
import {
  NOON,
  sampleExposures,
  sampleHeartbeat,
  sampleIncoming,
  sampleInteraction,
} from '../../testing/samples.ts'
import type { ExperimentationStore } from '../port.ts'
import type { ConformanceContext } from './conformance-context.ts'
import { expectSettled, positionAll, type Reading, readUpTo, takeReading } from './position-checks.ts'
import { startWriter } from './writer-process.ts'

/** Long enough for dozens of freezes, short enough for every run of the suite. */
const FREEZING_MS = 3000

function between(low: number, high: number): number {
  return low + Math.floor(Math.random() * (high - low + 1))
}
function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

/** One run of a writer. The datastore may answer with an outage, and the events may be stored all the same. */
async function ingestAndPosition(store: ExperimentationStore, name: string, from: number): Promise<number> {
  const count = between(1, 6)
  try {
    await store.ingest(sampleExposures(name, from, count))
    await store.assignPositions(between(1, 10))
  } catch (error) {
    if (!(error instanceof DatastoreUnavailableError)) throw error
  }
  return from + count
}

export function describePositions({ store, datastore }: ConformanceContext): void {
  describe('ingest positions', () => {
    test('start at 0, where there is nothing to read', async () => {
      expect(await store().head()).toBe(0)
      expect(await store().assignPositions(10)).toBe(0)
      expect(await store().eventsBetween({ after: 0, upTo: 0, limit: 10 })).toEqual([])
    })

    test('count events from 1, are read in pages, and leave no gap for repeated deliveries', async () => {
      for (const from of [0, 10, 5, 20]) await store().ingest(sampleExposures('u', from, 15))
      await positionAll(store())
      await store().ingest(sampleExposures('u', 0, 35))
      expect(await store().assignPositions(100)).toBe(0)
      expect(await store().head()).toBe(35)
      const all = await readUpTo(store(), 35, 10)
      expect(all.map((event) => event.position)).toEqual(Array.from({ length: 35 }, (_, index) => index + 1))
      const part = await store().eventsBetween({ after: 7, upTo: 12, limit: 100 })
      expect(part).toEqual(all.slice(7, 12))
      expect(await store().eventsBetween({ after: 12, upTo: 12, limit: 100 })).toEqual([])
    })

    test('beyond the head are refused as a bug of the caller', async () => {
      await store().ingest(sampleExposures('u', 0, 3))
      await positionAll(store())
      await expect(store().eventsBetween({ after: 0, upTo: 4, limit: 10 })).rejects.toBeInstanceOf(RangeError)
    })

    test('up to a head that one replica read can be read by every other one', async () => {
      const other = await datastore().open()
      for (let round = 0; round < 20; round += 1) {
        await store().ingest(sampleExposures('u', round * 3, 3))
        await store().assignPositions(2)
        const reading = await takeReading(store())
        expect(JSON.stringify(await readUpTo(other, reading.upTo))).toBe(reading.text)
      }
    })

    test('of a heartbeat come after what was acknowledged before it, whatever clock its replica has', async () => {
      const slow = await datastore().open()
      await store().ingest(sampleExposures('before', 0, 20))
      await slow.ingest([sampleIncoming(sampleHeartbeat(), NOON)])
      await store().ingest(sampleExposures('after', 0, 2))
      await positionAll(slow)
      const events = await readUpTo(store(), 23)
      const at = events.findIndex(({ event }) => event.kind === 'heartbeat')
      expect(events.slice(0, at).map(({ event }) => event.kind)).toEqual(Array(at).fill('exposure'))
      expect(at).toBeGreaterThanOrEqual(20)
    })

    test('of a heartbeat come after the events of its own batch', async () => {
      const heartbeat = sampleIncoming(sampleHeartbeat())
      await store().ingest([heartbeat, ...sampleExposures('beside', 0, 3)])
      await positionAll(store())
      expect((await readUpTo(store(), 4)).map(({ event }) => event.kind)).toEqual([
        ...Array(3).fill('exposure'),
        'heartbeat',
      ])
    })

    test('are read for some kinds only, in the same order', async () => {
      for (let index = 0; index < 30; index += 1) {
        await store().ingest([
          ...sampleExposures('u', index * 3, 3),
          sampleIncoming(sampleInteraction({ eventId: `interaction-${index}` })),
        ])
      }
      await positionAll(store())
      const all = await readUpTo(store(), 120)
      for (const kind of ['exposure', 'interaction', 'heartbeat'] as const) {
        const expected = all.filter(({ event }) => event.kind === kind)
        expect(await store().eventsBetween({ after: 0, upTo: 120, limit: 1000, kinds: [kind] })).toEqual(
          expected,
        )
        const part = await store().eventsBetween({ after: 10, upTo: 100, limit: 7, kinds: [kind] })
        expect(part).toEqual(expected.filter(({ position }) => position > 10 && position <= 100).slice(0, 7))
      }
      const kinds = ['interaction', 'exposure'] as const
      expect(await store().eventsBetween({ after: 0, upTo: 120, limit: 1000, kinds })).toEqual(all)
      expect(await store().eventsBetween({ after: 2, upTo: 120, limit: 50, kinds })).toEqual(all.slice(2, 52))
      expect(await store().eventsBetween({ after: 0, upTo: 120, limit: 1000, kinds: [] })).toEqual([])
    })

    test('are counted as missing until they are given', async () => {
      expect(await store().unpositioned()).toEqual({ events: 0, oldest: null })
      await store().ingest(sampleExposures('u', 0, 12))
      // Where positions come with the insert there are none to give.
      const waiting = await store().unpositioned()
      expect([0, 12]).toContain(waiting.events)
      expect(waiting.oldest === null).toBe(waiting.events === 0)
      await positionAll(store())
      expect(await store().unpositioned()).toEqual({ events: 0, oldest: null })
    })

    test('never change below a head that was read, whatever replicas write at the same time', async () => {
      const replicas = [store(), await datastore().open(), await datastore().open()]
      const readings: Reading[] = []
      await Promise.all(
        replicas.map(async (replica, index) => {
          for (let run = 0; run < 25; run += 1) {
            await replica.ingest(sampleExposures(`w${index}`, run * 4, 4))
            await replica.assignPositions(between(1, 8))
            readings.push(await takeReading(replica))
          }
        }),
      )
      await positionAll(store())
      expect(await expectSettled(store(), readings)).toHaveLength(3 * 25 * 4)
    })

    test('never change below a head that was read while another process is frozen at random moments', async () => {
      const writer = await startWriter(datastore().url, 'frozen')
      const readings: Reading[] = []
      let freezes = 0
      let runsWhileFrozen = 0
      let frozen = false
      try {
        const until = performance.now() + FREEZING_MS
        const freezing = (async () => {
          while (performance.now() < until) {
            await pause(between(1, 40))
            writer.freeze()
            frozen = true
            freezes += 1
            await pause(between(10, 120))
            frozen = false
            writer.thaw()
          }
        })()
        for (let from = 0; performance.now() < until; ) {
          const startedFrozen = frozen
          from = await ingestAndPosition(store(), 'free', from)
          if (startedFrozen && frozen) runsWhileFrozen += 1
          if (Math.random() < 0.2) readings.push(await takeReading(store()))
          // Calls of SQLite resolve without yielding to the event loop: let the timers of the freezing run.
          await new Promise(setImmediate)
        }
        await freezing
      } finally {
        await writer.kill()
      }
      await positionAll(store())
      const events = await expectSettled(store(), readings)

      const stored = new Set(events.map(({ event }) => event.kind === 'exposure' && event.slateId))
      expect(writer.acknowledged().filter((slateId) => !stored.has(slateId))).toEqual([])
      expect(writer.acknowledged().length).toBeGreaterThan(0)
      expect(freezes).toBeGreaterThan(10)
      expect(readings.length).toBeGreaterThan(5)
      expect(runsWhileFrozen).toBeGreaterThan(0)
    })
  })
}
