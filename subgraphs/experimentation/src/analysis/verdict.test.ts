import { expect, test } from 'vitest'
import { sampleMetric } from '../testing/sample-metrics.ts'
import type { HealthCheck } from './health-check.ts'
import type { MetricResult } from './metric-result.ts'
import type { PlannedMetric } from './role-tests.ts'
import { type RuleInputs, recommend } from './verdict.ts'

const success: PlannedMetric = { definition: sampleMetric(), role: 'SUCCESS', margin: null }
const guardrail: PlannedMetric = {
  definition: sampleMetric({ key: 'skips' }),
  role: 'GUARDRAIL',
  margin: 0.01,
}

function result(
  role: MetricResult['role'],
  significant: boolean,
  metricKey = 'plays',
  variantKey = 'b',
): MetricResult {
  const interval = { estimate: 0.1, lower: 0, upper: 0.2 }
  return {
    metricKey,
    metricVersion: 1,
    role,
    variantKey,
    method: 'Welch',
    controlUnits: 100,
    units: 100,
    controlMean: 1,
    mean: 1.1,
    controlVariance: 1,
    variance: 1,
    effect: interval,
    absolute: interval,
    relative: interval,
    nullValue: 0,
    alphaUsed: 0.05,
    pValue: significant ? 0.001 : 0.5,
    adjustedPValue: significant ? 0.002 : 1,
    looks: [],
    significant,
  }
}

function healthCheck(passed: boolean): HealthCheck {
  return {
    kind: 'TRIGGERED_SAMPLE_RATIO',
    passed,
    pValue: passed ? 0.5 : 1e-9,
    observed: [],
    expected: [],
    detail: 'd',
  }
}

const GOOD = [
  result('SUCCESS', true),
  result('DETERIORATION', false),
  result('GUARDRAIL', true, 'skips'),
  result('DETERIORATION', false, 'skips'),
]

function verdict(change: Partial<RuleInputs> = {}) {
  const { recommendation, variantKey } = recommend({
    treatments: ['b'],
    metrics: [success, guardrail],
    results: GOOD,
    missing: [],
    health: [healthCheck(true)],
    sample: { reached: true, detail: 'd' },
    conclude: 'NOTHING',
    ...change,
  })
  return variantKey === null ? recommendation : `${recommendation} ${variantKey}`
}

function replaced(role: MetricResult['role'], metricKey: string, significant: boolean) {
  return GOOD.map((entry) =>
    entry.role === role && entry.metricKey === metricKey ? result(role, significant, metricKey) : entry,
  )
}

test('a treatment with a success, non-inferior guardrails and no deterioration is to be shipped', () => {
  expect(verdict()).toBe('SHIP b')
})

test('each leaf of the rule can stop it', () => {
  expect(verdict({ results: replaced('SUCCESS', 'plays', false) })).toBe('ITERATE')
  expect(verdict({ results: replaced('GUARDRAIL', 'skips', false) })).toBe('ITERATE')
  expect(verdict({ results: GOOD.filter(({ role }) => role !== 'GUARDRAIL') })).toBe('ITERATE')
  expect(verdict({ results: replaced('DETERIORATION', 'skips', true) })).toBe('ROLLBACK')
  expect(verdict({ results: replaced('DETERIORATION', 'plays', true) })).toBe('ROLLBACK')
  expect(verdict({ health: [healthCheck(true), healthCheck(false)] })).toBe('INVALID')
  expect(verdict({ results: [...GOOD, result('QUALITY', true, 'balance')] })).toBe('INVALID')
  expect(verdict({ results: [...GOOD, result('QUALITY', false, 'balance')] })).toBe('SHIP b')
  for (const role of ['DETERIORATION', 'QUALITY'] as const) {
    const gap = { metricKey: 'crashes', metricVersion: 1, role, variantKey: 'b' } as const
    expect(verdict({ missing: [{ ...gap, reason: 'zero-variance' }] })).toBe('ITERATE')
    expect(verdict({ missing: [{ ...gap, reason: 'equal-constants' }] })).toBe('SHIP b')
  }
})

test('before the planned sample nothing follows, but for a deterioration under a method that holds at every look', () => {
  const sample = { reached: false, detail: 'd' }
  const results = replaced('DETERIORATION', 'skips', true)
  expect(verdict({ sample })).toBe('CONTINUE')
  expect(verdict({ sample, results })).toBe('CONTINUE')
  expect(verdict({ sample, results, conclude: 'ROLLBACK' })).toBe('ROLLBACK')
  expect(verdict({ sample, health: [healthCheck(false)] })).toBe('INVALID')
  const differing = [...GOOD, result('QUALITY', true, 'balance')]
  expect(verdict({ sample, results: differing })).toBe('CONTINUE')
  expect(verdict({ sample, results: differing, conclude: 'ROLLBACK' })).toBe('INVALID')
})

test('of two treatments the one that passes is shipped, and both have to deteriorate for a rollback', () => {
  const treatments = ['b', 'c']
  const ofC = (entries: readonly MetricResult[]) => entries.map((entry) => ({ ...entry, variantKey: 'c' }))
  const failing = replaced('SUCCESS', 'plays', false)
  const deteriorated = replaced('DETERIORATION', 'plays', true)
  expect(verdict({ treatments, results: [...failing, ...ofC(GOOD)] })).toBe('SHIP c')
  expect(verdict({ treatments, results: [...deteriorated, ...ofC(failing)] })).toBe('ITERATE')
  expect(verdict({ treatments, results: [...deteriorated, ...ofC(deteriorated)] })).toBe('ROLLBACK')
})

test('every leaf says why it holds or not', () => {
  const { reasons } = recommend({
    treatments: ['b'],
    metrics: [success, guardrail],
    results: GOOD.filter(({ role }) => role !== 'GUARDRAIL'),
    missing: [
      { metricKey: 'skips', metricVersion: 1, role: 'GUARDRAIL', variantKey: 'b', reason: 'zero-variance' },
    ],
    health: [healthCheck(true)],
    sample: { reached: false, detail: '10 of 100' },
    conclude: 'NOTHING',
  })
  expect(reasons).toEqual([
    { rule: 'health TRIGGERED_SAMPLE_RATIO', holds: true, detail: 'd' },
    { rule: 'sample', holds: false, detail: '10 of 100' },
    { rule: 'success: b', holds: true, detail: 'plays better' },
    { rule: 'guardrail skips: b', holds: false, detail: 'no result: zero-variance' },
    { rule: 'no deterioration of plays: b', holds: true, detail: 'p 0.500 at level 0.0500' },
    { rule: 'no deterioration of skips: b', holds: true, detail: 'p 0.500 at level 0.0500' },
  ])
})
