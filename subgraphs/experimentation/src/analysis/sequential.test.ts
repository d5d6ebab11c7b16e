import { groupSequentialBounds } from '@bulkhead/statistics/group-sequential'
import { isRefusal } from '@bulkhead/statistics/result'
import { describe, expect, test } from 'vitest'
import { EMPTY_PLAN } from '../domain/plan/analysis-plan.ts'
import type { Sums } from '../read-model/port.ts'
import {
  NO_SUMS,
  sampleEvents,
  sampleMetric,
  sampleMetricSums,
  sampleUnits,
} from '../testing/sample-metrics.ts'
import { type Analysis, type AnalysisInputs, analyse } from './analyse.ts'
import type { PlannedMetric } from './role-tests.ts'

const DAY = 86_400_000
const MILLION = 1_000_000n

const plays: PlannedMetric = { definition: sampleMetric({ kind: 'MEAN' }), role: 'SUCCESS', margin: null }
const inputs: AnalysisInputs = {
  experimentKey: 'mix',
  version: {
    version: 1,
    variants: [
      { key: 'a', name: 'A', weight: 0.5, payload: null, isControl: true },
      { key: 'b', name: 'B', weight: 0.5, payload: null, isControl: false },
    ],
  },
  plan: {
    ...EMPTY_PLAN,
    method: 'GROUP_SEQUENTIAL',
    spending: 'OBRIEN_FLEMING',
    looks: 4,
    plannedSampleSize: 4_000,
    scale: 'ABSOLUTE',
  },
  metrics: [plays],
  cutoff: 10 * DAY + 1,
  asOf: 1_000,
}

/** Arms with variance of about 1, and a difference of so many standard errors. */
function sumsAt(units: number, z: number): Sums {
  const n = BigInt(units / 2)
  const mean = (value: number) => {
    const sum = BigInt(Math.round(value * 1e6)) * n
    return { n, sum, sumSquares: (sum * sum) / n + (n - 1n) * MILLION ** 2n }
  }
  const shift = z * Math.sqrt(4 / units)
  return {
    ...NO_SUMS,
    units: [sampleUnits('a', n), sampleUnits('b', n)],
    metrics: [
      sampleMetricSums({ variantKey: 'a', ...mean(10) }),
      sampleMetricSums({ variantKey: 'b', ...mean(10 + shift) }),
    ],
  }
}

/** Looks at 1,000, 2,000 … units, one a day, with these statistics. */
function analysis(statistics: readonly number[], change: Partial<AnalysisInputs> = {}): Analysis {
  const looks = statistics.map((z, index) => {
    const units = (index + 1) * 1_000
    const look = { cutoff: (index + 1) * DAY, units, fraction: units / 4_000 }
    return { look, sums: sumsAt(units, z) }
  })
  const all = sumsAt(Math.max(1_000, statistics.length * 1_000 + 500), 0)
  const outcome = analyse({ ...inputs, ...change }, { ...sampleEvents(all), looks })
  if (outcome.type !== 'analysed') throw new Error(outcome.type)
  return outcome.analysis
}

function success({ results }: Analysis) {
  const found = results.find(({ role }) => role === 'SUCCESS')
  if (found === undefined) throw new Error('there is no result')
  return found
}

const bounds = groupSequentialBounds({
  alternative: 'TWO_SIDED',
  alpha: 0.05,
  spending: 'OBRIEN_FLEMING',
  fractions: [0.25, 0.5, 0.75, 1],
})
if (isRefusal(bounds)) throw new Error(bounds.refused)
const BOUNDS = bounds.map(({ bound }) => bound)

test('before the first look nothing is tested, and there is no conclusion', () => {
  const { missing, results, complete, verdict, looks } = analysis([])
  expect({ results, complete, looks }).toEqual({ results: [], complete: false, looks: [] })
  expect(missing.map(({ reason }) => reason)).toEqual(['before-first-look', 'before-first-look'])
  expect(verdict.recommendation).toBe('CONTINUE')
  const sample = verdict.reasons.find(({ rule }) => rule === 'sample')
  expect(sample?.detail).toBe('look 0 has 0 of 4000 planned units with complete windows')
})

test('a result lists the looks so far, with the bounds that the spending function leaves each', () => {
  const result = success(analysis([1, 1.5, 1]))
  expect(result.looks.map(({ bound }) => bound)).toEqual(BOUNDS.slice(0, 3))
  expect(
    result.looks.map(({ cutoff, units, fraction, crossed }) => [cutoff / DAY, units, fraction, crossed]),
  ).toEqual([
    [1, 1_000, 0.25, false],
    [2, 2_000, 0.5, false],
    [3, 3_000, 0.75, false],
  ])
  const spent = result.looks.map((look) => look.spent)
  expect(spent).toEqual(spent.toSorted((a, b) => a - b))
  expect(result).toMatchObject({
    significant: false,
    alphaUsed: 0.05,
    method: 'Welch, group sequential',
    units: 1_500,
  })
  expect(result.pValue).toBeGreaterThan(0.05)
})

test('one look that crosses is enough, whatever comes after it, and the estimates are those of that look', () => {
  const [, second = 0] = BOUNDS
  const crossed = success(analysis([1, second + 0.1]))
  expect(crossed).toMatchObject({ significant: true, units: 1_000 })
  expect(crossed.pValue).toBeLessThan(0.05)
  expect(crossed.effect.lower).toBeGreaterThan(0)
  const later = success(analysis([1, second + 0.1, 0.2, 0]))
  expect(later.looks.map((look) => look.crossed)).toEqual([false, true, false, false])
  expect({ ...later, looks: [] }).toEqual({ ...crossed, looks: [] })
  expect(later.looks.slice(0, 2)).toEqual(crossed.looks)
})

test('what passes the level of a single test, but not the bound of its look, is no success', () => {
  const [first = 0, second = 0] = BOUNDS
  expect(success(analysis([first - 0.1])).significant).toBe(false)
  expect(success(analysis([2.2, second - 0.1])).significant).toBe(false)
  expect(success(analysis([2.2, second - 0.1])).pValue).toBeGreaterThan(0.05)
})

test('what earlier looks may have spent is not there for a later one', () => {
  // Pocock leaves the third look about .02, and has spent .04 with it.
  const pocock = { ...inputs.plan, spending: 'POCOCK' }
  const [, , third] = success(analysis([0, 0, 2.2], { plan: pocock })).looks
  expect(third?.pValue).toBeGreaterThan(third?.nominalAlpha ?? 1)
  expect(third?.pValue).toBeLessThan(third?.spent ?? 0)
  expect(third?.crossed).toBe(false)
  expect(success(analysis([0, 0, 2.5], { plan: pocock })).significant).toBe(true)
})

test('a two-sided test that was lost at a look is not won at a later one', () => {
  const [, second = 0] = BOUNDS
  const result = success(analysis([0, -second - 0.2, 0, 9]))
  expect(result.looks.map((look) => look.crossed)).toEqual([false, true, false, true])
  expect(result).toMatchObject({ significant: false, units: 1_000 })
  expect(result.effect.upper).toBeLessThan(0)
})

test('a look without a result has spent its alpha, and the others are what they are', () => {
  const one = { ...sumsAt(1_000, 0), metrics: [] }
  const looks = [
    { look: { cutoff: DAY, units: 1_000, fraction: 0.25 }, sums: one },
    { look: { cutoff: 2 * DAY, units: 2_000, fraction: 0.5 }, sums: sumsAt(2_000, 1) },
  ]
  const outcome = analyse(inputs, { ...sampleEvents(sumsAt(2_500, 0)), looks })
  if (outcome.type !== 'analysed') throw new Error(outcome.type)
  const { looks: shown } = success(outcome.analysis)
  expect(shown[0]).toMatchObject({ effect: null, pValue: null, crossed: false, bound: BOUNDS[0] })
  expect(shown[1]).toMatchObject({ bound: BOUNDS[1], crossed: false })
})

describe('the recommendation of a group sequential plan', () => {
  const crossing = BOUNDS.map((bound) => bound + 0.3)

  test('may be to ship at a look before the last', () => {
    expect(analysis(crossing.slice(0, 2)).verdict).toMatchObject({ recommendation: 'SHIP', variantKey: 'b' })
  })

  test('is to go on between looks, and to iterate after the last one', () => {
    expect(analysis([1, 1, 1]).verdict.recommendation).toBe('CONTINUE')
    expect(analysis([1, 1, 1, 1]).verdict.recommendation).toBe('ITERATE')
  })

  test('is to roll back at the look that finds a deterioration', () => {
    const { verdict, results } = analysis([0, -5])
    expect(results.find(({ role }) => role === 'DETERIORATION')).toMatchObject({ significant: true })
    expect(verdict.recommendation).toBe('ROLLBACK')
  })

  test('is never to ship where a guardrail is not shown to hold yet', () => {
    const skips: PlannedMetric = {
      definition: sampleMetric({ key: 'skips', kind: 'MEAN' }),
      role: 'GUARDRAIL',
      margin: 0.0001,
    }
    const [first = 0] = crossing
    const sumsOf = (z: number) => ({
      ...sumsAt(1_000, first),
      metrics: [
        ...sumsAt(1_000, first).metrics,
        ...sumsAt(1_000, z).metrics.map((row) => ({ ...row, metricKey: 'skips' })),
      ],
    })
    const recommended = (z: number) => {
      const looks = [{ look: { cutoff: DAY, units: 1_000, fraction: 0.25 }, sums: sumsOf(z) }]
      const outcome = analyse({ ...inputs, metrics: [plays, skips] }, { ...sampleEvents(sumsOf(z)), looks })
      if (outcome.type !== 'analysed') throw new Error(outcome.type)
      return outcome.analysis.verdict.recommendation
    }
    expect(recommended(0)).toBe('CONTINUE')
    expect(recommended(9)).toBe('SHIP')
  })
})

test('without a planned sample there is no information, and no conclusion', () => {
  const { verdict } = analysis([], { plan: { ...inputs.plan, plannedSampleSize: null } })
  expect(verdict.recommendation).toBe('CONTINUE')
  expect(verdict.reasons.find(({ rule }) => rule === 'sample')?.detail).toBe('the plan names no sample size')
})
