import { isRefusal } from '@bulkhead/statistics/result'
import { expect, test } from 'vitest'
import type { MetricRole } from '../domain/plan/metric.ts'
import { sampleMetric } from '../testing/sample-metrics.ts'
import { type PlannedMetric, roleTests, testLevels } from './role-tests.ts'

function metric(role: MetricRole, margin: number | null = null, lowerIsBetter = false): PlannedMetric {
  return { definition: sampleMetric({ lowerIsBetter }), role, margin }
}

const LEVELS = { success: 0.01, guardrail: 0.05, deterioration: 0.002, quality: 0.003 }

function tests(planned: PlannedMetric, twoSided = true) {
  return roleTests(planned, { twoSided }, LEVELS).map(({ role, alternative, alpha, nullValue, direction }) =>
    [role, alternative, alpha, nullValue, direction].join(' '),
  )
}

test('success metrics share alpha over treatments and metrics, guardrails do not, stops have levels of their own', () => {
  const metrics = [metric('SUCCESS'), metric('SUCCESS'), metric('GUARDRAIL'), metric('DETERIORATION')]
  const levels = testLevels({ alpha: 0.05, power: 0.8 }, metrics, 3, 3)
  if (isRefusal(levels)) throw new Error(levels.refused)
  expect(levels.success).toBeCloseTo(0.05 / 6, 12)
  expect(levels.guardrail).toBe(0.05)
  expect(levels.deterioration).toBeCloseTo(0.01 / 4, 12)
  expect(levels.quality).toBeCloseTo(0.01 / 3, 12)
})

test('a plan whose power leaves nothing for the stops is refused', () => {
  expect(testLevels({ alpha: 0.05, power: 0.985 }, [metric('SUCCESS')], 1, 3)).toEqual({
    refused: 'nothing-left-to-spend',
  })
})

test('a success has to show its margin in its good direction, and is tested for deterioration', () => {
  expect(tests(metric('SUCCESS', 0.02))).toEqual([
    'SUCCESS TWO_SIDED 0.01 0.02 1',
    'DETERIORATION LESS 0.002 0 -1',
  ])
  expect(tests(metric('SUCCESS', 0.02), false)[0]).toBe('SUCCESS GREATER 0.01 0.02 1')
  expect(tests(metric('SUCCESS', 0.02, true), false)).toEqual([
    'SUCCESS LESS 0.01 -0.02 -1',
    'DETERIORATION GREATER 0.002 0 1',
  ])
})

test('a guardrail has to exclude a loss of its margin', () => {
  expect(tests(metric('GUARDRAIL', 0.01))[0]).toBe('GUARDRAIL GREATER 0.05 -0.01 1')
  expect(tests(metric('GUARDRAIL', 0.01, true))).toEqual([
    'GUARDRAIL LESS 0.05 0.01 -1',
    'DETERIORATION GREATER 0.002 0 1',
  ])
})

test('the other roles have one test each', () => {
  expect(tests(metric('DETERIORATION'))).toEqual(['DETERIORATION LESS 0.002 0 -1'])
  expect(tests(metric('QUALITY'))).toEqual(['QUALITY TWO_SIDED 0.003 0 0'])
})
