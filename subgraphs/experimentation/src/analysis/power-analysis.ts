import { alwaysValidBounds } from '@bulkhead/statistics/always-valid'
import type { Alternative, Test } from '@bulkhead/statistics/comparison'
import { type Bound, groupSequentialBounds } from '@bulkhead/statistics/group-sequential'
import { type PowerPlan, type SampleSize, sampleSize, sampleSizeForDrift } from '@bulkhead/statistics/power'
import { isRefusal, type Reason, type Result } from '@bulkhead/statistics/result'
import { ruleAlphas } from '@bulkhead/statistics/rule-alphas'
import { seededRandom } from '@bulkhead/statistics/seeded-random'
import { driftFor } from '@bulkhead/statistics/sequential-power'
import type { InputProblem, InvalidInput } from '../domain/input-problems.ts'
import { isSpendingFunction, MAX_SAMPLE_SIZE } from '../domain/plan/analysis-plan.ts'
import {
  checkPowerQuestion,
  DEFAULT_LOOKS,
  DEFAULT_SPENDING,
  type PowerQuestion,
  roleOf,
} from '../domain/plan/power-question.ts'
import { FIRST_LOOK } from './compare-arms.ts'
import { QUALITY_TESTS } from './health.ts'
import { DETERIORATION_ALPHA, QUALITY_ALPHA } from './role-tests.ts'

/** What an experiment needs so that the test of a metric has its power under the decision rule. */
export type PowerAnalysis = {
  readonly totalUnits: number
  /** Of each variant, in the order of the allocation. */
  readonly variantUnits: readonly number[]
  /** Level of the test, and the power that it is planned with, after the corrections of the rule. */
  readonly testAlpha: number
  readonly testPower: number
}

export type PowerOutcome = { readonly type: 'planned'; readonly analysis: PowerAnalysis } | InvalidInput

/** Half a point of power is twice the largest standard error of so many runs. */
const RUNS = 40_000
/** Upper bound on the simulated looks of all runs, so that no question takes long. */
const MAX_SIMULATED_LOOKS = 800_000
/** The same question has the same answer. */
const SEED = 11

/**
 * The fewest units with which the test of a metric has its power, at the levels that the decision rule leaves it. A
 * success is a two-sided or one-sided test of the effect against 0; a guardrail is planned without any effect, against its
 * margin. Of methods with several looks the power is the chance of a rejection at any look, in the right direction, with
 * looks at equal steps of the sample; it is simulated, always from the same seed.
 */
export function analysePower(question: PowerQuestion): PowerOutcome {
  const problems = checkPowerQuestion(question)
  if (problems.length > 0) return { type: 'invalid-input', problems }
  const levels = levelsOf(question)
  if (isRefusal(levels)) {
    return invalid(
      'power',
      `is too high for alpha and the metrics: nothing is left for their tests (${levels.refused})`,
    )
  }
  const { testAlpha, testPower } = levels
  if (!(testPower > testAlpha)) return invalid('power', 'must be above the level of the test')
  const size = sizeOf(question, levels)
  if (isRefusal(size))
    return invalid('minimumEffect', `cannot be planned for: ${describeReason(size.refused)}`)
  if (size.total > MAX_SAMPLE_SIZE) {
    return invalid('minimumEffect', `needs more than ${MAX_SAMPLE_SIZE} units: choose a larger one`)
  }
  return {
    type: 'planned',
    analysis: { totalUnits: size.total, variantUnits: size.arms, testAlpha, testPower },
  }
}

type Levels = Pick<PowerAnalysis, 'testAlpha' | 'testPower'>

function levelsOf(question: PowerQuestion): Result<Levels> {
  if (!question.wholeRule) return { testAlpha: question.alpha, testPower: question.power }
  const { alpha, power, allocation, successMetrics, guardrailMetrics } = question
  const levels = ruleAlphas({
    alpha,
    beta: 1 - power,
    deteriorationAlpha: DETERIORATION_ALPHA,
    qualityAlpha: QUALITY_ALPHA,
    treatments: allocation.length - 1,
    successMetrics,
    guardrailMetrics,
    deteriorationMetrics: 0,
    qualityTests: QUALITY_TESTS,
  })
  if (isRefusal(levels)) return levels
  const testAlpha = roleOf(question) === 'SUCCESS' ? levels.success : levels.guardrail
  if (testAlpha === null || levels.beta === null) return { refused: 'invalid-input' }
  return { testAlpha, testPower: 1 - levels.beta }
}

function sizeOf(question: PowerQuestion, { testAlpha, testPower }: Levels): Result<SampleSize> {
  const { allocation, method } = question
  const { plan, effect } = planOf(question, testAlpha)
  if (method === 'FIXED_HORIZON') return sampleSize(plan, allocation, effect, testPower)
  const bounds = boundsOf(question, plan.test)
  if (isRefusal(bounds)) return bounds
  const runs = Math.min(RUNS, Math.floor(MAX_SIMULATED_LOOKS / bounds.length))
  const drift = driftFor(bounds, testPower, { runs, random: seededRandom(SEED) })
  if (isRefusal(drift)) return drift
  const size = sampleSizeForDrift(plan, allocation, effect, drift, bounds.at(-1)?.bound ?? 0)
  return isRefusal(size) || method === 'GROUP_SEQUENTIAL' ? size : withFirstLook(size, allocation)
}

function planOf(
  question: PowerQuestion,
  alpha: number,
): { readonly plan: PowerPlan; readonly effect: number } {
  const { kind, baseline, variance, minimumEffect, scale, twoSided, cupedCorrelation } = question
  const isGuardrail = roleOf(question) === 'GUARDRAIL'
  const better: Alternative = minimumEffect > 0 ? 'GREATER' : 'LESS'
  const test: Test = {
    scale,
    alternative: isGuardrail || !twoSided ? better : 'TWO_SIDED',
    alpha,
    nullValue: isGuardrail ? -minimumEffect : 0,
  }
  const effect = isGuardrail ? 0 : minimumEffect
  const share = scale === 'RELATIVE' ? baseline * (1 + effect) : baseline + effect
  const variances =
    kind === 'PROPORTION'
      ? { own: baseline * (1 - baseline), treatment: share * (1 - share) }
      : { own: variance ?? 0, treatment: variance ?? 0 }
  return {
    effect,
    plan: {
      test,
      baseline: { mean: baseline, variance: variances.own },
      treatmentVariance: variances.treatment,
      rhoSquared: (cupedCorrelation ?? 0) ** 2,
      relativeError: 'AS_TESTED',
    },
  }
}

function boundsOf(
  { method, looks, spending, allocation }: PowerQuestion,
  { alternative, alpha }: Test,
): Result<readonly Pick<Bound, 'fraction' | 'bound'>[]> {
  const count = looks ?? DEFAULT_LOOKS
  const fractions = Array.from({ length: count }, (_, index) => (index + 1) / count)
  if (method === 'GROUP_SEQUENTIAL') {
    const family = isSpendingFunction(spending) ? spending : DEFAULT_SPENDING
    return groupSequentialBounds({ alternative, alpha, spending: family, fractions })
  }
  // The sequence is tuned to the planned sample, but counts the units of the two arms that it compares.
  const [control = 0, ...treatments] = allocation
  const compared = control + Math.min(...treatments)
  const units = fractions.map((fraction) => fraction * compared * MAX_SAMPLE_SIZE)
  const widths = alwaysValidBounds(units, { alternative, alpha, tuning: MAX_SAMPLE_SIZE })
  return isRefusal(widths)
    ? widths
    : fractions.map((fraction, index) => ({ fraction, bound: widths[index] ?? Infinity }))
}

/** A confidence sequence says nothing before every arm has so many units. */
function withFirstLook(size: SampleSize, allocation: readonly number[]): SampleSize {
  const least = Math.ceil(FIRST_LOOK / Math.min(...allocation))
  if (size.total >= least) return size
  return { total: least, arms: allocation.map((share) => Math.floor(least * share + 1e-9)) }
}

function invalid(field: InputProblem['path'][number], message: string): InvalidInput {
  return { type: 'invalid-input', problems: [{ path: [field], message }] }
}

function describeReason(reason: Reason): string {
  return reason === 'out-of-reach' ? 'no number of units finds it' : reason
}
