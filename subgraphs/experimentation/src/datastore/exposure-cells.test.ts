import { expect, test } from 'vitest'
import { DAY, MONDAY } from '../testing/samples.ts'
import { countStep, OTHER_SURFACES, unitKey } from './exposure-cells.ts'
import type { CountedExposure } from './port.ts'

function exposure(overrides: Partial<CountedExposure> = {}): CountedExposure {
  const at = { day: MONDAY, surface: 's0', rung: 'MODEL' } as const
  return { experimentKey: 'mix', variantKey: 'a', unit: 'u', ...at, ...overrides }
}
const UNIT = unitKey({ experimentKey: 'mix', unit: 'u' })

/** The units that each counter gains, of the counters of one grouping. */
function unitsOf(counters: ReturnType<typeof countStep>['counters'], grouping: number) {
  return counters.filter(({ key }) => key.grouping === grouping).map(({ units }) => units)
}

test('a unit that was stored as a list of cells is new in no group of theirs, and is stored anew', () => {
  const list = JSON.stringify([['a', MONDAY, 's0', 'MODEL']])
  const known = { units: new Map([[UNIT, list]]), surfaces: [['mix', 's0'] as const] }
  expect(countStep([exposure()], known).units).toEqual([])
  const next = countStep([exposure({ day: MONDAY + DAY })], known)
  expect(Array.from({ length: 16 }, (_, grouping) => unitsOf(next.counters, grouping))).toEqual(
    Array.from({ length: 16 }, (_, grouping) => [grouping % 4 >= 2 ? 1 : 0]),
  )
  const again = { units: new Map([[UNIT, next.units[0]?.cells ?? '']]), surfaces: [] }
  expect(countStep([exposure(), exposure({ day: MONDAY + DAY })], again).units).toEqual([])
})

test('a step of one unit with thousands of cells is little work', () => {
  const list = Array.from({ length: 2_000 }, (_, at) => ['a', MONDAY + at * DAY, 's0', 'MODEL'])
  const sent = Array.from({ length: 2_000 }, (_, at) =>
    exposure({ surface: `t${at % 90}`, day: MONDAY - at * DAY }),
  )
  const before = process.cpuUsage()
  countStep(sent, { units: new Map([[UNIT, JSON.stringify(list)]]), surfaces: [] })
  // Comparing lists took more than 4 s here. Time of the CPU, so that other processes do not matter.
  expect(process.cpuUsage(before).user / 1_000).toBeLessThan(2_000)
})

test('the surfaces of an experiment beyond the hundredth are counted together, in whichever step they come', () => {
  const sent = Array.from({ length: 150 }, (_, at) => exposure({ surface: `s${at}`, unit: `u${at}` }))
  const first = countStep(sent, { units: new Map(), surfaces: [] })
  const surfaces = first.counters.flatMap(({ key }) => (key.grouping === 4 ? [key.surface] : []))
  expect(surfaces).toEqual([...Array.from({ length: 100 }, (_, at) => `s${at}`), OTHER_SURFACES])
  expect(unitsOf(first.counters, 4).at(-1)).toBe(50)

  const known = surfaces.map((surface) => ['mix', surface ?? ''] as const)
  const later = [
    exposure(),
    exposure({ surface: 'new' }),
    exposure({ experimentKey: 'other', surface: 'new' }),
  ]
  const second = countStep(later, { units: new Map(), surfaces: known })
  const counted = second.counters.filter(({ key }) => key.grouping === 4).map(({ key }) => key.surface)
  expect(counted).toEqual(['s0', OTHER_SURFACES, 'new'])
})

test('what is kept of a unit stays far below what a document may hold', () => {
  const long = 'x'.repeat(95)
  let kept = JSON.stringify(
    Array.from({ length: 4_990 }, (_, at) => [long, MONDAY + at * DAY, 's0', 'MODEL']),
  )
  for (let at = 0; at < 50; at += 1) {
    const step = [exposure({ surface: `${long}${at}` })]
    const { counters, units } = countStep(step, { units: new Map([[UNIT, kept]]), surfaces: [] })
    expect(counters[0]?.exposures).toBe(1)
    kept = units[0]?.cells ?? kept
  }
  expect(JSON.parse(kept).cells).toHaveLength(20_000)
  expect(kept.length).toBeLessThan(1_000_000)
})
