import { isValidTest, type Test } from './comparison.ts'
import { normalDensity, normalTail, normalUpperQuantile, studentUpperQuantile } from './distributions.ts'
import { noncentralTail } from './noncentral-t.ts'
import { type Result, refuse } from './result.ts'

/** What is known of a metric before the experiment, and how it will be tested. */
export type PowerPlan = {
  readonly test: Test
  /** Of one unit of control. */
  readonly baseline: { readonly mean: number; readonly variance: number }
  /** Of one unit of the treatment, where it is known to differ: of a proportion p it is p (1 - p). Control's if absent. */
  readonly treatmentVariance?: number
  /** Squared correlation with the CUPED covariate, in [0, 1): the variance is multiplied by 1 - this. 0 if absent. */
  readonly rhoSquared?: number
  /**
   * Relative scale only: where the standard error is taken. AT_EFFECT, if absent, is how GrowthBook computes power. But
   * `welch` takes it at the effect that it observes, which where it just rejects is less than the effect: AS_TESTED is the
   * power of that test, and higher for gains, by several points at 30 %.
   */
  readonly relativeError?: 'AT_EFFECT' | 'AS_TESTED'
}

export type TwoArms = { readonly controlUnits: number; readonly treatmentUnits: number }

export type SampleSize = {
  readonly total: number
  /** Units of each arm in the order of the allocation. */
  readonly arms: readonly number[]
}

/** More units than this are no plan. */
const MOST_UNITS = 2 ** 50
/** Each halves the distance, so an effect is known to 1e-15 of its size. */
const HALVINGS = 60
/** Of the integral over control's mean: its standard errors on each side, and the nodes. */
const REACH = 7
const HALF_NODES = 40

/**
 * The power of the two-sample t-test with nc + nt - 2 degrees of freedom: the chance that a noncentral t with
 * shift (effect - null value) / standard error passes the critical value. A two-sided test counts both directions.
 * On the relative scale the standard error is that of the delta method at the effect,
 * sqrt(Vt / nt + Vc (1 + effect)^2 / nc) divided by the size of the mean. Several treatments: one call each, with alpha from `ruleAlphas`.
 * Refuses `too-few-units` below 2 an arm, `zero-variance`, `zero-baseline` (relative), `invalid-input`.
 * @param effect on the scale of the test
 */
export function powerOf(plan: PowerPlan, arms: TwoArms, effect: number): Result<number> {
  const problem = problemWith(plan, arms)
  if (problem !== undefined) return problem
  return Number.isFinite(effect) ? powerAt(plan, arms, effect) : refuse('invalid-input')
}

/**
 * The effect nearest to the null value that is found with a given power: above the null value, or below it for LESS.
 * Refuses as `powerOf` does, and `out-of-reach` where no effect has that power: relative errors grow with the effect.
 * @param power in (alpha, 1)
 */
export function minimumDetectableEffect(plan: PowerPlan, arms: TwoArms, power: number): Result<number> {
  const problem = problemWith(plan, arms)
  if (problem !== undefined) return problem
  if (!(power > plan.test.alpha && power < 1)) return refuse('invalid-input')
  const { alternative, nullValue = 0 } = plan.test
  const direction = alternative === 'LESS' ? -1 : 1
  const reaches = (distance: number) => powerAt(plan, arms, nullValue + direction * distance) >= power
  let high = standardError(plan, arms, nullValue)
  for (let doubling = 0; !reaches(high); doubling++) {
    if (doubling >= HALVINGS) return refuse('out-of-reach')
    high *= 2
  }
  let low = 0
  for (let halving = 0; halving < HALVINGS; halving++) {
    const middle = (low + high) / 2
    if (reaches(middle)) high = middle
    else low = middle
  }
  return nullValue + direction * high
}

/**
 * The fewest units with which every treatment's comparison with control has a given power.
 * Refuses as `powerOf` does, `out-of-reach` where the effect is on the wrong side of the null value or 2^50 units are too
 * few, `invalid-input` for an allocation without at least two positive shares.
 * @param allocation shares of the arms in any unit, control first
 * @param effect on the scale of the test, the same for each treatment
 * @param power in (alpha, 1)
 */
export function sampleSize(
  plan: PowerPlan,
  allocation: readonly number[],
  effect: number,
  power: number,
): Result<SampleSize> {
  const problem = problemWithSize(plan, allocation, effect)
  if (problem !== undefined) return problem
  if (!(power > plan.test.alpha && power < 1)) return refuse('invalid-input')
  return fewestUnits(allocation, (arms) => powerAt(plan, arms, effect) >= power)
}

/**
 * The fewest units with which (effect - null value) / standard error is at least a given drift for every treatment: for
 * tests whose power is a function of that, as those with several looks are (`driftFor` of `sequential-power.ts`).
 * Refuses as `sampleSize` does.
 * @param drift above 0, whatever the direction of the test
 * @param critical where the test rejects, for AS_TESTED; with several looks the bound of the last one
 */
export function sampleSizeForDrift(
  plan: PowerPlan,
  allocation: readonly number[],
  effect: number,
  drift: number,
  critical: number,
): Result<SampleSize> {
  const problem = problemWithSize(plan, allocation, effect)
  if (problem !== undefined) return problem
  if (!(drift > 0 && Number.isFinite(drift) && critical > 0)) return refuse('invalid-input')
  const direction = effect > (plan.test.nullValue ?? 0) ? 1 : -1
  return fewestUnits(allocation, (arms) => shiftOf(plan, arms, effect, critical, direction) >= drift)
}

function problemWithSize(plan: PowerPlan, allocation: readonly number[], effect: number) {
  const problem = problemWith(plan, { controlUnits: 2, treatmentUnits: 2 })
  if (problem !== undefined) return problem
  const isAllocation =
    allocation.length >= 2 && allocation.every((share) => share > 0) && Number.isFinite(total(allocation))
  if (!isAllocation || !Number.isFinite(effect)) return refuse('invalid-input')
  const { alternative, nullValue = 0 } = plan.test
  const distance = effect - nullValue
  const isWrongSide =
    alternative === 'GREATER' ? distance <= 0 : alternative === 'LESS' ? distance >= 0 : distance === 0
  return isWrongSide ? refuse('out-of-reach') : undefined
}

/** @param suffices true from some number of units on */
function fewestUnits(
  allocation: readonly number[],
  suffices: (arms: TwoArms) => boolean,
): Result<SampleSize> {
  const shares = total(allocation)
  const armsOf = (units: number) => allocation.map((share) => Math.floor((units * share) / shares + 1e-9))
  const isEnough = (units: number) => {
    const [controlUnits = 0, ...treatments] = armsOf(units)
    const treatmentUnits = Math.min(...treatments)
    return controlUnits >= 2 && treatmentUnits >= 2 && suffices({ controlUnits, treatmentUnits })
  }
  let high = 4
  while (!isEnough(high)) {
    if (high >= MOST_UNITS) return refuse('out-of-reach')
    high *= 2
  }
  let low = high / 2
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (isEnough(middle)) high = middle
    else low = middle
  }
  return { total: high, arms: armsOf(high) }
}

function total(shares: readonly number[]): number {
  return shares.reduce((sum, share) => sum + share, 0)
}

function problemWith(
  { test, baseline, treatmentVariance = baseline.variance, rhoSquared = 0 }: PowerPlan,
  { controlUnits, treatmentUnits }: TwoArms,
) {
  const { mean, variance } = baseline
  const areNumbers = [mean, variance, treatmentVariance].every(Number.isFinite)
  const areUnits = Number.isSafeInteger(controlUnits) && Number.isSafeInteger(treatmentUnits)
  const areVariances = variance >= 0 && treatmentVariance >= 0
  if (
    !isValidTest(test) ||
    !areNumbers ||
    !areVariances ||
    !areUnits ||
    !(rhoSquared >= 0 && rhoSquared < 1)
  ) {
    return refuse('invalid-input')
  }
  if (controlUnits < 2 || treatmentUnits < 2) return refuse('too-few-units')
  if (variance === 0 && treatmentVariance === 0) return refuse('zero-variance')
  return test.scale === 'RELATIVE' && mean === 0 ? refuse('zero-baseline') : undefined
}

function powerAt(plan: PowerPlan, arms: TwoArms, effect: number): number {
  const { alternative, alpha } = plan.test
  const degreesOfFreedom = arms.controlUnits + arms.treatmentUnits - 2
  const critical = studentUpperQuantile(alternative === 'TWO_SIDED' ? alpha / 2 : alpha, degreesOfFreedom)
  const chance = (direction: 1 | -1) =>
    noncentralTail(critical, degreesOfFreedom, shiftOf(plan, arms, effect, critical, direction))
  if (alternative === 'GREATER') return chance(1)
  return alternative === 'LESS' ? chance(-1) : chance(1) + chance(-1)
}

/** By how much the statistic is shifted in a direction: the chance to reject in it is that of passing `critical`. */
function shiftOf(
  plan: PowerPlan,
  arms: TwoArms,
  effect: number,
  critical: number,
  direction: 1 | -1,
): number {
  const { scale, nullValue = 0 } = plan.test
  if (scale === 'ABSOLUTE' || plan.relativeError !== 'AS_TESTED') {
    return (direction * (effect - nullValue)) / standardError(plan, arms, effect)
  }
  const chance = Math.min(1 - Number.EPSILON, chanceAsTested(plan, arms, effect, critical, direction))
  return chance > 0 ? critical - normalUpperQuantile(chance) : -Infinity
}

/**
 * The chance that the relative statistic passes `critical`, for normal means of known variance. Given control's mean c, with
 * a = (1 + null value) c, it does so where (t - a)^2 > critical^2 (Vt + Vc t^2 / c^2): beyond a root of a quadratic equation
 * in the treatment's mean t. Simpson's rule over c; where c cannot be told from 0, nothing is found.
 */
function chanceAsTested(
  { test, baseline, treatmentVariance = baseline.variance, rhoSquared = 0 }: PowerPlan,
  { controlUnits, treatmentUnits }: TwoArms,
  effect: number,
  critical: number,
  direction: 1 | -1,
): number {
  // A negative mean is mirrored: what raises its size lowers it.
  const sign = baseline.mean < 0 ? -1 : 1
  const mean = Math.abs(baseline.mean)
  const towards = sign * direction
  const control = ((1 - rhoSquared) * baseline.variance) / controlUnits
  const treatment = ((1 - rhoSquared) * treatmentVariance) / treatmentUnits
  const expected = mean * (1 + sign * effect)
  const chanceGiven = (c: number) => {
    const square = 1 - (critical ** 2 * control) / c ** 2
    if (c <= 0 || square <= 0) return 0
    const a = (1 + sign * (test.nullValue ?? 0)) * c
    const root = Math.sqrt(a ** 2 - square * (a ** 2 - critical ** 2 * treatment))
    const edge = (a + towards * root) / square
    const distance = towards * (edge - expected)
    return treatment > 0 ? normalTail(distance / Math.sqrt(treatment)) : Number(distance < 0)
  }
  let sum = 0
  for (let node = 0; node <= 2 * HALF_NODES; node++) {
    const z = (REACH * (node - HALF_NODES)) / HALF_NODES
    const weight = node === 0 || node === 2 * HALF_NODES ? 1 : node % 2 === 1 ? 4 : 2
    sum += weight * normalDensity(z) * chanceGiven(mean + z * Math.sqrt(control))
  }
  return (sum * REACH) / HALF_NODES / 3
}

function standardError(
  { test, baseline, treatmentVariance = baseline.variance, rhoSquared = 0 }: PowerPlan,
  { controlUnits, treatmentUnits }: TwoArms,
  effect: number,
): number {
  const left = 1 - rhoSquared
  const control = (left * baseline.variance) / controlUnits
  const treatment = (left * treatmentVariance) / treatmentUnits
  if (test.scale === 'ABSOLUTE') return Math.sqrt(control + treatment)
  // The effect is relative to the size of the mean, so a negative mean of -10 goes to -9.5 at 0.05.
  const ratio = 1 + Math.sign(baseline.mean) * effect
  return Math.sqrt(control * ratio ** 2 + treatment) / Math.abs(baseline.mean)
}
