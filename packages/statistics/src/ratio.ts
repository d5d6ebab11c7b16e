import { type CrossSums, exactCross, type Moments, quotient } from './moments.ts'
import { isRefusal, type Result, refuse } from './result.ts'

/**
 * A ratio of means, such as clicks per slate, whose unit of analysis is still the unit of assignment. Returns the ratio
 * R = Sy / Sx and the variance of one linearized unit (y - R x) / mean(x), ready for `welch`. By the delta method
 * (Deng, Knoblich and Lu 2018, section 2): the variance is (Vy - 2 R Cov + R^2 Vx) / mean(x)^2. Because sum(y - R x) is 0,
 * it equals n^2 (Sx^2 Syy - 2 Sx Sy Sxy + Sy^2 Sxx) / ((n - 1) Sx^4), which is computed without rounding.
 * Refuses `zero-denominator` when the denominators sum to 0, and as `momentsOf` does.
 * @param sums `first` is the numerator y, `second` the denominator x
 */
export function ratioMoments(sums: CrossSums): Result<Moments> {
  const cross = exactCross(sums)
  if (isRefusal(cross)) return cross
  const { n, first: y, second: x, sumProducts } = cross
  if (x.sum === 0n) return refuse('zero-denominator')
  const residual = x.sum ** 2n * y.sumSquares - 2n * x.sum * y.sum * sumProducts + y.sum ** 2n * x.sumSquares
  const mean = quotient(y.sum * x.scale, x.sum * y.scale)
  const variance = quotient(n ** 2n * residual * x.scale ** 2n, (n - 1n) * x.sum ** 4n * y.scale ** 2n)
  if (!Number.isFinite(mean) || !Number.isFinite(variance)) return refuse('invalid-input')
  return { n: Number(n), mean, variance }
}
