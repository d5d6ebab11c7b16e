import { differenceOf, type Estimate, isValidTest, type Test, withInterval } from './comparison.ts'
import type { Moments } from './moments.ts'
import { isRefusal, type Result, refuse } from './result.ts'

export type AlwaysValidTest = Test & {
  /** N*: the number of units in both arms at which the interval is meant to be tightest. At least 1. */
  readonly tuning: number
  /** Fewest units that each arm needs before there is an answer, at least 2. The guarantee is for large samples. */
  readonly firstLook: number
}

/**
 * Asymptotic confidence sequence (Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas, arXiv 2103.06476): one may look after
 * every unit and stop at will, and the interval still holds at all looks together with probability 1 - alpha.
 *
 * With n the units of both arms, se the standard error of the difference and
 * rho^2 = (-2 ln alpha + ln(1 - 2 ln alpha)) / N*, the half-width is
 * two-sided (theorem 2.2): se sqrt(2 (n rho^2 + 1) / (n rho^2) ln(sqrt(n rho^2 + 1) / alpha)),
 * one-sided (appendix B): se sqrt(2 (n rho^2 + 1) / (n rho^2) ln(1 + sqrt(n rho^2 + 1) / (2 alpha))).
 *
 * The p-value is the smallest level whose interval excludes the null value with rho held, so that p < alpha exactly when
 * this interval does. It is valid at any time, and so is the smallest one of all looks.
 * The degrees of freedom are null. Refuses `before-first-look` and as `differenceOf` and `testDifference` do.
 */
export function confidenceSequence(
  control: Result<Moments>,
  treatment: Result<Moments>,
  test: AlwaysValidTest,
): Result<Estimate> {
  const { alternative, alpha, nullValue = 0, tuning, firstLook } = test
  if (!isValidTest(test) || !(tuning >= 1) || !Number.isFinite(tuning) || !(firstLook >= 2)) {
    return refuse('invalid-input')
  }
  if (isRefusal(control)) return control
  if (isRefusal(treatment)) return treatment
  if (control.n < firstLook || treatment.n < firstLook) return refuse('before-first-look')
  const difference = differenceOf(control, treatment, test.scale)
  if (isRefusal(difference)) return difference
  const information = (control.n + treatment.n) * rhoSquared(alpha, tuning)
  const isTwoSided = alternative === 'TWO_SIDED'
  const width = isTwoSided ? twoSidedWidth(information, alpha) : oneSidedWidth(information, alpha)
  const statistic = (difference.estimate - nullValue) / difference.standardError
  const towards = alternative === 'LESS' ? -statistic : statistic
  return {
    ...withInterval(difference, width * difference.standardError, alternative),
    degreesOfFreedom: null,
    pValue: isTwoSided ? twoSidedPValue(information, statistic) : oneSidedPValue(information, towards),
  }
}

/**
 * The bound that the z-statistic has to pass at each look, one for each number of units of both arms: the half-width
 * above in standard errors. For planning; see `sequential-power.ts`.
 * Refuses `invalid-input`, `looks-not-increasing`.
 */
export function alwaysValidBounds(
  units: readonly number[],
  { alternative, alpha, tuning }: Pick<AlwaysValidTest, 'alternative' | 'alpha' | 'tuning'>,
): Result<readonly number[]> {
  const isValid = isValidTest({ scale: 'ABSOLUTE', alternative, alpha }) && tuning >= 1
  if (!isValid || !units.every((n) => n >= 1 && Number.isFinite(n))) return refuse('invalid-input')
  if (units.some((n, index) => n <= (units[index - 1] ?? 0))) return refuse('looks-not-increasing')
  const width = alternative === 'TWO_SIDED' ? twoSidedWidth : oneSidedWidth
  return units.map((n) => width(n * rhoSquared(alpha, tuning), alpha))
}

function rhoSquared(alpha: number, tuning: number): number {
  return (-2 * Math.log(alpha) + Math.log(1 - 2 * Math.log(alpha))) / tuning
}

/** Half-width in standard errors; `information` is n rho^2. */
function twoSidedWidth(information: number, alpha: number): number {
  return Math.sqrt(2 * (1 + 1 / information) * Math.log(Math.sqrt(information + 1) / alpha))
}

function oneSidedWidth(information: number, alpha: number): number {
  return Math.sqrt(2 * (1 + 1 / information) * Math.log1p(Math.sqrt(information + 1) / (2 * alpha)))
}

/** twoSidedWidth solved for alpha: sqrt(n rho^2 + 1) exp(-z^2 / (2 (1 + 1 / (n rho^2)))). */
function twoSidedPValue(information: number, statistic: number): number {
  return Math.min(1, Math.sqrt(information + 1) * Math.exp(-exponent(information, statistic)))
}

/** oneSidedWidth solved for alpha; 1 where the estimate is on the side of the null hypothesis. */
function oneSidedPValue(information: number, statistic: number): number {
  if (statistic <= 0) return 1
  return Math.min(1, Math.sqrt(information + 1) / (2 * Math.expm1(exponent(information, statistic))))
}

function exponent(information: number, statistic: number): number {
  return statistic ** 2 / (2 * (1 + 1 / information))
}
