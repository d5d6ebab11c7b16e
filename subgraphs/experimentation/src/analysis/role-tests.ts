import type { Alternative } from '@bulkhead/statistics/comparison'
import { isRefusal, type Result } from '@bulkhead/statistics/result'
import { ruleAlphas } from '@bulkhead/statistics/rule-alphas'
import type { AnalysisPlan } from '../domain/plan/analysis-plan.ts'
import type { MetricDefinition, MetricRole } from '../domain/plan/metric.ts'

/** A metric as an experiment names it, with its definition. */
export type PlannedMetric = {
  readonly definition: MetricDefinition
  readonly role: MetricRole
  readonly margin: number | null
}

/** What one test of a metric asks. */
export type RoleTest = {
  readonly role: MetricRole
  readonly alternative: Alternative
  readonly alpha: number
  /** Relative to the control's mean. */
  readonly nullValue: number
  /** Which way the effect has to be for the test to say what its role asks: 1 up, -1 down, 0 either. */
  readonly direction: 1 | -1 | 0
}

/** Levels of the decision rule that are not part of a plan: they only stop a treatment. */
export const DETERIORATION_ALPHA = 0.01
export const QUALITY_ALPHA = 0.01

/** The levels of the tests of one analysis, after the corrections of the decision rule. */
export type TestLevels = {
  readonly success: number | null
  readonly guardrail: number | null
  readonly deterioration: number | null
  readonly quality: number | null
}

/**
 * @param qualityTests the health checks that have a p-value, and metrics with the role QUALITY
 * @returns a refusal where the plan leaves nothing to spend, because its power is too high for the levels above
 */
export function testLevels(
  plan: Pick<AnalysisPlan, 'alpha' | 'power'>,
  metrics: readonly PlannedMetric[],
  treatments: number,
  qualityTests: number,
): Result<TestLevels> {
  function count(role: MetricRole): number {
    return metrics.filter((metric) => metric.role === role).length
  }
  const levels = ruleAlphas({
    alpha: plan.alpha,
    beta: 1 - plan.power,
    deteriorationAlpha: DETERIORATION_ALPHA,
    qualityAlpha: QUALITY_ALPHA,
    treatments,
    successMetrics: count('SUCCESS'),
    guardrailMetrics: count('GUARDRAIL'),
    deteriorationMetrics: count('DETERIORATION'),
    qualityTests,
  })
  if (isRefusal(levels)) return levels
  const { success, guardrail, deterioration, quality } = levels
  return { success, guardrail, deterioration, quality }
}

/**
 * The tests of a metric by its role. A success has to show more than its margin, a guardrail has to exclude a loss of its
 * margin, and both must not deteriorate.
 */
export function roleTests(
  { definition, role, margin }: PlannedMetric,
  plan: Pick<AnalysisPlan, 'twoSided'>,
  levels: TestLevels,
): readonly RoleTest[] {
  const good = definition.lowerIsBetter ? -1 : 1
  const better: Alternative = good === 1 ? 'GREATER' : 'LESS'
  const worse: Alternative = good === 1 ? 'LESS' : 'GREATER'
  const bad = good === 1 ? -1 : 1
  const tests: RoleTest[] = []
  if (role === 'SUCCESS' && levels.success !== null) {
    const alternative = plan.twoSided ? 'TWO_SIDED' : better
    tests.push({ role, alternative, alpha: levels.success, nullValue: good * (margin ?? 0), direction: good })
  }
  if (role === 'GUARDRAIL' && levels.guardrail !== null) {
    const nullValue = margin === null ? 0 : -good * margin
    tests.push({ role, alternative: better, alpha: levels.guardrail, nullValue, direction: good })
  }
  if (role === 'QUALITY' && levels.quality !== null) {
    tests.push({ role, alternative: 'TWO_SIDED', alpha: levels.quality, nullValue: 0, direction: 0 })
  }
  if (role !== 'QUALITY' && levels.deterioration !== null) {
    const test = { alternative: worse, alpha: levels.deterioration, nullValue: 0 } as const
    tests.push({ ...test, role: 'DETERIORATION', direction: bad })
  }
  return tests
}
