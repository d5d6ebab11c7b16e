import { differenceOf, type Estimate, type Test, testDifference } from './comparison.ts'
import type { Moments } from './moments.ts'
import { isRefusal, type Result } from './result.ts'

/**
 * Welch's test of two means with unequal variances. The degrees of freedom are those of the absolute scale on both
 * scales, as in GrowthBook's engine. Takes what `momentsOf`, `ratioMoments`, `proportionMoments` and `cuped` return and
 * passes on their refusals; the others are those of `differenceOf` and `testDifference`.
 */
export function welch(control: Result<Moments>, treatment: Result<Moments>, test: Test): Result<Estimate> {
  if (isRefusal(control)) return control
  if (isRefusal(treatment)) return treatment
  const difference = differenceOf(control, treatment, test.scale)
  return testDifference(difference, welchDegreesOfFreedom(control, treatment), test)
}

/**
 * Welch-Satterthwaite: (Vc + Vt)^2 / (Vc^2 / (nc - 1) + Vt^2 / (nt - 1)), with V = variance / n (Welch 1947). Written
 * with the arms' shares of Vc + Vt, so that the square of a tiny variance does not become 0.
 */
function welchDegreesOfFreedom(control: Moments, treatment: Moments): number {
  const controlError = control.variance / control.n
  const treatmentError = treatment.variance / treatment.n
  const controlShare = controlError / (controlError + treatmentError)
  const treatmentShare = treatmentError / (controlError + treatmentError)
  return 1 / (controlShare ** 2 / (control.n - 1) + treatmentShare ** 2 / (treatment.n - 1))
}
