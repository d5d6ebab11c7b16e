import { describe, expect, test } from 'vitest'
import { unitHash } from '../../domain/erasure.ts'
import { DAY, HOUR, NOON, sampleErasure, sampleExposures, sampleIncoming } from '../../testing/samples.ts'
import { createStoreErasing } from '../../testing/unit-erasing.ts'
import type { AnalysisRequest, Lease, Notification } from '../port.ts'
import type { ConformanceContext } from './conformance-context.ts'
import { positionAll } from './position-checks.ts'

function leaseOf(holder: string | null, beat: number, through = 0): Lease {
  return { holder, beat, progress: { through, caughtUpAt: through * 10 } }
}

function requestOf(id: string, requestedAt: number): AnalysisRequest {
  return { id, experimentKey: '$mix', cutoff: null, requestedBy: 'ana', requestedAt }
}

function notificationOf(changes: Partial<Notification> = {}): Notification {
  return {
    id: 'n1',
    receiver: 'r1',
    body: { $a: [1] },
    attempts: 0,
    dueAt: NOON,
    createdAt: NOON,
    ...changes,
  }
}

export function describeAnalyst({ store, datastore }: ConformanceContext): void {
  describe('the lease', () => {
    test('is nobody’s at first, and one of all that take it at once gets it', async () => {
      expect(await store().lease()).toBeNull()
      const replicas = [store(), await datastore().open(), await datastore().open()]
      for (const expectedBeat of [null, 1, 2]) {
        const beat = (expectedBeat ?? 0) + 1
        const taken = await Promise.all(
          replicas.map((replica, index) =>
            replica.replaceLease({ expectedBeat, lease: leaseOf(`r${index}`, beat, index) }),
          ),
        )
        expect(taken.filter((one) => one)).toHaveLength(1)
        const winner = taken.indexOf(true)
        for (const replica of replicas)
          expect(await replica.lease()).toEqual(leaseOf(`r${winner}`, beat, winner))
      }
    })

    test('stays as it is for one who believes to hold it and is not at its beat', async () => {
      const replica = await datastore().open()
      expect(await store().replaceLease({ expectedBeat: 1, lease: leaseOf('early', 2) })).toBe(false)
      await store().replaceLease({ expectedBeat: null, lease: leaseOf('old', 1) })
      await replica.replaceLease({ expectedBeat: 1, lease: leaseOf('new', 2, 7) })
      expect(await store().replaceLease({ expectedBeat: 1, lease: leaseOf('old', 2, 9) })).toBe(false)
      expect(await store().replaceLease({ expectedBeat: null, lease: leaseOf('old', 1) })).toBe(false)
      expect(await store().lease()).toEqual(leaseOf('new', 2, 7))
    })

    test('can be given up', async () => {
      await store().replaceLease({ expectedBeat: null, lease: leaseOf('one', 1, 5) })
      expect(await store().replaceLease({ expectedBeat: 1, lease: leaseOf(null, 2, 5) })).toBe(true)
      expect(await (await datastore().open()).lease()).toEqual(leaseOf(null, 2, 5))
    })
  })

  describe('the log', () => {
    test('has one id, whichever replica asks', async () => {
      const id = await store().logId()
      expect(id).toMatch(/^[0-9a-f-]{32,36}$/)
      expect(await (await datastore().open()).logId()).toBe(id)
    })

    test('begins where retention has left it', async () => {
      expect(await store().logStart()).toBe(0)
      for (const ten of [0, 1]) {
        await store().ingest(
          sampleExposures('u', ten * 10, 10).map((event) => ({ ...event, recordedAt: NOON + ten })),
        )
      }
      await positionAll(store())
      expect(await store().logStart()).toBe(0)
      const limit = Number.MAX_SAFE_INTEGER
      await store().eraseEvents({ recordedBefore: NOON + 1, upTo: 20, limit })
      expect(await (await datastore().open()).logStart()).toBe(10)
      await store().eraseEvents({ recordedBefore: NOON + 9, upTo: 20, limit })
      expect(await store().logStart()).toBe(20)
    })
  })

  describe('erasures since an instant', () => {
    test('are waiting ones and those that are done, by the hash of their units', async () => {
      await store().ingest(sampleExposures('u', 0, 3))
      await positionAll(store())
      await store().ingest([sampleIncoming(sampleErasure({ unit: 'u-1' }), NOON + 1)])
      await store().addCounts({ from: 0, through: { position: 3, asOf: NOON }, exposures: [] })
      const erasing = createStoreErasing(store())
      while ((await erasing.step()).more);
      await store().ingest([sampleIncoming(sampleErasure({ unit: 'u-2', eventId: 'erasure-2' }), NOON + 5)])
      const occurredAt = Date.parse(sampleErasure().occurredAt)
      const first = { unitHash: unitHash('u-1'), occurredAt, recordedAt: NOON + 1, done: true }
      const second = { unitHash: unitHash('u-2'), occurredAt, recordedAt: NOON + 5, done: false }
      expect(await store().erasuresSince(NOON + 1)).toEqual([first, second])
      expect(await store().erasuresSince(NOON + 2)).toEqual([second])
      // Of an old instant, but known only since.
      expect(await store().forgetErasures(NOON + 1)).toBe(0)
      expect(await store().forgetErasures(NOON + DAY)).toBe(1)
      expect(await store().erasuresSince(0)).toEqual([second])
    })
  })

  describe('requests for analyses', () => {
    test('wait in the order in which they came, until their first outcome', async () => {
      const replica = await datastore().open()
      await store().addAnalysisRequest(requestOf('late', NOON + 2))
      await store().addAnalysisRequest(requestOf('early', NOON))
      await replica.addAnalysisRequest({ ...requestOf('early', NOON), requestedBy: 'ben' })
      await replica.addAnalysisRequest({ ...requestOf('middle', NOON + 1), cutoff: NOON })
      const waiting = async () => (await replica.waitingAnalysisRequests(9)).map(({ id }) => id)
      expect(await waiting()).toEqual(['early', 'middle', 'late'])
      expect(await store().waitingAnalysisRequests(1)).toEqual([requestOf('early', NOON)])
      expect(await store().analysisOutcome('early')).toBeNull()
      await store().settleAnalysisRequest('early', { type: 'first', $odd: ['a.b'] })
      await replica.settleAnalysisRequest('early', { type: 'second' })
      await replica.settleAnalysisRequest('unknown', { type: 'second' })
      expect(await replica.analysisOutcome('early')).toEqual({ type: 'first', $odd: ['a.b'] })
      expect(await replica.analysisOutcome('unknown')).toBeNull()
      expect(await waiting()).toEqual(['middle', 'late'])
      await store().forgetAnalysisRequests(NOON + 2)
      expect(await waiting()).toEqual(['late'])
      expect(await store().analysisOutcome('early')).toBeNull()
    })
  })

  describe('looks that were told', () => {
    test('are found by the newest before a cutoff, and the first of one cutoff stays', async () => {
      const look = (experimentKey: string, cutoff: number, analysisId: string) => ({
        ...{ experimentKey, cutoff, analysisId },
      })
      const first = look('$mix', NOON, 'a1')
      const second = look('$mix', NOON + DAY, 'a2')
      for (const told of [second, first, look('$mix', NOON, 'later'), look('$mi', NOON + 1, 'b1')]) {
        await store().recordLook(told)
      }
      const replica = await datastore().open()
      const before = (experimentKey: string, cutoff: number) => replica.lookBefore({ experimentKey, cutoff })
      expect(await before('$mix', NOON + 9 * DAY)).toEqual(second)
      expect(await before('$mix', NOON + DAY)).toEqual(first)
      expect(await before('$mix', NOON)).toBeNull()
      expect(await before('$m', NOON + DAY)).toBeNull()
    })
  })

  describe('notifications', () => {
    test('are kept as they were added first, also when they are told already', async () => {
      await store().addNotifications([])
      await store().addNotifications([notificationOf(), notificationOf({ receiver: 'r2', dueAt: NOON - 1 })])
      const other = notificationOf({ body: { b: 2 }, dueAt: NOON - 5 })
      await (await datastore().open()).addNotifications([
        other,
        notificationOf({ id: 'n2', dueAt: NOON + HOUR }),
      ])
      const due = (now: number, limit = 9) => store().dueNotifications({ now, limit })
      expect(await due(NOON)).toEqual([notificationOf({ receiver: 'r2', dueAt: NOON - 1 }), notificationOf()])
      expect(await due(NOON, 1)).toHaveLength(1)
      await store().moveNotification({ id: 'n1', receiver: 'r1' }, { attempts: 1, dueAt: null })
      await store().moveNotification({ id: 'n1', receiver: 'r2' }, { attempts: 3, dueAt: NOON + 7 })
      await store().addNotifications([notificationOf()])
      expect(await due(NOON + HOUR)).toEqual([
        notificationOf({ receiver: 'r2', attempts: 3, dueAt: NOON + 7 }),
        notificationOf({ id: 'n2', dueAt: NOON + HOUR }),
      ])
    })

    test('are forgotten by their age once they are told', async () => {
      await store().addNotifications([notificationOf(), notificationOf({ id: 'waiting' })])
      await store().moveNotification({ id: 'n1', receiver: 'r1' }, { attempts: 1, dueAt: null })
      await store().forgetNotifications(NOON)
      await store().addNotifications([notificationOf()])
      expect(await store().dueNotifications({ now: NOON, limit: 9 })).toHaveLength(1)
      await store().forgetNotifications(NOON + 1)
      await store().addNotifications([notificationOf()])
      expect(await store().dueNotifications({ now: NOON, limit: 9 })).toHaveLength(2)
    })
  })
}
