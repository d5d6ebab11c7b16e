import { studentTail, studentUpperQuantile } from './distributions.ts'
import type { Moments } from './moments.ts'
import { isRefusal, type Result, refuse } from './result.ts'

/** ABSOLUTE: treatment - control, in the metric's unit. RELATIVE: that, divided by the size of control's mean. */
export const SCALES = ['ABSOLUTE', 'RELATIVE'] as const
export type Scale = (typeof SCALES)[number]

/** What the test looks for: any difference from the null value, one above it, or one below it. */
export const ALTERNATIVES = ['TWO_SIDED', 'GREATER', 'LESS'] as const
export type Alternative = (typeof ALTERNATIVES)[number]

/** How two arms are compared. */
export type Test = {
  readonly scale: Scale
  readonly alternative: Alternative
  /** Significance level: in (0, 1) two-sided, in (0, 0.5) one-sided. Intervals have level 1 - alpha. */
  readonly alpha: number
  /**
   * The effect to test against, on the scale of the test; 0 unless given. A non-inferiority test with a margin of 2 %
   * of a metric that should grow is GREATER against -0.02 on the RELATIVE scale.
   */
  readonly nullValue?: number
}

/** The effect of the treatment. An interval that is open on one side has null there. */
export type Estimate = {
  readonly estimate: number
  readonly standardError: number
  /** Null where the reference distribution is the normal one. */
  readonly degreesOfFreedom: number | null
  readonly lower: number | null
  readonly upper: number | null
  readonly pValue: number
}

/** An effect on the scale of the test, before any statement about significance. */
export type Difference = { readonly estimate: number; readonly standardError: number }

export function isValidTest({ alternative, alpha, nullValue = 0 }: Test): boolean {
  const most = alternative === 'TWO_SIDED' ? 1 : 0.5
  return alpha > 0 && alpha < most && Number.isFinite(nullValue)
}

/**
 * The difference of two independent estimates and its standard error. On the relative scale by the delta method for
 * (t - c) / |c|: Var = (Vt + Vc (t/c)^2) / c^2, with V the squared standard error of an arm's estimate (Deng, Knoblich
 * and Lu 2018, "Applying the delta method in metric analytics", section 3). The sign of the relative effect is that of
 * the absolute one, for a negative baseline too. It is only reliable when control's mean is many of its standard errors
 * from 0.
 * Refuses `zero-baseline` (relative, control's mean is 0), `zero-variance` (no variance in either arm), `too-few-units`
 * below 2 in an arm, `invalid-input`; and passes on the refusal of an arm.
 */
export function differenceOf(
  control: Result<Moments>,
  treatment: Result<Moments>,
  scale: Scale,
): Result<Difference> {
  if (isRefusal(control)) return control
  if (isRefusal(treatment)) return treatment
  for (const { n, mean, variance } of [control, treatment]) {
    if (!Number.isFinite(n) || !Number.isFinite(mean) || !Number.isFinite(variance) || variance < 0) {
      return refuse('invalid-input')
    }
    if (n < 2) return refuse('too-few-units')
  }
  if (control.variance === 0 && treatment.variance === 0) return refuse('zero-variance')
  if (scale === 'RELATIVE' && control.mean === 0) return refuse('zero-baseline')
  const unit = scale === 'RELATIVE' ? Math.abs(control.mean) : 1
  const weight = scale === 'RELATIVE' ? (treatment.mean / control.mean) ** 2 : 1
  const squaredError = treatment.variance / treatment.n + (control.variance / control.n) * weight
  const estimate = (treatment.mean - control.mean) / unit
  const standardError = Math.sqrt(squaredError) / unit
  if (!Number.isFinite(estimate) || !Number.isFinite(standardError)) return refuse('invalid-input')
  // A constant treatment with mean 0 has no error on the relative scale, whatever control's variance is.
  return standardError > 0 ? { estimate, standardError } : refuse('zero-variance')
}

/**
 * Interval and p-value by Student's t, or by the normal distribution for infinite degrees of freedom. p < alpha exactly
 * when the interval excludes the null value. Refuses `invalid-input` for an impossible alpha or null value.
 */
export function testDifference(
  difference: Result<Difference>,
  degreesOfFreedom: number,
  test: Test,
): Result<Estimate> {
  if (!isValidTest(test)) return refuse('invalid-input')
  if (isRefusal(difference)) return difference
  const { estimate, standardError } = difference
  const { alternative, alpha, nullValue = 0 } = test
  const statistic = (estimate - nullValue) / standardError
  const width = studentUpperQuantile(alternative === 'TWO_SIDED' ? alpha / 2 : alpha, degreesOfFreedom)
  return {
    ...withInterval(difference, width * standardError, alternative),
    degreesOfFreedom: Number.isFinite(degreesOfFreedom) ? degreesOfFreedom : null,
    pValue: pValueOf(statistic, degreesOfFreedom, alternative),
  }
}

/** The estimate with the interval of a half-width: on both sides, or on the one against which the test guards. */
export function withInterval(
  { estimate, standardError }: Difference,
  halfWidth: number,
  alternative: Alternative,
): Difference & Pick<Estimate, 'lower' | 'upper'> {
  return {
    estimate,
    standardError,
    lower: alternative === 'LESS' ? null : estimate - halfWidth,
    upper: alternative === 'GREATER' ? null : estimate + halfWidth,
  }
}

function pValueOf(statistic: number, degreesOfFreedom: number, alternative: Alternative): number {
  if (alternative === 'GREATER') return studentTail(statistic, degreesOfFreedom)
  if (alternative === 'LESS') return studentTail(-statistic, degreesOfFreedom)
  return Math.min(1, 2 * studentTail(Math.abs(statistic), degreesOfFreedom))
}
