import { confidenceSequence } from '@bulkhead/statistics/always-valid'
import type { Estimate, Test } from '@bulkhead/statistics/comparison'
import type { Moments } from '@bulkhead/statistics/moments'
import { quantileDifference } from '@bulkhead/statistics/quantile'
import { isRefusal, type Result } from '@bulkhead/statistics/result'
import { welch } from '@bulkhead/statistics/welch'
import type { AnalysisPlan } from '../domain/plan/analysis-plan.ts'
import type { Arm, MetricArms } from './arms.ts'
import type { ComparedArms, Interval, MissingReason } from './metric-result.ts'
import type { RoleTest } from './role-tests.ts'

/** Fewest units of an arm before a confidence sequence says anything: it holds for large samples. */
export const FIRST_LOOK = 100
/** The sample at which a confidence sequence is tightest, where the plan names none. */
export const DEFAULT_TUNING = 10_000

export type Method = Pick<AnalysisPlan, 'method' | 'scale' | 'plannedSampleSize'>
export type Comparison = ComparedArms | { readonly refused: MissingReason }

/**
 * One test of a treatment against the control. On the absolute scale a margin is a share of the control's mean, which is
 * an estimate too: the p-value is that of `treatment - (1 + margin) control`. Where the control's mean is 0 there is no
 * relative effect, and a test against 0 is on the absolute scale.
 */
export function compareArms(
  control: Arm,
  treatment: Arm,
  { adjusted }: Pick<MetricArms, 'adjusted'>,
  test: RoleTest,
  plan: Method,
): Comparison {
  if (isRefusal(control.moments)) return control.moments
  if (isRefusal(treatment.moments)) return treatment.moments
  if (plan.method === 'ALWAYS_VALID' && control.quantile !== null) {
    return { refused: 'no-quantiles-at-every-look' }
  }
  const { alternative, alpha, nullValue } = test
  const baseline = control.moments.mean
  const scale = plan.scale === 'RELATIVE' && baseline === 0 && nullValue === 0 ? 'ABSOLUTE' : plan.scale
  const shown = { alternative, alpha, nullValue: 0 }
  const absolute = estimate(control, treatment, { ...shown, scale: 'ABSOLUTE' }, plan)
  const relative = estimate(control, treatment, { ...shown, scale: 'RELATIVE' }, plan)
  const effect = scale === 'ABSOLUTE' ? absolute : relative
  if (isRefusal(absolute)) {
    const isEqual = absolute.refused === 'zero-variance' && baseline === treatment.moments.mean
    return isEqual ? { refused: 'equal-constants' } : absolute
  }
  if (isRefusal(effect)) return effect
  const tested =
    scale === 'RELATIVE'
      ? estimate(control, treatment, { scale, alternative, alpha, nullValue }, plan)
      : estimate(scaled(control, 1 + nullValue * Math.sign(baseline)), treatment, { ...shown, scale }, plan)
  if (isRefusal(tested)) return tested
  const boundary = scale === 'ABSOLUTE' ? nullValue * Math.abs(baseline) : nullValue
  const direction = Math.sign(effect.estimate - boundary)
  return {
    role: test.role,
    variantKey: treatment.variantKey,
    method: methodName(control, adjusted, plan),
    ...describe(control.moments, treatment.moments),
    effect: interval(effect),
    absolute: interval(absolute),
    relative: isRefusal(relative) ? null : interval(relative),
    nullValue: boundary,
    alphaUsed: alpha,
    pValue: tested.pValue,
    significant: tested.pValue < alpha && (test.direction === 0 || direction === test.direction),
  }
}

/** The arm of a unit's value times a factor. */
function scaled(arm: Arm, factor: number): Arm {
  const { moments, quantile } = arm
  return {
    ...arm,
    moments: isRefusal(moments)
      ? moments
      : { ...moments, mean: moments.mean * factor, variance: moments.variance * factor ** 2 },
    quantile:
      quantile === null || isRefusal(quantile) || quantile.standardError === null
        ? quantile
        : {
            ...quantile,
            estimate: quantile.estimate * factor,
            standardError: quantile.standardError * Math.abs(factor),
          },
  }
}

function estimate(control: Arm, treatment: Arm, test: Test, plan: Method): Result<Estimate> {
  if (plan.method === 'ALWAYS_VALID') {
    const tuning = plan.plannedSampleSize ?? DEFAULT_TUNING
    return confidenceSequence(control.moments, treatment.moments, { ...test, tuning, firstLook: FIRST_LOOK })
  }
  return control.quantile !== null && treatment.quantile !== null
    ? quantileDifference(control.quantile, treatment.quantile, test)
    : welch(control.moments, treatment.moments, test)
}

function methodName(control: Arm, adjusted: boolean, { method }: Method): string {
  const atOnce = control.quantile === null ? 'Welch' : 'Order statistics'
  const name = method === 'ALWAYS_VALID' ? 'Confidence sequence' : atOnce
  const looks = method === 'GROUP_SEQUENTIAL' ? ', group sequential' : ''
  return `${name}${adjusted ? ', CUPED' : ''}${looks}`
}

function describe(control: Moments, treatment: Moments) {
  return {
    controlUnits: control.n,
    units: treatment.n,
    controlMean: control.mean,
    mean: treatment.mean,
    controlVariance: control.variance,
    variance: treatment.variance,
  }
}

function interval({ estimate: point, lower, upper }: Estimate): Interval {
  return { estimate: point, lower, upper }
}
