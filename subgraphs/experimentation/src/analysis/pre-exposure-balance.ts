import { type Moments, momentsOf } from '@bulkhead/statistics/moments'
import { isRefusal, type Result } from '@bulkhead/statistics/result'
import type { Variant } from '../domain/experiment.ts'
import type { Sums } from '../read-model/port.ts'
import { pValuesAgainstControl } from './against-control.ts'
import type { HealthCheck } from './health-check.ts'
import { sumsOf } from './populations.ts'

type Balance = {
  readonly metricKey: string
  readonly pValue: number
  readonly means: readonly number[]
  readonly together: number
}

/**
 * What units did before their first exposure cannot depend on the variant, so a difference says that the variants have
 * other units. Of every metric with a covariate (a ratio's is its numerator), each treatment against the control;
 * Bonferroni over all of them. Shown is the metric that differs most.
 */
export function preExposureBalance(
  sums: Sums,
  variants: readonly Pick<Variant, 'key' | 'isControl'>[],
  metricKeys: readonly string[],
  alpha: number,
): HealthCheck {
  const kind = 'PRE_EXPOSURE_BALANCE'
  const treatments = variants.filter(({ isControl }) => !isControl)
  const tests = Math.max(1, metricKeys.length * treatments.length)
  const [worst] = metricKeys
    .flatMap((metricKey) => balanceOf(sums, variants, metricKey, alpha / tests))
    .sort((a, b) => a.pValue - b.pValue)
  if (worst === undefined) {
    const detail = 'no units, or none did anything before its first exposure'
    return { kind, passed: true, pValue: null, observed: [], expected: [], detail }
  }
  const pValue = Math.min(1, worst.pValue * tests)
  return {
    kind,
    passed: pValue >= alpha,
    pValue,
    observed: worst.means,
    expected: variants.map(() => worst.together),
    detail: `${worst.metricKey} before the first exposure differs most, of ${metricKeys.length} metrics`,
  }
}

/** The smallest p-value of a metric's covariate; empty where no treatment can be compared. */
function balanceOf(
  sums: Sums,
  variants: readonly Pick<Variant, 'key' | 'isControl'>[],
  metricKey: string,
  alpha: number,
): readonly Balance[] {
  const { means } = sumsOf(sums, metricKey, 'ALL')
  const arms = variants.map(({ key, isControl }) => {
    const own = means.find(({ variantKey }) => variantKey === key)
    const covariate = own?.covariate ?? null
    const moments: Result<Moments> =
      own === undefined || covariate === null
        ? { refused: 'too-few-units' }
        : momentsOf({ n: own.n, sum: covariate.sum, sumSquares: covariate.sumSquares })
    return { isControl, moments }
  })
  const pValues = pValuesAgainstControl(arms, alpha)
  if (pValues.length === 0) return []
  const known = arms.map(({ moments }) => (isRefusal(moments) ? { n: 0, mean: 0 } : moments))
  const units = known.reduce((sum, { n }) => sum + n, 0)
  return [
    {
      metricKey,
      pValue: Math.min(...pValues),
      means: known.map(({ mean }) => mean),
      together: known.reduce((sum, { n, mean }) => sum + n * mean, 0) / units,
    },
  ]
}
