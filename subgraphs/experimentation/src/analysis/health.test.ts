import { expect, test } from 'vitest'
import type { Sums } from '../read-model/port.ts'
import { NO_DELIVERIES, NO_SUMS, sampleUnits } from '../testing/sample-metrics.ts'
import { checkHealth } from './health.ts'
import type { HealthCheckKind } from './health-check.ts'

const DAY = 86_400_000
const VARIANTS = [
  { key: 'a', weight: 0.5, isControl: true },
  { key: 'b', weight: 0.5, isControl: false },
]
const ABOUT = {
  variants: VARIANTS,
  metricKeys: ['plays'],
  cutoff: 10 * DAY,
  deliveries: NO_DELIVERIES,
  alpha: 0.01,
}

/** Analysed units of both variants on one day, and how many of them were degraded. */
function units(a: number, b: number, day = 0, degraded: readonly [number, number] = [0, 0]): Sums['units'] {
  return [
    sampleUnits('a', BigInt(a), { day: day * DAY, degraded: BigInt(degraded[0]) }),
    sampleUnits('b', BigInt(b), { day: day * DAY, degraded: BigInt(degraded[1]) }),
  ]
}

function check(kind: HealthCheckKind, sums: Partial<Sums>) {
  const found = checkHealth({ ...NO_SUMS, ...sums }, ABOUT).find((entry) => entry.kind === kind)
  if (found === undefined) throw new Error(`${kind} was not checked`)
  return found
}

test('without units nothing has failed', () => {
  expect(checkHealth(NO_SUMS, ABOUT).map(({ passed, pValue }) => [passed, pValue])).toEqual([
    [true, null],
    [true, null],
    [true, null],
    [true, null],
    [true, null],
    [true, null],
  ])
})

test.each(['SERVED_SAMPLE_RATIO', 'TRIGGERED_SAMPLE_RATIO'] as const)(
  '%s finds a split that is not the plan',
  (kind) => {
    const field = kind === 'SERVED_SAMPLE_RATIO' ? 'served' : 'units'
    const even = check(kind, { [field]: units(5_050, 4_950) })
    expect(even).toMatchObject({ passed: true, observed: [5_050, 4_950], expected: [5_000, 5_000] })
    expect(check(kind, { [field]: units(5_400, 4_600) }).passed).toBe(false)
  },
)

test('a sample ratio looks every day at all units so far, and does not forget a failure', () => {
  const lopsidedFirst = [...units(5_400, 4_600), ...units(4_600, 5_400, 1)]
  const found = check('TRIGGERED_SAMPLE_RATIO', { units: lopsidedFirst })
  expect(found).toMatchObject({ passed: false, observed: [10_000, 10_000], detail: '20000 units on 2 days' })
})

test('one unit in a thousand may be in two variants, and no more', () => {
  expect(check('MULTIPLE_EXPOSURE', { multiple: 1n, units: units(500, 499) }).passed).toBe(true)
  expect(check('MULTIPLE_EXPOSURE', { multiple: 2n, units: units(500, 499) })).toMatchObject({
    passed: false,
    detail: '2 units in two variants are left out, 0.200 % of all',
  })
})

test('degraded slates may be many, but not in one variant', () => {
  function degraded(a: number, b: number, ofA = 6_000, ofB = 4_000) {
    return check('UNEQUAL_DEGRADATION', { units: units(ofA, ofB, 0, [a, b]) })
  }
  expect(degraded(600, 400)).toMatchObject({
    passed: true,
    pValue: 1,
    observed: [600, 400],
    expected: [600, 400],
    detail: '1000 of 10000 units were exposed by a degraded slate',
  })
  expect(degraded(600, 550).passed).toBe(false)
  // Where most are degraded, a difference counts as much.
  expect(degraded(5_400, 3_850).passed).toBe(false)
  // One degraded slate says nothing, and few units say nothing.
  expect(degraded(0, 1, 9_900, 100).passed).toBe(true)
  expect(degraded(0, 50, 6_000, 99)).toMatchObject({ passed: true, pValue: null })
})
