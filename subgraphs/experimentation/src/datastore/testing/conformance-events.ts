import { DatastoreUnavailableError } from '@bulkhead/datastore/errors'
import { describe, expect, test } from 'vitest'
import {
  DAY,
  HOUR,
  MONDAY,
  NOON,
  sampleExposure,
  sampleExposures,
  sampleHeartbeat,
  sampleIncoming,
  sampleInteraction,
  sampleServed,
  sampleStageChange,
} from '../../testing/samples.ts'
import type { PositionedEvent, RejectedEvent } from '../port.ts'
import type { ConformanceContext } from './conformance-context.ts'
import { positionAll, readUpTo, withoutTime } from './position-checks.ts'

function refused(eventId: string | null, overrides: Partial<RejectedEvent> = {}): RejectedEvent {
  return {
    eventId,
    producer: 'personalization-1',
    code: 'MALFORMED_EVENT',
    message: 'unit: Required',
    body: '{"kind":"exposure"}',
    rejectedAt: MONDAY,
    ...overrides,
  }
}

export function describeEvents({ store, datastore }: ConformanceContext): void {
  async function stored() {
    await positionAll(store())
    return readUpTo(store(), await store().head())
  }

  describe('events', () => {
    test('of every kind come back as they were sent', async () => {
      const attributes = JSON.parse('{"$gt":{"a.b":1e-9},"plan":"free","__proto__":1,"é":"🎧"}')
      const sent = [
        sampleIncoming(sampleExposure({ attributes, unit: 'ü$.🎧' }), MONDAY + 1),
        sampleIncoming(sampleInteraction({ value: 0.1 + 0.2, attributes }), MONDAY + 2),
        sampleIncoming(
          sampleInteraction({ eventId: 'without-value', itemId: null, value: null }),
          MONDAY + 3,
        ),
        sampleIncoming(sampleInteraction({ eventId: 'largest-value', value: -1e12 }), MONDAY + 4),
        sampleIncoming(sampleServed(), MONDAY + 5),
        sampleIncoming(sampleHeartbeat(), MONDAY + 6),
        sampleIncoming({ ...sampleHeartbeat({ eventId: 'heartbeat-2' }), kind: 'goodbye' }, MONDAY + 7),
        sampleIncoming(sampleStageChange(), MONDAY + 8),
      ]
      await store().ingest(sent)
      const byId = (events: readonly Pick<PositionedEvent, 'event' | 'producer' | 'recordedAt'>[]) =>
        new Map(
          events.map(({ event, producer, recordedAt }) => [event.eventId, { event, producer, recordedAt }]),
        )
      expect(byId(await stored())).toEqual(byId(sent))
    })

    test('tell of a model version its newest stage, in whatever order the changes arrive', async () => {
      const registered = sampleStageChange()
      const promoted = sampleStageChange({ change: 2, from: 'REGISTERED', to: 'PRODUCTION' })
      const other = sampleStageChange({ modelVersionId: '$other.v1', artefactHash: 'cd'.repeat(32) })
      await store().ingest([sampleIncoming(promoted), sampleIncoming(other)])
      await store().ingest([sampleIncoming(registered), sampleIncoming(promoted)])
      const known = await store().modelVersionsByIds(['item-to-item-v1', '$other.v1', 'none'])
      expect(known.toSorted((a, b) => (a.id < b.id ? -1 : 1))).toEqual([
        { id: '$other.v1', stage: 'REGISTERED', change: 1, artefactHash: 'cd'.repeat(32) },
        { id: 'item-to-item-v1', stage: 'PRODUCTION', change: 2, artefactHash: 'ab'.repeat(32) },
      ])
      expect(await store().modelVersionsByIds([])).toEqual([])
    })

    test('tell of a model version the artefact of its newest stage', async () => {
      const artefactHash = 'ef'.repeat(32)
      await store().ingest([sampleIncoming(sampleStageChange())])
      await store().ingest([sampleIncoming(sampleStageChange({ change: 2, to: 'SHADOW', artefactHash }))])
      expect(await store().modelVersionsByIds(['item-to-item-v1'])).toEqual([
        { id: 'item-to-item-v1', stage: 'SHADOW', change: 2, artefactHash },
      ])
    })

    test('keep the newest stage also where many changes arrive at the same time', async () => {
      const changes = Array.from({ length: 20 }, (_, index) =>
        sampleIncoming(sampleStageChange({ change: index + 1, to: index === 19 ? 'RETIRED' : 'SHADOW' })),
      )
      await Promise.all(changes.toReversed().map((change) => store().ingest([change])))
      expect(await store().modelVersionsByIds(['item-to-item-v1'])).toMatchObject([
        { stage: 'RETIRED', change: 20 },
      ])
    })

    test('are stored once by id, and the first write is kept', async () => {
      const first = sampleIncoming(sampleExposure({ variantKey: 'control' }), MONDAY)
      await store().ingest([first])
      const again = sampleIncoming(sampleExposure({ variantKey: 'treatment' }), MONDAY + DAY)
      const other = sampleIncoming(sampleExposure({ slateId: 'slate-2' }))
      await store().ingest([again, other, again, other])
      const events = await stored()
      expect(events.map(({ event }) => event.eventId).toSorted()).toEqual(
        [first.event.eventId, other.event.eventId].toSorted(),
      )
      expect(events.find(({ event }) => event.eventId === first.event.eventId)).toMatchObject(
        withoutTime(first),
      )
    })

    test('sent by many replicas at once are stored once each', async () => {
      const replicas = [store(), await datastore().open(), await datastore().open()]
      const batches = Array.from({ length: 12 }, (_, batch) => sampleExposures('same', batch * 10, 30))
      await Promise.all(batches.map((batch, index) => replicas[index % replicas.length]?.ingest(batch)))
      expect(await stored()).toHaveLength(140)
    })

    test('fill a batch of the contract, and one event more is refused as a bug of the caller', async () => {
      await store().ingest(sampleExposures('full', 0, 500))
      expect(await stored()).toHaveLength(500)
      await expect(store().ingest(sampleExposures('more', 0, 501))).rejects.toBeInstanceOf(RangeError)
      await store().ingest([])
      expect(await stored()).toHaveLength(500)
    })

    test('can be large', async () => {
      const attributes = { note: 'x'.repeat(300_000) }
      await store().ingest([sampleIncoming(sampleExposure({ attributes }))])
      expect(await stored()).toMatchObject([{ event: { attributes } }])
    })

    test('that cannot be stored are refused with an outage, and nothing is acknowledged', async () => {
      const replica = await datastore().open()
      await replica.close()
      await expect(replica.ingest([sampleIncoming(sampleExposure())])).rejects.toBeInstanceOf(
        DatastoreUnavailableError,
      )
      expect(await stored()).toEqual([])
    })
  })

  describe('exposure records', () => {
    test('say recorded, rejected or nothing, in one round trip', async () => {
      const exposures = sampleExposures('u', 0, 150)
      await store().ingest(exposures)
      const rejections = Array.from({ length: 150 }, (_, index) => refused(`refused-${index}`))
      await store().reject(rejections)
      const ids = [
        ...exposures.map(({ event }) => event.eventId),
        ...rejections.map(({ eventId }) => eventId ?? ''),
        'unknown-id',
      ]
      const before = datastore().roundTrips()
      const records = await store().exposureRecords(ids)
      expect(datastore().roundTrips() - before).toBe(1)
      expect(records.size).toBe(300)
      expect(records.get(exposures[7]?.event.eventId ?? '')).toEqual({
        type: 'recorded',
        occurredAt: NOON,
        recordedAt: NOON + HOUR,
      })
      expect(records.get('refused-7')).toEqual({ type: 'rejected' })
      expect(records.has('unknown-id')).toBe(false)
    })

    test('are there as soon as ingest is acknowledged, before any position is given', async () => {
      const exposure = sampleIncoming(sampleExposure())
      await store().ingest([exposure])
      const replica = await datastore().open()
      const records = await replica.exposureRecords([exposure.event.eventId])
      expect([...records.values()]).toMatchObject([{ type: 'recorded' }])
    })

    test('show an event that was refused and recorded as recorded, whichever came first', async () => {
      const early = sampleIncoming(sampleExposure({ slateId: 'early' }))
      const late = sampleIncoming(sampleExposure({ slateId: 'late' }))
      await store().reject([refused(early.event.eventId)])
      await store().ingest([early, late])
      await store().reject([refused(late.event.eventId)])
      const records = await store().exposureRecords([early.event.eventId, late.event.eventId])
      expect([...records.values()].map(({ type }) => type)).toEqual(['recorded', 'recorded'])
    })

    test('of repeated and of unreadable events are kept without an error', async () => {
      await store().reject([refused('twice-refused'), refused(null), refused('twice-refused'), refused(null)])
      await store().reject([refused('twice-refused', { code: 'LATER' }), refused(null)])
      const records = await store().exposureRecords(['twice-refused'])
      expect([...records]).toEqual([['twice-refused', { type: 'rejected' }]])
      await expect(store().reject(Array.from({ length: 501 }, () => refused(null)))).rejects.toBeInstanceOf(
        RangeError,
      )
    })

    test('of an empty list of ids are none', async () => {
      expect(await store().exposureRecords([])).toEqual(new Map())
    })
  })
}
