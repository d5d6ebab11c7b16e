import { type CrossMoments, type CrossSums, crossMomentsOf, type Moments } from './moments.ts'
import { isRefusal, type Result, refuse } from './result.ts'

export type Cuped = {
  /** What is subtracted from the metric for each unit of the covariate. */
  readonly theta: number
  /** Of metric and covariate within the arms, in [-1, 1]; null if either does not vary. */
  readonly correlation: number | null
  /** The adjusted arms in the order given, ready for `welch`. */
  readonly arms: readonly Moments[]
}

/** Below this share of the metric's variance the remainder is rounding error. */
const ROUNDING = 1e-12

/**
 * CUPED (Deng, Xu, Kohavi and Walker 2013): each unit's metric y becomes y - theta (x - mean of x over all arms), where
 * x is the same metric, or another, before the exposure. The variance falls by the factor 1 - correlation^2.
 *
 * theta is pooled over all arms: the sum of the arms' centred products divided by the sum of their centred squares, so
 * differences between the arms do not enter it. It is the slope of ANCOVA with one intercept an arm. That theta is
 * estimated from the same units is ignored; its effect on the variance is of order 1 / n.
 *
 * A unit without history counts with a covariate of 0, like one that had history and did nothing. An indicator of
 * missing history as a second covariate is out of scope. Treatment cannot change who has history before it, so this
 * biases nothing; it only removes less variance.
 *
 * Without any variance in the covariate theta is 0 and the arms stay as they are.
 * Refuses as `momentsOf` does, and `invalid-input` without arms.
 * @param arms all arms of the experiment, control among them; `first` is the metric, `second` the covariate
 */
export function cuped(arms: readonly CrossSums[]): Result<Cuped> {
  const moments: CrossMoments[] = []
  for (const sums of arms) {
    const arm = crossMomentsOf(sums)
    if (isRefusal(arm)) return arm
    moments.push(arm)
  }
  return adjustArms(
    moments.map(({ n, first, second, covariance }) => ({
      metric: { n, ...first },
      covariate: { n, ...second },
      covariance,
      weight: n,
    })),
  )
}

/** An arm before it is adjusted. */
export type UnadjustedArm = {
  readonly metric: Moments
  readonly covariate: Moments
  readonly covariance: number
  /** Of the arm's covariate in the mean over all arms. */
  readonly weight: number
}

/** Adjusts the arms by one theta, pooled over all. Refuses `invalid-input` without arms, or where a number is not finite. */
export function adjustArms(arms: readonly UnadjustedArm[]): Result<Cuped> {
  if (arms.length === 0) return refuse('invalid-input')
  const total = (value: (arm: UnadjustedArm) => number) => arms.reduce((sum, arm) => sum + value(arm), 0)
  const product = total(({ metric, covariance }) => (metric.n - 1) * covariance)
  const metricSquares = total(({ metric }) => (metric.n - 1) * metric.variance)
  const covariateSquares = total(({ covariate }) => (covariate.n - 1) * covariate.variance)
  const covariateMean =
    total(({ covariate, weight }) => covariate.mean * weight) / total(({ weight }) => weight)
  const theta = covariateSquares > 0 ? product / covariateSquares : 0
  const varies = covariateSquares > 0 && metricSquares > 0
  const correlation = varies ? product / Math.sqrt(covariateSquares) / Math.sqrt(metricSquares) : null
  const adjusted = arms.map((arm) => adjust(arm, theta, covariateMean))
  const areFinite = [theta, ...adjusted.flatMap(({ mean, variance }) => [mean, variance])].every(
    Number.isFinite,
  )
  if (!areFinite) return refuse('invalid-input')
  return { theta, correlation: correlation && Math.max(-1, Math.min(1, correlation)), arms: adjusted }
}

function adjust(
  { metric, covariate, covariance }: UnadjustedArm,
  theta: number,
  covariateMean: number,
): Moments {
  const variance = metric.variance - 2 * theta * covariance + theta ** 2 * covariate.variance
  return {
    n: metric.n,
    mean: metric.mean - theta * (covariate.mean - covariateMean),
    variance: variance > ROUNDING * metric.variance ? variance : 0,
  }
}
