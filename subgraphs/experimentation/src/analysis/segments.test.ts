import { expect, test } from 'vitest'
import { EMPTY_PLAN } from '../domain/plan/analysis-plan.ts'
import type { MetricSums, Sums } from '../read-model/port.ts'
import { NO_SUMS, sampleMetric, sampleMetricSums, sampleUnits } from '../testing/sample-metrics.ts'
import type { PlannedMetric } from './role-tests.ts'
import { analyseSegments } from './segments.ts'

const MILLION = 1_000_000n
const VARIANTS = [
  { key: 'a', isControl: true },
  { key: 'b', isControl: false },
]
const plays: PlannedMetric = { definition: sampleMetric(), role: 'SUCCESS', margin: 0.5 }
const twice: PlannedMetric = { ...plays, role: 'GUARDRAIL' }

function cell(variantKey: string, segment: string | null, n: bigint, mean: bigint): MetricSums {
  const sum = n * mean * MILLION
  return sampleMetricSums({ variantKey, segment, n, sum, sumSquares: sum * (mean + 1n) * MILLION })
}

/** Units of both variants in a segment, and their means. */
function segment(value: string | null, n: bigint, a: bigint, b: bigint) {
  return {
    units: ['a', 'b'].map((key) => ({ ...sampleUnits(key, n), segment: value })),
    metrics: [cell('a', value, n, a), cell('b', value, n, b)],
  }
}

function sumsOf(...segments: readonly ReturnType<typeof segment>[]): Sums {
  return {
    ...NO_SUMS,
    units: segments.flatMap(({ units }) => units),
    metrics: segments.flatMap(({ metrics }) => metrics),
    omitted: { values: 3, units: 7n },
  }
}

const SUMS = sumsOf(segment(null, 50n, 5n, 5n), segment('de', 200n, 5n, 6n), segment('fr', 300n, 5n, 5n))

function segments(
  method: 'FIXED_HORIZON' | 'ALWAYS_VALID' | 'GROUP_SEQUENTIAL' = 'FIXED_HORIZON',
  sums = SUMS,
) {
  return analyseSegments('country', sums, {
    plan: { ...EMPTY_PLAN, method, plannedSampleSize: 1_000 },
    metrics: [plays, twice],
    variants: VARIANTS,
    population: 'COMPLETE',
  })
}

test('each value has its results, the largest first and units without the attribute last', () => {
  const { attribute, values, omitted } = segments()
  expect(attribute).toBe('country')
  expect(values.map(({ value, units }) => [value, units])).toEqual([
    ['fr', 600],
    ['de', 400],
    [null, 100],
  ])
  expect(omitted).toEqual({ values: 3, units: 7 })
  const [, de] = values
  expect(de?.results).toHaveLength(1)
  expect(de?.results[0]).toMatchObject({
    metricKey: 'plays',
    units: 200,
    controlMean: 5,
    mean: 6,
    significant: true,
  })
  expect(values[0]?.results[0]).toMatchObject({ significant: false, mean: 5 })
})

test('a metric is tested once for any difference, at a level that all tests of the attribute share', () => {
  const { tests, values } = segments()
  expect(tests).toBe(3)
  const results = values.flatMap((value) => value.results)
  expect(results.map(({ alphaUsed, nullValue }) => [alphaUsed, nullValue])).toEqual(
    results.map(() => [0.05 / 3, 0]),
  )
  const [, de] = values.map((value) => value.results[0])
  expect(de?.adjustedPValue).toBeCloseTo((de?.pValue ?? 0) * 3, 12)
  expect(results.every(({ pValue, adjustedPValue }) => adjustedPValue >= pValue)).toBe(true)
})

test('what is significant alone is not among many segments', () => {
  const one = sumsOf(segment('s0', 100n, 5n, 6n))
  const many = sumsOf(
    segment('s0', 100n, 5n, 6n),
    ...Array.from({ length: 19 }, (_, index) => segment(`s${index + 1}`, 100n, 5n, 5n)),
  )
  const found = (sums: Sums) =>
    segments('FIXED_HORIZON', sums).values.find(({ value }) => value === 's0')?.results[0]
  expect(found(one)).toMatchObject({ significant: true })
  expect(found(many)?.pValue).toBeCloseTo(found(one)?.pValue ?? 0, 12)
  expect(found(many)).toMatchObject({ significant: false })
  expect(found(many)?.adjustedPValue).toBeGreaterThan(0.05)
})

test('a plan with looks has confidence sequences, because no sample is planned for a segment', () => {
  const [fr, , none] = segments('GROUP_SEQUENTIAL').values
  expect(fr?.results[0]).toMatchObject({ method: 'Confidence sequence', looks: [] })
  expect(none).toMatchObject({ results: [], missing: [{ reason: 'before-first-look' }] })
})
