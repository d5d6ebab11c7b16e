import { adjustArms, type Cuped, type UnadjustedArm } from './cuped.ts'
import { type ColumnSums, type CrossSums, exactCross, type Integer, quotient } from './moments.ts'
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
  const linearized: UnadjustedArm[] = []
  for (const sums of arms) {
    const arm = linearize(sums)
    if (isRefusal(arm)) return arm
    linearized.push(arm)
  }
  return adjustArms(linearized)
}

/** Ratios of arms are averaged by the sums of their denominators. */
function linearize(sums: RatioCupedSums): Result<UnadjustedArm> {
  const { n, numerator: y, denominator: d, numeratorBefore: x, denominatorBefore: c, products } = sums
  const after = pair(n, y, d, products.numeratorDenominator)
  const before = pair(n, x, c, products.numeratorBeforeDenominatorBefore)
  const metric = ratioMoments(after)
  if (isRefusal(metric)) return metric
  const covariate = ratioMoments(before)
  if (isRefusal(covariate)) return covariate
  const yx = exactCross(pair(n, y, x, products.numeratorNumeratorBefore))
  if (isRefusal(yx)) return yx
  const yc = exactCross(pair(n, y, c, products.numeratorDenominatorBefore))
  if (isRefusal(yc)) return yc
  const dx = exactCross(pair(n, d, x, products.denominatorNumeratorBefore))
  if (isRefusal(dx)) return dx
  const dc = exactCross(pair(n, d, c, products.denominatorDenominatorBefore))
  if (isRefusal(dc)) return dc
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
  return Number.isFinite(covariance) ? { metric, covariate, covariance, weight } : refuse('invalid-input')
}

function pair(n: Integer, first: ColumnSums, second: ColumnSums, sumProducts: Integer): CrossSums {
  return { n, first, second, sumProducts }
}
