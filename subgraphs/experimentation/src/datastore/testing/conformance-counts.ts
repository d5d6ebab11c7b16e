import { type ExposureEvent, RUNGS } from '@bulkhead/contracts'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  DAY,
  HOUR,
  MONDAY,
  sampleExposure,
  sampleHeartbeat,
  sampleIncoming,
  sampleInteraction,
} from '../../testing/samples.ts'
import { compareCounts } from '../exposure-groups.ts'
import { EXPOSURE_GROUPS, type ExposureCount, type ExposureGroup } from '../port.ts'
import type { ConformanceContext } from './conformance-context.ts'

const exposures = fc.array(
  fc.record({
    experimentKey: fc.constantFrom('mix', 'other'),
    variantKey: fc.constantFrom('control', 'treatment'),
    unit: fc.constantFrom('u1', 'u2', 'u3', 'u4', 'ü'),
    surface: fc.constantFrom('home', 'radio'),
    rung: fc.constantFrom(...RUNGS),
    forced: fc.boolean(),
    applied: fc.boolean(),
    // Both sides of midnight UTC.
    occurredAt: fc
      .constantFrom(-1, 0, 12 * HOUR, DAY - 1, DAY)
      .map((offset) => new Date(MONDAY + offset).toISOString()),
  }),
  { minLength: 120, maxLength: 120 },
)

/** What `exposureCounts` promises, in memory. */
function expectedCounts(
  events: readonly ExposureEvent[],
  experimentKey: string,
  groupBy: readonly ExposureGroup[],
): ExposureCount[] {
  const groups = new Map<string, { count: ExposureCount; units: Set<string>; exposures: number }>()
  for (const event of events) {
    if (event.forced || event.experimentKey !== experimentKey) continue
    const count: ExposureCount = {
      variantKey: groupBy.includes('VARIANT') ? event.variantKey : null,
      day: groupBy.includes('DAY') ? Date.parse(`${event.occurredAt.slice(0, 10)}T00:00:00.000Z`) : null,
      surface: groupBy.includes('SURFACE') ? event.surface : null,
      rung: groupBy.includes('RUNG') ? event.rung : null,
      units: 0,
      exposures: 0,
    }
    const id = JSON.stringify(count)
    const group = groups.get(id) ?? { count, units: new Set(), exposures: 0 }
    group.units.add(event.unit)
    group.exposures += 1
    groups.set(id, group)
  }
  return [...groups.values()]
    .map((group) => ({ ...group.count, units: group.units.size, exposures: group.exposures }))
    .sort(compareCounts)
}

export function describeCounts({ store, datastore }: ConformanceContext): void {
  describe('exposure counts', () => {
    test('agree with counting in memory for every way of grouping, forced exposures left out', async () => {
      const [fields = []] = fc.sample(exposures, { numRuns: 1, seed: 11 })
      const events = fields.map((field, index) => sampleExposure({ ...field, slateId: `slate-${index}` }))
      await store().ingest(events.map((event) => sampleIncoming(event)))
      await store().ingest([sampleIncoming(sampleInteraction()), sampleIncoming(sampleHeartbeat())])
      expect(events.some((event) => event.forced)).toBe(true)

      await fc.assert(
        fc.asyncProperty(fc.shuffledSubarray([...EXPOSURE_GROUPS]), async (groupBy) => {
          const counts = await store().exposureCounts(['mix', 'other', 'unknown'], groupBy)
          expect(counts).toEqual(
            new Map([
              ['mix', expectedCounts(events, 'mix', groupBy)],
              ['other', expectedCounts(events, 'other', groupBy)],
              ['unknown', []],
            ]),
          )
        }),
        { numRuns: 60 },
      )
    })

    test('count a repeated delivery once, and a unit that came twice as one unit', async () => {
      const first = sampleIncoming(sampleExposure({ slateId: 'first' }))
      const second = sampleIncoming(sampleExposure({ slateId: 'second' }))
      await store().ingest([first, second])
      await store().ingest([first])
      const counts = await store().exposureCounts(['mix'], [])
      expect(counts.get('mix')).toEqual([
        { variantKey: null, day: null, surface: null, rung: null, units: 1, exposures: 2 },
      ])
    })

    test('leave out what is stored as not counted, which is recorded all the same', async () => {
      const late = { ...sampleIncoming(sampleExposure({ slateId: 'late' })), counted: false }
      await store().ingest([sampleIncoming(sampleExposure({ slateId: 'in-time' })), late])
      expect((await store().exposureCounts(['mix'], [])).get('mix')).toMatchObject([{ exposures: 1 }])
      const { eventId } = late.event
      expect((await store().exposureRecords([eventId])).get(eventId)).toMatchObject({ type: 'recorded' })
    })

    test('of a batch of experiments cost one round trip', async () => {
      const keys = Array.from({ length: 120 }, (_, index) => `e${index}`)
      await store().ingest(keys.map((experimentKey) => sampleIncoming(sampleExposure({ experimentKey }))))
      const before = datastore().roundTrips()
      const counts = await store().exposureCounts(keys, ['VARIANT', 'DAY', 'VARIANT'])
      expect(datastore().roundTrips() - before).toBe(1)
      expect(counts.size).toBe(120)
      expect(counts.get('e119')).toMatchObject([{ variantKey: 'control', day: MONDAY, exposures: 1 }])
      expect(await store().exposureCounts([], ['VARIANT'])).toEqual(new Map())
    })
  })
}
