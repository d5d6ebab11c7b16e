import { WEIGHT_SUM_TOLERANCE } from '@bulkhead/contracts'
import type { InputProblem } from '../input-problems.ts'
import { MAX_VARIANTS, MIN_VARIANTS } from '../validate-experiment.ts'
import {
  type AnalysisMethod,
  type EffectScale,
  isSpendingFunction,
  MAX_LOOKS,
  MIN_LOOKS,
  SPENDING_FUNCTIONS,
} from './analysis-plan.ts'
import { MAX_EXPERIMENT_METRICS, type MetricKind } from './metric.ts'

export const PLANNED_ROLES = ['SUCCESS', 'GUARDRAIL'] as const
/** Roles whose tests a sample is planned for: the others only stop a treatment. */
export type PlannedRole = (typeof PLANNED_ROLES)[number]

/** How many units does an experiment need? The plan of one of its metrics, and what surrounds it. */
export type PowerQuestion = {
  readonly kind: MetricKind
  /** Of the control: a proportion, mean, ratio or quantile. */
  readonly baseline: number
  /** Of one unit; null for proportions, which have theirs from the baseline. */
  readonly variance: number | null
  /** What is to be found, on the scale; below 0 for a loss. Of a GUARDRAIL, its margin. */
  readonly minimumEffect: number
  readonly scale: EffectScale
  readonly method: AnalysisMethod
  /** Null for ALWAYS_VALID is `DEFAULT_LOOKS`. */
  readonly looks: number | null
  /** Null for GROUP_SEQUENTIAL is OBRIEN_FLEMING. */
  readonly spending: string | null
  readonly twoSided: boolean
  /** Whether alpha and power are of the whole decision rule, as in a plan, or of this test alone. */
  readonly wholeRule: boolean
  readonly alpha: number
  readonly power: number
  /** Shares of the variants, control first. */
  readonly allocation: readonly number[]
  readonly successMetrics: number
  readonly guardrailMetrics: number
  /** Null is SUCCESS, or GUARDRAIL where there is no success metric. */
  readonly role: PlannedRole | null
  readonly cupedCorrelation: number | null
}

/** A fortnight of daily looks. */
export const DEFAULT_LOOKS = 14
export const DEFAULT_SPENDING = 'OBRIEN_FLEMING'

/** As of values that ingest takes, and of their squares. */
const MAX_BASELINE = 1e12
const MAX_VARIANCE = 1e24
const MAX_MARGIN = 1e12

/** The role of the metric that is planned. */
export function roleOf({ role, successMetrics }: PowerQuestion): PlannedRole {
  return role ?? (successMetrics > 0 ? 'SUCCESS' : 'GUARDRAIL')
}

/** Every problem of a question, with its path in the input. */
export function checkPowerQuestion(question: PowerQuestion): InputProblem[] {
  const problems: InputProblem[] = []
  function check(holds: boolean, field: keyof PowerQuestion, message: string): void {
    if (!holds) problems.push({ path: [field], message })
  }
  checkMetric(question, check)
  checkMethod(question, check)
  checkExperiment(question, check)
  return problems
}

type Check = (holds: boolean, field: keyof PowerQuestion, message: string) => void

function checkMetric(question: PowerQuestion, check: Check): void {
  const { kind, baseline, variance, minimumEffect, scale, cupedCorrelation } = question
  if (kind === 'PROPORTION') {
    const isShare = baseline > 0 && baseline < 1
    check(isShare, 'baseline', 'must be above 0 and below 1: it is a proportion')
    check(variance === null, 'variance', 'follows from the baseline of a PROPORTION: leave it out')
    const treated = scale === 'RELATIVE' ? baseline * (1 + minimumEffect) : baseline + minimumEffect
    const isReachable = roleOf(question) === 'GUARDRAIL' || (treated > 0 && treated < 1)
    check(!isShare || isReachable, 'minimumEffect', 'leads to a proportion that is not between 0 and 1')
  } else {
    check(Math.abs(baseline) <= MAX_BASELINE, 'baseline', `must be ${-MAX_BASELINE} to ${MAX_BASELINE}`)
    check(
      scale === 'ABSOLUTE' || baseline !== 0,
      'baseline',
      'must not be 0: there is no relative effect then, so plan on the ABSOLUTE scale',
    )
    check(
      variance !== null && variance > 0 && variance <= MAX_VARIANCE,
      'variance',
      `must be above 0 and at most ${MAX_VARIANCE}: of one unit, as results show it`,
    )
  }
  const isEffect = minimumEffect !== 0 && Math.abs(minimumEffect) <= MAX_MARGIN
  check(isEffect, 'minimumEffect', `must not be 0, and be ${-MAX_MARGIN} to ${MAX_MARGIN}`)
  if (roleOf(question) === 'GUARDRAIL') {
    check(minimumEffect > 0, 'minimumEffect', 'must be above 0: of a GUARDRAIL it is the margin')
  }
  const isAdjusted = kind !== 'QUANTILE'
  check(
    isAdjusted || cupedCorrelation === null,
    'cupedCorrelation',
    `is not for ${kind}: CUPED leaves it as it is`,
  )
  const isCorrelation = cupedCorrelation === null || Math.abs(cupedCorrelation) < 1
  check(isCorrelation, 'cupedCorrelation', 'must be above -1 and below 1')
}

function checkMethod({ kind, method, looks, spending }: PowerQuestion, check: Check): void {
  if (method === 'FIXED_HORIZON') {
    check(looks === null, 'looks', 'is not for FIXED_HORIZON, which has one look')
  } else {
    const isCount = looks !== null && Number.isInteger(looks) && looks >= MIN_LOOKS && looks <= MAX_LOOKS
    const mayBeAbsent = method === 'ALWAYS_VALID' && looks === null
    check(isCount || mayBeAbsent, 'looks', `must be ${MIN_LOOKS} to ${MAX_LOOKS} for ${method}`)
  }
  if (method === 'GROUP_SEQUENTIAL') {
    const isKnown = spending === null || isSpendingFunction(spending)
    check(isKnown, 'spending', `must be one of: ${SPENDING_FUNCTIONS.join(', ')}`)
  } else check(spending === null, 'spending', 'is for GROUP_SEQUENTIAL only')
  check(
    kind !== 'QUANTILE' || method !== 'ALWAYS_VALID',
    'method',
    'must not be ALWAYS_VALID: the interval of a quantile does not hold at every look',
  )
}

function checkExperiment(question: PowerQuestion, check: Check): void {
  const { alpha, power, allocation, successMetrics, guardrailMetrics, role } = question
  check(alpha > 0 && alpha < 0.5, 'alpha', 'must be above 0 and below 0.5')
  check(power > alpha && power < 1, 'power', 'must be above alpha and below 1')
  const isSized = allocation.length >= MIN_VARIANTS && allocation.length <= MAX_VARIANTS
  check(isSized, 'allocation', `must have ${MIN_VARIANTS} to ${MAX_VARIANTS} entries`)
  const sum = allocation.reduce((total, share) => total + share, 0)
  const areShares = allocation.every((share) => share > 0) && Math.abs(sum - 1) <= WEIGHT_SUM_TOLERANCE
  check(!isSized || areShares, 'allocation', 'must have shares above 0 that sum to 1')
  for (const [field, count] of [
    ['successMetrics', successMetrics] as const,
    ['guardrailMetrics', guardrailMetrics] as const,
  ]) {
    const isCount = Number.isInteger(count) && count >= 0 && count <= MAX_EXPERIMENT_METRICS
    check(isCount, field, `must be 0 to ${MAX_EXPERIMENT_METRICS}`)
  }
  check(
    successMetrics + guardrailMetrics >= 1,
    'successMetrics',
    'must be at least 1 where there is no guardrail metric',
  )
  check(role !== 'SUCCESS' || successMetrics >= 1, 'successMetrics', 'must be at least 1 to plan a SUCCESS')
  check(
    role !== 'GUARDRAIL' || guardrailMetrics >= 1,
    'guardrailMetrics',
    'must be at least 1 to plan a GUARDRAIL',
  )
}
