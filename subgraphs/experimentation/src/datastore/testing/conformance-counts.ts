import { RUNGS } from '@bulkhead/contracts'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DAY, MONDAY } from '../../testing/samples.ts'
import { compareCounts } from '../exposure-groups.ts'
import {
  type CountedExposure,
  EXPOSURE_GROUPS,
  type ExperimentationStore,
  type ExposureCount,
  type ExposureGroup,
} from '../port.ts'
import type { ConformanceContext } from './conformance-context.ts'

const AS_OF = MONDAY + 7

const exposures: fc.Arbitrary<CountedExposure[]> = fc.array(
  fc.record({
    experimentKey: fc.constantFrom('mix', 'other'),
    variantKey: fc.constantFrom('control', 'treatment'),
    unit: fc.constantFrom('u1', 'u2', 'u3', 'u4', 'ü'),
    surface: fc.constantFrom('home', 'radio'),
    rung: fc.constantFrom(...RUNGS),
    day: fc.constantFrom(MONDAY - DAY, MONDAY, MONDAY + DAY),
  }),
  { minLength: 120, maxLength: 120 },
)

function sampleCounted(overrides: Partial<CountedExposure> = {}): CountedExposure {
  return {
    experimentKey: 'mix',
    variantKey: 'control',
    unit: 'u1',
    surface: 'home',
    rung: 'MODEL',
    day: MONDAY,
    ...overrides,
  }
}

/** Adds them from where the counters are; the positions are made up. */
async function add(store: ExperimentationStore, added: readonly CountedExposure[]) {
  const { position: from } = await store.countedThrough()
  return store.addCounts({ from, through: { position: from + added.length, asOf: AS_OF }, exposures: added })
}

/** What `exposureCounts` promises, in memory. */
function expectedCounts(
  exposures: readonly CountedExposure[],
  experimentKey: string,
  groupBy: readonly ExposureGroup[],
): ExposureCount[] {
  const groups = new Map<string, { count: ExposureCount; units: Set<string>; exposures: number }>()
  for (const exposure of exposures) {
    if (exposure.experimentKey !== experimentKey) continue
    const count: ExposureCount = {
      variantKey: groupBy.includes('VARIANT') ? exposure.variantKey : null,
      day: groupBy.includes('DAY') ? exposure.day : null,
      surface: groupBy.includes('SURFACE') ? exposure.surface : null,
      rung: groupBy.includes('RUNG') ? exposure.rung : null,
      units: 0,
      exposures: 0,
      asOf: AS_OF,
    }
    const id = JSON.stringify(count)
    const group = groups.get(id) ?? { count, units: new Set(), exposures: 0 }
    group.units.add(exposure.unit)
    group.exposures += 1
    groups.set(id, group)
  }
  return [...groups.values()]
    .map((group) => ({ ...group.count, units: group.units.size, exposures: group.exposures }))
    .sort(compareCounts)
}

export function describeCounts({ store, datastore }: ConformanceContext): void {
  describe('exposure counts', () => {
    test('agree with counting in memory for every way of grouping, in steps of any size', async () => {
      const [sent = []] = fc.sample(exposures, { numRuns: 1, seed: 11 })
      for (const [from, to] of [
        [0, 1],
        [1, 8],
        [8, 60],
        [60, 60],
        [60, 120],
      ] as const) {
        expect(await add(store(), sent.slice(from, to))).toBe('added')
      }
      await fc.assert(
        fc.asyncProperty(fc.shuffledSubarray([...EXPOSURE_GROUPS]), async (groupBy) => {
          const counts = await store().exposureCounts(['mix', 'other', 'unknown'], groupBy)
          expect(counts).toEqual(
            new Map([
              ['mix', expectedCounts(sent, 'mix', groupBy)],
              ['other', expectedCounts(sent, 'other', groupBy)],
              ['unknown', []],
            ]),
          )
        }),
        { numRuns: 60 },
      )
    })

    test('start at nothing, and say up to when everything is counted', async () => {
      expect(await store().countedThrough()).toEqual({ position: 0, asOf: 0 })
      await add(store(), [sampleCounted(), sampleCounted()])
      expect(await store().countedThrough()).toEqual({ position: 2, asOf: AS_OF })
      expect((await store().exposureCounts(['mix'], [])).get('mix')).toEqual([
        { variantKey: null, day: null, surface: null, rung: null, units: 1, exposures: 2, asOf: AS_OF },
      ])
      await store().addCounts({ from: 2, through: { position: 2, asOf: AS_OF + 1 }, exposures: [] })
      expect((await store().exposureCounts(['mix'], [])).get('mix')).toMatchObject([{ asOf: AS_OF + 1 }])
    })

    test('do not change with a step that is repeated', async () => {
      const step = { from: 0, through: { position: 1, asOf: AS_OF }, exposures: [sampleCounted()] }
      expect(await store().addCounts(step)).toBe('added')
      expect(await store().addCounts(step)).toBe('overtaken')
      expect(await (await datastore().open()).addCounts(step)).toBe('overtaken')
      expect((await store().exposureCounts(['mix'], [])).get('mix')).toMatchObject([{ exposures: 1 }])
    })

    test('contain each step once where many replicas take the same steps', async () => {
      const replicas = [store(), await datastore().open(), await datastore().open()]
      const sent = Array.from({ length: 60 }, (_, index) => sampleCounted({ unit: `u${index % 7}` }))
      await Promise.all(
        replicas.map(async (replica) => {
          for (;;) {
            const { position: from } = await replica.countedThrough()
            if (from >= sent.length) return
            const through = { position: Math.min(from + 4, sent.length), asOf: AS_OF }
            await replica.addCounts({ from, through, exposures: sent.slice(from, through.position) })
          }
        }),
      )
      expect((await store().exposureCounts(['mix'], [])).get('mix')).toMatchObject([
        { units: 7, exposures: 60 },
      ])
    })

    test('of a batch of experiments cost one round trip', async () => {
      const keys = Array.from({ length: 120 }, (_, index) => `e${index}`)
      await add(
        store(),
        keys.map((experimentKey) => sampleCounted({ experimentKey })),
      )
      const before = datastore().roundTrips()
      const counts = await store().exposureCounts(keys, ['VARIANT', 'DAY', 'VARIANT'])
      expect(datastore().roundTrips() - before).toBe(1)
      expect(counts.size).toBe(120)
      expect(counts.get('e119')).toMatchObject([{ variantKey: 'control', day: MONDAY, exposures: 1 }])
      expect(await store().exposureCounts([], ['VARIANT'])).toEqual(new Map())
    })
  })
}
