/**
 * The distribution functions of the package, and the only file that imports stdlib. Probabilities are upper tails and
 * are computed as such, so a p-value of 1e-30 is as accurate as one of 0.3: no function here subtracts from 1.
 * Compared with scipy 1.17.1 in distributions.test.ts.
 */
import erfcinv from '@stdlib/math-base-special-erfcinv'
import gammainc from '@stdlib/math-base-special-gammainc'
import gammaln from '@stdlib/math-base-special-gammaln'
import binomial from '@stdlib/stats-base-dists-binomial-cdf'
import normal from '@stdlib/stats-base-dists-normal-cdf'
import student from '@stdlib/stats-base-dists-t-cdf'
import studentQuantile from '@stdlib/stats-base-dists-t-quantile'

/** P(Z > z) of a standard normal Z. */
export function normalTail(z: number): number {
  return normal(-z, 0, 1)
}

/**
 * The z with P(Z > z) = tail, for a tail in (0, 1). By the inverse of erfc, because stdlib's own normal quantile goes
 * through 2p - 1: it has lost 8 digits at p = 1e-10 and answers -Infinity at 1e-20.
 */
export function normalUpperQuantile(tail: number): number {
  return Math.SQRT2 * erfcinv(2 * tail)
}

/** Density of a standard normal at z. */
export function normalDensity(z: number): number {
  return Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)
}

/** P(T > t) of Student's t. Infinite degrees of freedom are the normal distribution. */
export function studentTail(t: number, degreesOfFreedom: number): number {
  return degreesOfFreedom === Infinity ? normalTail(t) : student(-t, degreesOfFreedom)
}

/** The t with P(T > t) = tail, for a tail in (0, 1). Infinite degrees of freedom are the normal distribution. */
export function studentUpperQuantile(tail: number, degreesOfFreedom: number): number {
  return degreesOfFreedom === Infinity ? normalUpperQuantile(tail) : -studentQuantile(tail, degreesOfFreedom)
}

/** P(X > x) of a chi-square X: the regularized upper incomplete gamma function Q(k/2, x/2). */
export function chiSquareTail(x: number, degreesOfFreedom: number): number {
  return gammainc(x / 2, degreesOfFreedom / 2, true, true)
}

/** P(X <= successes) of a binomial X. For an upper tail count failures: P(X >= k) is binomialCdf(n - k, n, 1 - p). */
export function binomialCdf(successes: number, trials: number, probability: number): number {
  return binomial(successes, trials, probability)
}

/** ln Gamma(x) for x > 0. */
export function logGamma(x: number): number {
  return gammaln(x)
}
