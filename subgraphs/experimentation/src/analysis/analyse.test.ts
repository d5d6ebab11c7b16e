import { expect, test } from 'vitest'
import { EMPTY_PLAN } from '../domain/plan/analysis-plan.ts'
import type { MetricSums, Sums } from '../read-model/port.ts'
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

const plays: PlannedMetric = {
  definition: sampleMetric({ version: 2, kind: 'MEAN' }),
  role: 'SUCCESS',
  margin: null,
}

const inputs: AnalysisInputs = {
  experimentKey: 'mix',
  version: {
    version: 1,
    variants: [
      { key: 'a', name: 'A', weight: 0.5, payload: null, isControl: true },
      { key: 'b', name: 'B', weight: 0.5, payload: null, isControl: false },
    ],
  },
  plan: { ...EMPTY_PLAN, plannedSampleSize: 6_800 },
  metrics: [plays],
  cutoff: 10 * DAY,
  asOf: 1_000,
}

function cell(variantKey: string, n: bigint, sum: bigint, sumSquares: bigint, complete = true): MetricSums {
  return sampleMetricSums({ metricVersion: 2, variantKey, complete, n, sum, sumSquares })
}

/** growthbook `packages/stats/tests/frequentist/test_tests.py`, in millionths. */
const PUBLISHED = [
  cell('a', 3_407n, 1_396_870_000n, 52_377_976_700_000_000n),
  cell('b', 3_461n, 2_422_700_000n, 134_698_290_000_000_000n),
]

const sums: Sums = {
  ...NO_SUMS,
  units: [sampleUnits('a', 3_407n), sampleUnits('b', 3_461n)],
  metrics: PUBLISHED,
  sql: ['select 1'],
}

function analysis(change: Partial<AnalysisInputs> = {}, events: Partial<Sums> = {}): Analysis {
  const outcome = analyse({ ...inputs, ...change }, sampleEvents({ ...sums, ...events }))
  if (outcome.type !== 'analysed') throw new Error(outcome.type)
  return outcome.analysis
}

function success({ results }: Analysis) {
  const [result] = results.filter(({ role }) => role === 'SUCCESS')
  if (result === undefined) throw new Error('no success')
  return result
}

test("it gives GrowthBook's published figures for two means, on both scales", () => {
  const relative = success(analysis())
  expect(relative.effect.estimate).toBeCloseTo(0.70732, 5)
  expect(relative.effect.lower).toBeCloseTo(-0.03526, 5)
  expect(relative.effect.upper).toBeCloseTo(1.44989, 5)
  expect(relative.pValue).toBeCloseTo(0.06191, 5)
  expect(relative.significant).toBe(false)
  const absolute = success(analysis({ plan: { ...inputs.plan, scale: 'ABSOLUTE' } }))
  expect(absolute.effect.estimate).toBeCloseTo(0.29, 4)
  expect(absolute.effect.lower).toBeCloseTo(0.04538, 5)
  expect(absolute.effect.upper).toBeCloseTo(0.53462, 5)
  expect(absolute.pValue).toBeCloseTo(0.02016, 5)
  expect(absolute.significant).toBe(true)
  expect(absolute.relative).toEqual(relative.effect)
})

test('a confidence sequence is wider, needs a first look, and knows no quantiles', () => {
  const plan = {
    ...inputs.plan,
    method: 'ALWAYS_VALID',
    scale: 'ABSOLUTE',
    plannedSampleSize: 5_000,
  } as const
  const anytime = success(analysis({ plan }))
  expect(anytime.method).toBe('Confidence sequence')
  expect(anytime.effect.upper).toBeGreaterThan(0.53462)
  const few = PUBLISHED.map((arm) => ({ ...arm, n: 99n }))
  expect(analysis({ plan }, { metrics: few }).missing[0]).toMatchObject({ reason: 'before-first-look' })
})

test('units in the middle of their windows are shown until the sample is there, and then left out', () => {
  const open = [cell('a', 100n, 900_000_000n, 9_000_000_000_000_000n, false), ...PUBLISHED]
  const complete = analysis({}, { metrics: open })
  expect([complete.complete, success(complete).controlUnits]).toEqual([true, 3_407])
  const early = analysis({ plan: { ...inputs.plan, plannedSampleSize: 6_900 } }, { metrics: open })
  expect([early.complete, success(early).controlUnits]).toEqual([false, 3_507])
  expect(early.verdict.recommendation).toBe('CONTINUE')
})

test('the sample counts units with complete windows, of the metric that has the fewest', () => {
  const clicks: PlannedMetric = { ...plays, definition: { ...plays.definition, key: 'clicks' } }
  const fewer = PUBLISHED.map((arm) => ({ ...arm, metricKey: 'clicks', n: arm.n - 50n }))
  const metrics = [...PUBLISHED, ...fewer, cell('a', 90n, 0n, 0n, false)]
  expect(analysis({ metrics: [plays, clicks] }, { metrics }).verdict.reasons).toContainEqual({
    rule: 'sample',
    holds: false,
    detail: '6768 of 6800 planned units with complete windows',
  })
})

test('a confidence sequence leaves open windows out once every variant has enough units', () => {
  const plan = { ...inputs.plan, method: 'ALWAYS_VALID' } as const
  const open = cell('a', 50n, 0n, 0n, false)
  function completeOf(n: bigint): boolean {
    const arms = [cell('a', 500n, 10n ** 9n, 10n ** 16n), cell('b', n, 10n ** 9n, 10n ** 16n)]
    return analysis({ plan }, { metrics: [open, ...arms] }).complete
  }
  expect([completeOf(99n), completeOf(100n)]).toEqual([false, true])
})

const MILLION = 1_000_000n

/** Units that all have the same value. */
function constant(variantKey: string, value: bigint): MetricSums {
  return cell(variantKey, 10n, 10n * value * MILLION, 10n * (value * MILLION) ** 2n)
}

test('without variance, or without a variant, there is no result, and the reason is told', () => {
  function reasons(metrics: readonly MetricSums[]): string[] {
    return analysis({}, { metrics }).missing.map(({ reason }) => reason)
  }
  expect(reasons([constant('a', 1n), constant('b', 1n)])).toEqual(['equal-constants', 'equal-constants'])
  expect(reasons([constant('a', 1n), constant('b', 2n)])).toEqual(['zero-variance', 'zero-variance'])
  for (const metrics of [PUBLISHED.slice(0, 1), PUBLISHED.slice(1), []]) {
    expect(reasons(metrics)).toEqual(['too-few-units', 'too-few-units'])
  }
})

test('against a control of 0 a deterioration is found, on the absolute scale', () => {
  const crashes: PlannedMetric = {
    ...plays,
    definition: { ...plays.definition, key: 'crashes', lowerIsBetter: true },
    role: 'DETERIORATION',
  }
  const treated = { ...cell('b', 3_461n, 900n * MILLION, 900n * MILLION ** 2n), metricKey: 'crashes' }
  const metrics = [...PUBLISHED, { ...cell('a', 3_407n, 0n, 0n), metricKey: 'crashes' }, treated]
  const { results, missing, verdict } = analysis({ metrics: [plays, crashes] }, { metrics })
  expect(missing).toEqual([])
  expect(results.at(-1)).toMatchObject({ metricKey: 'crashes', relative: null, significant: true })
  expect(verdict.recommendation).toBe('ROLLBACK')
})

test('a margin means the same on both scales, because the error of its own mean is in the test', () => {
  const wanted = { ...plays, margin: 0.5 }
  const metrics = [
    cell('a', 1_000n, 10_000n * MILLION, 200_000n * MILLION ** 2n),
    cell('b', 1_000n, 15_200n * MILLION, 331_040n * MILLION ** 2n),
  ]
  const [relative, absolute] = (['RELATIVE', 'ABSOLUTE'] as const).map((scale) =>
    success(analysis({ metrics: [wanted], plan: { ...inputs.plan, scale } }, { metrics })),
  )
  expect(absolute?.nullValue).toBeCloseTo(0.5 * (absolute?.controlMean ?? 0), 12)
  // The delta method and the exact difference agree where control's mean is many of its errors from 0.
  expect(Math.abs((absolute?.pValue ?? 0) - (relative?.pValue ?? 1))).toBeLessThan(0.02)
})

test('a metric with two roles has one test for each, and one for deterioration', () => {
  const { results } = analysis({ metrics: [plays, { ...plays, role: 'GUARDRAIL', margin: 0.5 }] })
  expect(results.map(({ role }) => role)).toEqual(['SUCCESS', 'DETERIORATION', 'GUARDRAIL'])
})

test('the hash covers inputs and results, and not the engine that gave the sums', () => {
  const { hash } = analysis()
  expect(hash).toMatch(/^[0-9a-f]{64}$/)
  expect(analysis({}, { sql: ['select 2'] }).hash).toBe(hash)
  const others = [
    analysis({ cutoff: 11 * DAY }),
    analysis({ asOf: 1_001 }),
    analysis({ plan: { ...inputs.plan, plannedEnd: 1 } }),
    analysis({ metrics: [{ ...plays, definition: { ...plays.definition, version: 3 } }] }),
    analysis({}, { multiple: 1n }),
    analysis(
      {},
      { metrics: [cell('a', 3_407n, 1_396_870_001n, 52_377_976_700_000_000n), ...PUBLISHED.slice(1)] },
    ),
  ].map((other) => other.hash)
  expect(new Set([hash, ...others]).size).toBe(others.length + 1)
})

test('a plan that spends more than it has is refused', () => {
  const plan = { ...inputs.plan, power: 0.99 }
  expect(analyse({ ...inputs, plan }, sampleEvents(sums))).toEqual({
    type: 'unusable-plan',
    reason: 'nothing-left-to-spend',
  })
})

test('a ratio is adjusted by the same ratio before the exposure, where the plan says so', () => {
  const clicks: PlannedMetric = {
    ...plays,
    definition: sampleMetric({ version: 2, kind: 'RATIO', denominatorEvent: 'VIEW' }),
  }
  const arm = (variantKey: string, lift: bigint): MetricSums => {
    // Clicks and views of each unit, after and before; the rate before explains most of the rate after.
    const units = Array.from({ length: 40 }, (_, index) => {
      const [views, earlier, rate] = [
        BigInt(1 + (index % 4)),
        BigInt(1 + (index % 3)),
        BigInt(1 + (index % 7)),
      ]
      return [
        views * (rate + lift) * MILLION + BigInt(index % 2),
        views * MILLION,
        earlier * rate * MILLION,
        earlier * MILLION,
      ]
    })
    const sum = (at: number) => units.reduce((part, unit) => part + (unit[at] ?? 0n), 0n)
    const product = (a: number, b: number) =>
      units.reduce((part, unit) => part + (unit[a] ?? 0n) * (unit[b] ?? 0n), 0n)
    const moments = (at: number) => ({ sum: sum(at), sumSquares: product(at, at), cross: product(0, at) })
    return {
      ...cell(variantKey, 40n, sum(0), product(0, 0)),
      denominator: moments(1),
      covariate: { ...moments(2), denominatorCross: product(1, 2) },
      covariateDenominator: { ...moments(3), denominatorCross: product(1, 3), covariateCross: product(2, 3) },
    }
  }
  const events = { metrics: [arm('a', 0n), arm('b', 1n)] }
  const found = (cuped: boolean) =>
    success(analysis({ metrics: [clicks], plan: { ...inputs.plan, scale: 'ABSOLUTE', cuped } }, events))
  expect(found(false).method).toBe('Welch')
  expect(found(true).method).toBe('Welch, CUPED')
  expect(found(true).variance).toBeLessThan(found(false).variance * 0.7)
  expect(found(true).effect.estimate).toBeCloseTo(1, 1)
})

test('a ratio without history is as it is, though the plan asks for an adjustment', () => {
  const clicks: PlannedMetric = {
    ...plays,
    definition: sampleMetric({ version: 2, kind: 'RATIO', denominatorEvent: 'VIEW' }),
  }
  const none = { sum: 0n, sumSquares: 0n, cross: 0n }
  const metrics = PUBLISHED.map((row) => ({
    ...row,
    denominator: { sum: row.n * MILLION, sumSquares: row.n * MILLION ** 2n, cross: row.sum * MILLION },
    covariate: { ...none, denominatorCross: 0n },
    covariateDenominator: { ...none, denominatorCross: 0n, covariateCross: 0n },
  }))
  const plan = { ...inputs.plan, cuped: true }
  expect(success(analysis({ metrics: [clicks], plan }, { metrics })).method).toBe('Welch')
})

test('p-values are adjusted by Holm, role by role', () => {
  const second: PlannedMetric = { ...plays, definition: { ...plays.definition, key: 'skips' } }
  const metrics = [
    ...PUBLISHED,
    ...PUBLISHED.map((row) => ({ ...row, metricKey: 'skips', sum: row.sum + 1_000_000n })),
  ]
  const { results } = analysis({ metrics: [plays, second] }, { metrics })
  for (const role of ['SUCCESS', 'DETERIORATION'] as const) {
    const own = results.filter((result) => result.role === role).toSorted((a, b) => a.pValue - b.pValue)
    const [first, last] = own
    expect(own).toHaveLength(2)
    expect(first?.adjustedPValue).toBeCloseTo(Math.min(1, 2 * (first?.pValue ?? 0)), 12)
    expect(last?.adjustedPValue).toBe(Math.max(first?.adjustedPValue ?? 0, last?.pValue ?? 0))
  }
})

test('nothing that segments show is in the verdict', () => {
  const broken = { ...sums, metrics: PUBLISHED.map((row) => ({ ...row, sum: 0n, sumSquares: 0n })) }
  const plan = { ...inputs.plan, segments: ['country'] }
  const outcome = analyse(
    { ...inputs, plan },
    { ...sampleEvents(sums), segments: [{ attribute: 'country', sums: broken }] },
  )
  if (outcome.type !== 'analysed') throw new Error(outcome.type)
  expect(outcome.analysis.segments).toHaveLength(1)
  expect(outcome.analysis.verdict).toEqual(analysis({ plan }).verdict)
  expect(outcome.analysis.results).toEqual(analysis({ plan }).results)
  expect(outcome.analysis.hash).not.toBe(analysis({ plan }).hash)
})
