import type { Cuped } from './cuped.ts'
import {
  type ColumnSums,
  type CrossSums,
  exactCross,
  type Integer,
  type Moments,
  quotient,
} from './moments.ts'
import { ratioMoments } from './ratio.ts'
import { isRefusal, type Result, refuse } from './result.ts'

/** A ratio metric with the same ratio from before the exposure. All sums count in the same steps. */
export type RatioCupedSums = {
  readonly n: Integer
  readonly numerator: ColumnSums
  readonly denominator: ColumnSums
  readonly numeratorBefore: ColumnSums
  readonly denominatorBefore: ColumnSums
  /** Sums of products, named by their two factors. */
  readonly products: {
    readonly numeratorDenominator: Integer
    readonly numeratorNumeratorBefore: Integer
    readonly numeratorDenominatorBefore: Integer
    readonly denominatorNumeratorBefore: Integer
    readonly denominatorDenominatorBefore: Integer
    readonly numeratorBeforeDenominatorBefore: Integer
  }
}

/** Below this share of the metric's variance the remainder is rounding error. */
const ROUNDING = 1e-12

/**
 * CUPED for a ratio of means (Deng, Xu, Kohavi and Walker 2013, appendix B, with the delta method). With y / d the metric's
 * ratio R of an arm and x / c the ratio Q of the time before, a unit's linearized values are (y - R d) / mean(d) and
 * (x - Q c) / mean(c). theta is the slope of the first on the second, pooled over all arms as in `cuped`; the ratio becomes
 * R - theta (Q - Q of all arms together), with the variance of the linearized difference.
 *
 * Refuses `zero-denominator` where the denominators of an arm sum to 0, before the exposure or after, and as `ratioMoments`
 * does.
 */
export function ratioCuped(arms: readonly RatioCupedSums[]): Result<Cuped> {
  const linearized: Linearized[] = []
  for (const sums of arms) {
    const arm = linearize(sums)
    if (isRefusal(arm)) return arm
    linearized.push(arm)
  }
  if (linearized.length === 0) return refuse('invalid-input')
  const total = (value: (arm: Linearized) => number) => linearized.reduce((sum, arm) => sum + value(arm), 0)
  const product = total(({ after, covariance }) => (after.n - 1) * covariance)
  const squares = total(({ before }) => (before.n - 1) * before.variance)
  const metricSquares = total(({ after }) => (after.n - 1) * after.variance)
  const theta = squares > 0 ? product / squares : 0
  const isVarying = squares > 0 && metricSquares > 0
  const correlation = isVarying ? product / Math.sqrt(squares) / Math.sqrt(metricSquares) : null
  const together = total(({ before, weight }) => before.mean * weight) / total(({ weight }) => weight)
  const adjusted = linearized.map(({ after, before, covariance }): Moments => {
    const variance = after.variance - 2 * theta * covariance + theta ** 2 * before.variance
    return {
      n: after.n,
      mean: after.mean - theta * (before.mean - together),
      variance: variance > ROUNDING * after.variance ? variance : 0,
    }
  })
  const numbers = [theta, ...adjusted.flatMap(({ mean, variance }) => [mean, variance])]
  if (!numbers.every(Number.isFinite)) return refuse('invalid-input')
  return { theta, correlation: correlation && Math.max(-1, Math.min(1, correlation)), arms: adjusted }
}

type Linearized = {
  readonly after: Moments
  readonly before: Moments
  /** Of the linearized values. */
  readonly covariance: number
  /** Sum of the denominators before: ratios of arms are averaged by it. */
  readonly weight: number
}

function linearize(sums: RatioCupedSums): Result<Linearized> {
  const { n, numerator: y, denominator: d, numeratorBefore: x, denominatorBefore: c, products } = sums
  const after = pair(n, y, d, products.numeratorDenominator)
  const before = pair(n, x, c, products.numeratorBeforeDenominatorBefore)
  const metric = ratioMoments(after)
  if (isRefusal(metric)) return metric
  const history = ratioMoments(before)
  if (isRefusal(history)) return history
  const crosses = [
    exactCross(pair(n, y, x, products.numeratorNumeratorBefore)),
    exactCross(pair(n, y, c, products.numeratorDenominatorBefore)),
    exactCross(pair(n, d, x, products.denominatorNumeratorBefore)),
    exactCross(pair(n, d, c, products.denominatorDenominatorBefore)),
  ]
  const [yx, yc, dx, dc] = crosses
  for (const cross of crosses) if (isRefusal(cross)) return cross
  if (!isExact(yx) || !isExact(yc) || !isExact(dx) || !isExact(dc)) return refuse('invalid-input')
  const units = yx.n
  const [sy, sd, sx, sc] = [yx.first.sum, dx.first.sum, yx.second.sum, yc.second.sum]
  // Times Sd Sc, the sum over units of (y - R d) (x - Q c), whose factors both sum to 0: exact until the division.
  const residual =
    sd * sc * yx.sumProducts - sd * sx * yc.sumProducts - sy * sc * dx.sumProducts + sy * sx * dc.sumProducts
  const scales = yx.first.scale * yx.second.scale
  const covariance = quotient(
    units ** 2n * residual * dx.first.scale * yc.second.scale,
    (units - 1n) * sd ** 2n * sc ** 2n * scales,
  )
  const weight = quotient(sc, yc.second.scale)
  return Number.isFinite(covariance)
    ? { after: metric, before: history, covariance, weight }
    : refuse('invalid-input')
}

function pair(n: Integer, first: ColumnSums, second: ColumnSums, sumProducts: Integer): CrossSums {
  return { n, first, second, sumProducts }
}

function isExact<T>(cross: T | undefined): cross is Exclude<T, { readonly refused: unknown } | undefined> {
  return cross !== undefined && !isRefusal(cross)
}
