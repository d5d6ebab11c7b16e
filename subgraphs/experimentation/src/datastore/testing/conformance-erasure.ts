import { describe, expect, test } from 'vitest'
import {
  HOUR,
  NOON,
  sampleErasure,
  sampleExposure,
  sampleExposures,
  sampleHeartbeat,
  sampleIncoming,
  sampleInteraction,
  sampleServed,
} from '../../testing/samples.ts'
import { createStoreErasing } from '../../testing/unit-erasing.ts'
import type { ExperimentationStore, IncomingEvent, PositionedEvent, RejectedEvent } from '../port.ts'
import type { ConformanceContext } from './conformance-context.ts'
import { positionAll, readUpTo } from './position-checks.ts'

/** Names that are easily taken for another, as text in a block, a pattern or an expression. */
const NAMES = [
  ...[
    'u1',
    'u11',
    'xu1',
    'u1"',
    '"u1"',
    'u1\\',
    '\\u1',
    'u\n1',
    'u\u0000',
    '.*',
    'u1|u2',
    '$rows',
    'ü🎧',
    "u'1",
    '%',
    '_',
  ],
  ...['u1","u2', 'U1', '0', 'null'],
]

function eventsOf(unit: string, occurredAt = NOON): IncomingEvent[] {
  const common = { unit, occurredAt: new Date(occurredAt).toISOString(), attributes: { note: `of ${unit}` } }
  const id = Buffer.from(`${unit} ${occurredAt}`).toString('base64url').slice(0, 80)
  return [
    sampleIncoming(sampleExposure({ ...common, slateId: `slate of ${unit} at ${occurredAt}` })),
    sampleIncoming(sampleInteraction({ ...common, eventId: `interaction_${id}` })),
    sampleIncoming(sampleServed({ unit, occurredAt: common.occurredAt, eventId: `served_____${id}` })),
  ]
}

function erasure(unit: string, occurredAt = NOON): IncomingEvent {
  const eventId = `erasure____${Buffer.from(unit).toString('base64url')}`
  return sampleIncoming(sampleErasure({ unit, eventId, occurredAt: new Date(occurredAt).toISOString() }))
}

function refused(eventId: string | null, event: unknown, cut = Number.POSITIVE_INFINITY): RejectedEvent {
  const body = JSON.stringify(event).slice(0, cut)
  return { eventId, producer: 'p', code: 'UNKNOWN_EXPERIMENT', message: 'none', body, rejectedAt: NOON }
}

/** Until nothing waits; the counters are moved along. */
async function carryOut(store: ExperimentationStore): Promise<number> {
  const erasing = createStoreErasing(store)
  let events = 0
  for (;;) {
    const step = await erasing.step()
    events += step.events
    if (step.more) continue
    if ((await store.waitingErasures(1)).length === 0) return events
    const { position: from } = await store.countedThrough()
    await store.addCounts({ from, through: { position: await store.head(), asOf: NOON }, exposures: [] })
  }
}

function unitOf({ event }: Pick<IncomingEvent, 'event'>): string | null {
  return 'unit' in event ? event.unit : null
}

export function describeErasure({ store, datastore }: ConformanceContext): void {
  async function stored(): Promise<PositionedEvent[]> {
    await positionAll(store())
    return readUpTo(store(), await store().head())
  }

  describe('units that are erased', () => {
    /** All names, the events of each in calls with those of the others. */
    async function ingestAll() {
      const all = NAMES.map((unit) => [...eventsOf(unit), ...eventsOf(unit, NOON + 1)])
      await store().ingest(all.flat().slice(0, 60))
      await store().ingest([sampleIncoming(sampleHeartbeat())])
      await store().ingest(all.flat().slice(60))
    }

    test('leave all other events as they are, with their positions, whatever the units are called', async () => {
      await ingestAll()
      let left: readonly PositionedEvent[] = await stored()
      const head = await store().head()
      for (const [index, unit] of NAMES.entries()) {
        await store().ingest([erasure(unit)])
        expect(await carryOut(store())).toBe(3)
        const others = left.filter(
          (item) => unitOf(item) !== unit || Date.parse(item.event.occurredAt) > NOON,
        )
        expect(others).toHaveLength(left.length - 3)
        left = others
        expect(await stored()).toEqual(left)
        expect(await store().head()).toBe(head)
        expect(await store().erasedEvents(head)).toBe(3 * (index + 1))
      }
      // In pages of any size too.
      expect(await readUpTo(store(), head, 7)).toEqual(left)
      const kinds = ['interaction'] as const
      const page = await store().eventsBetween({ after: 0, upTo: head, limit: 1000, kinds })
      expect(page).toEqual(left.filter(({ event }) => event.kind === 'interaction'))
    })

    test('all at once leave the heartbeat, and each erased event is counted up to its position', async () => {
      await ingestAll()
      const before = await stored()
      await store().ingest(NAMES.map((unit) => erasure(unit, NOON + 1)))
      expect(await carryOut(store())).toBe(NAMES.length * 6)
      expect((await stored()).map(({ event }) => event.kind)).toEqual(['heartbeat'])
      for (const upTo of [0, 1, 7, 59, 60, 61, 62, 100, before.length]) {
        const expected = before.filter(
          ({ position, event }) => position <= upTo && event.kind !== 'heartbeat',
        )
        expect(await store().erasedEvents(upTo)).toBe(expected.length)
      }
    })

    test('do not come back: neither what was stored, nor what comes late', async () => {
      await store().ingest(eventsOf('u1'))
      await positionAll(store())
      await store().ingest([erasure('u1')])
      const late = eventsOf('u1', NOON - HOUR)
      await store().ingest([...late, ...eventsOf('u2')])
      await carryOut(store())
      const replica = await datastore().open()
      await replica.ingest(eventsOf('u1'))
      await replica.ingest([...late, ...eventsOf('u1', NOON - 1)])
      await store().ingest(eventsOf('u1', NOON + 1))
      const kept = (await stored()).map((item) => [unitOf(item), Date.parse(item.event.occurredAt)])
      expect(kept.filter(([unit]) => unit === 'u1')).toEqual(Array(3).fill(['u1', NOON + 1]))
      expect(kept.filter(([unit]) => unit === 'u2')).toHaveLength(3)
      // What came late was not even stored.
      expect(await store().head()).toBe(9)
      expect(await store().erasedEvents(9)).toBe(3)
    })

    test('keep the ids of their events', async () => {
      const events = eventsOf('u1')
      const ids = events.map(({ event }) => event.eventId)
      await store().ingest([...events, ...eventsOf('u2')])
      await positionAll(store())
      const before = await store().exposureRecords(ids)
      await store().ingest([erasure('u1')])
      await carryOut(store())
      expect(await store().exposureRecords(ids)).toEqual(before)
      // Not even a producer that sends something else under the same id brings anything back.
      await store().ingest(
        events.map((item) => ({ ...item, event: { ...item.event, unit: 'u3' } }) as IncomingEvent),
      )
      expect((await stored()).map(unitOf)).toEqual(['u2', 'u2', 'u2'])
      expect(await store().head()).toBe(6)
    })

    test('go with their block when it is old enough, ids and all', async () => {
      const events = [...eventsOf('u1'), ...eventsOf('u2')]
      await store().ingest(events)
      await positionAll(store())
      await store().ingest([erasure('u1')])
      await carryOut(store())
      const range = { recordedBefore: Number.MAX_SAFE_INTEGER, upTo: 6, limit: 1000 }
      expect(await store().eraseEvents(range)).toBe(6)
      const ids = events.map(({ event }) => event.eventId)
      expect(await store().exposureRecords(ids)).toEqual(new Map())
      expect(await store().erasedEvents(6)).toBe(0)
      expect(await store().head()).toBe(6)
    })

    test('are found in events that have no position yet, which keep their place', async () => {
      await store().ingest([...eventsOf('u1'), ...eventsOf('u2')])
      await store().ingest([erasure('u1')])
      expect(await carryOut(store())).toBe(3)
      expect((await stored()).map(unitOf)).toEqual(['u2', 'u2', 'u2'])
      expect(await store().head()).toBe(6)
      expect(await store().erasedEvents(6)).toBe(3)
    })

    test('are erased up to the newest instant, in whatever order the erasures come', async () => {
      await store().ingest([...eventsOf('u1'), ...eventsOf('u1', NOON + 5), ...eventsOf('u1', NOON + 9)])
      await Promise.all([5, 0, 3].map((ms) => store().ingest([erasure('u1', NOON + ms)])))
      expect(await store().waitingErasures(10)).toMatchObject([{ unit: 'u1', occurredAt: NOON + 5 }])
      expect(await carryOut(store())).toBe(6)
      await store().ingest([erasure('u1', NOON + 5)])
      expect(await store().waitingErasures(10)).toEqual([])
      await store().ingest([erasure('u1', NOON + 9)])
      expect(await carryOut(store())).toBe(3)
      expect(await stored()).toEqual([])
    })

    test('a newer instant that comes in the middle starts over', async () => {
      await store().ingest([...eventsOf('u1'), ...eventsOf('u1', NOON + 5)])
      await store().ingest([erasure('u1')])
      const erasures = await store().waitingErasures(10)
      await store().eraseUnits({ place: 'events', erasures, after: null, limit: 100 })
      await store().ingest([erasure('u1', NOON + 5)])
      expect(await store().moveErasures(erasures, 'done')).toBe(0)
      expect(await carryOut(store())).toBe(3)
      expect(await stored()).toEqual([])
    })

    test('are gone when the erasure was interrupted after any step, by several replicas at once', async () => {
      for (let call = 0; call < 12; call += 1) {
        await store().ingest([...sampleExposures(`u${call}`, 0, 3), ...eventsOf('gone', NOON - call)])
      }
      const others = (await stored()).filter((item) => unitOf(item) !== 'gone')
      await store().ingest([erasure('gone')])
      const replicas = [store(), await datastore().open(), await datastore().open()]
      // Each dies after it has erased from a few blocks, before it has stored how far it got.
      await Promise.all(
        replicas.map(async (replica) => {
          const erasures = await replica.waitingErasures(10)
          await replica.eraseUnits({ place: 'events', erasures, after: null, limit: 5 })
        }),
      )
      await Promise.all(
        replicas.map(async (replica) => {
          for (let step = 0; step < 2; step += 1) await createStoreErasing(replica).step()
        }),
      )
      await Promise.all(replicas.map((replica) => carryOut(replica)))
      expect(await stored()).toEqual(others)
      expect(await store().erasedEvents(await store().head())).toBe(36)
    })

    test('are gone where two replicas erase different ones from the same events', async () => {
      const names = ['u1', 'u2', 'u3']
      for (let call = 0; call < 10; call += 1) {
        await store().ingest(names.flatMap((unit) => eventsOf(unit, NOON - call)))
      }
      await store().ingest([erasure('u1'), erasure('u2')])
      const erasures = await store().waitingErasures(10)
      const replicas = [store(), await datastore().open()]
      await Promise.all(
        erasures.map((one, at) =>
          replicas[at]?.eraseUnits({ place: 'events', erasures: [one], after: null, limit: 100 }),
        ),
      )
      expect(new Set((await stored()).map(unitOf))).toEqual(new Set(['u3']))
      expect(await store().erasedEvents(90)).toBe(60)
    })

    test('are gone where writers store their events at the same time', async () => {
      const replica = await datastore().open()
      const writing = Promise.all(
        Array.from({ length: 40 }, (_, call) =>
          (call % 2 === 0 ? store() : replica).ingest([
            ...eventsOf('gone', NOON - call),
            ...sampleExposures(`u${call}`, 0, 3),
          ]),
        ),
      )
      await replica.ingest([erasure('gone')])
      await Promise.all([writing, carryOut(replica)])
      expect((await stored()).filter((item) => unitOf(item) === 'gone')).toEqual([])
      expect(await stored()).toHaveLength(120)
    })

    test('are known by their hash only when all is done, and not longer than needed', async () => {
      const early = { ...erasure('u1'), recordedAt: NOON }
      await store().ingest([early, { ...erasure('u2', NOON + 1), recordedAt: NOON + 1 }])
      expect(await store().forgetErasures(NOON + 9)).toBe(0)
      await carryOut(store())
      expect(await store().forgetErasures(NOON)).toBe(0)
      expect(await store().forgetErasures(NOON + 1)).toBe(1)
      await store().ingest([...eventsOf('u1'), ...eventsOf('u2')])
      expect((await stored()).map(unitOf)).toEqual(['u1', 'u1', 'u1'])
    })

    test('are nowhere any more', async () => {
      const unit = 'nobody"s näme'
      const event = { kind: 'exposure', unit }
      await store().ingest([...eventsOf(unit), ...eventsOf('u2')])
      await store().reject([refused('refused-1', event), refused(null, event)])
      await store().addCounts({
        from: 0,
        through: { position: 0, asOf: NOON },
        exposures: [
          { experimentKey: 'mix', unit, variantKey: 'control', day: NOON, surface: 'home', rung: 'MODEL' },
        ],
      })
      const found = async () => {
        const contents = await datastore().contents()
        return [...contents].filter(([, rows]) => JSON.stringify(rows).includes('näme')).map(([name]) => name)
      }
      await store().ingest([erasure(unit)])
      expect(await found()).toHaveLength(4)
      await carryOut(store())
      await store().ingest([...eventsOf(unit), erasure(unit)])
      await store().reject([refused('refused-2', event), refused(null, event)])
      expect(await found()).toEqual([])
      expect((await stored()).map(unitOf)).toEqual(['u2', 'u2', 'u2'])
    })

    test('go from the bodies of refused events, which stay refused', async () => {
      const of = (unit: string, more: object = {}) => ({ kind: 'exposure', unit, ...more })
      const after = new Date(NOON + 1).toISOString()
      const events = [
        ...NAMES.map((unit, at) => refused(`refused-${at}`, of(unit))),
        refused('cut-1234', of('u1', { attributes: 'x'.repeat(99) }), 60),
        refused('later-123', of('u1', { occurredAt: after })),
        ...[refused(null, of('u1')), refused(null, of('u2')), refused(null, 'not an event')],
      ]
      await store().reject(events)
      await store().ingest([erasure('u1')])
      const erasures = await store().waitingErasures(1)
      let steps = 0
      for (let after: string | null = null; steps === 0 || after !== null; steps += 1) {
        ;({ after } = await store().eraseUnits({ place: 'rejections', erasures, after, limit: 1 }))
      }
      expect(steps).toBe(events.length + 1)
      await carryOut(store())
      const late = [refused('late-1234', of('u1')), refused('late-5678', of('u2')), refused(null, of('u1'))]
      await store().reject([...late, ...events])
      const rows = (await datastore().contents()).get('rejections') ?? []
      const emptied = rows
        .filter(({ body }) => body === '')
        .map((row) => row.event_id ?? row.eventId ?? 'none')
      // Of those without an id, one before the erasure and two after it.
      expect(emptied.map(String).toSorted()).toEqual(
        ['cut-1234', 'late-1234', 'none', 'none', 'none', 'refused-0'].toSorted(),
      )
      expect(rows).toHaveLength(NAMES.length + 2 + 3 + 3 + 3)
      expect((await store().exposureRecords(['refused-0'])).get('refused-0')).toEqual({ type: 'rejected' })
    })

    test('are no longer known to the counters, whose sums stay', async () => {
      const counted = (unit: string, experimentKey: string) => ({
        ...{ experimentKey, unit, variantKey: 'control', day: NOON, surface: 'home', rung: 'MODEL' as const },
      })
      const exposures = ['u1', 'u11'].flatMap((unit) => [counted(unit, 'mix'), counted(unit, 'other')])
      await store().ingest(eventsOf('u2'))
      await positionAll(store())
      const add = async (list = exposures) => {
        const { position: from } = await store().countedThrough()
        return store().addCounts({ from, through: { position: from, asOf: NOON }, exposures: list })
      }
      await add()
      const sums = await store().exposureCounts(['mix', 'other'], ['VARIANT'])
      await store().ingest([erasure('u1')])
      const erasing = createStoreErasing(store())
      while ((await erasing.step()).more);
      // Until everything is counted that was stored before, a step of counting may still have the unit.
      expect(await store().waitingErasures(10)).toMatchObject([{ progress: { place: 'counts', head: 3 } }])
      await add()
      await carryOut(store())
      const [, one] = [await add([]), await store().exposureCounts(['mix', 'other'], ['VARIANT'])]
      expect(one.get('mix')?.[0]).toMatchObject({ units: 2, exposures: 4 })
      expect(sums.get('mix')?.[0]).toMatchObject({ units: 2, exposures: 2 })
      // A unit that is forgotten counts as another one.
      await add()
      expect((await store().exposureCounts(['mix'], [])).get('mix')).toMatchObject([
        { units: 3, exposures: 6 },
      ])
    })
  })
}
