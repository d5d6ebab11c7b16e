import { confidenceSequence } from '@bulkhead/statistics/always-valid'
import { proportionMoments } from '@bulkhead/statistics/proportion'
import { isRefusal } from '@bulkhead/statistics/result'
import type { Variant } from '../domain/experiment.ts'
import type { Sums } from '../read-model/port.ts'
import { DEFAULT_TUNING, FIRST_LOOK } from './compare-arms.ts'
import type { HealthCheck } from './health-check.ts'

/**
 * Degraded slates stay in, so each treatment must have the control's share of them. By confidence sequences, because the
 * check is looked at every day.
 */
export function unequalDegradation(
  { units: counts }: Sums,
  variants: readonly Pick<Variant, 'key' | 'isControl'>[],
  alpha: number,
): HealthCheck {
  const arms = variants.map(({ key, isControl }) => ({
    isControl,
    ...countsOf(counts, key),
  }))
  const total = arms.reduce((sum, arm) => sum + arm.degraded, 0)
  const all = arms.reduce((sum, arm) => sum + arm.units, 0)
  const [control] = arms.filter(({ isControl }) => isControl)
  const treatments = arms.filter(({ isControl }) => !isControl)
  const pValues = treatments.flatMap((treatment) => {
    const test = confidenceSequence(shareOf(control), shareOf(treatment), {
      ...{ scale: 'ABSOLUTE', alternative: 'TWO_SIDED', tuning: DEFAULT_TUNING, firstLook: FIRST_LOOK },
      alpha: alpha / treatments.length,
    })
    return isRefusal(test) ? [] : [Math.min(1, test.pValue * treatments.length)]
  })
  const pValue = pValues.length === 0 ? null : Math.min(...pValues)
  return {
    kind: 'UNEQUAL_DEGRADATION',
    passed: pValue === null || pValue >= alpha,
    pValue,
    observed: arms.map((arm) => arm.degraded),
    expected: arms.map(({ units }) => (all === 0 ? 0 : (total * units) / all)),
    detail: `${total} of ${all} units were exposed by a degraded slate`,
  }
}

function countsOf(counts: Sums['units'], key: string): { readonly units: number; readonly degraded: number } {
  const own = counts.filter(({ variantKey }) => variantKey === key)
  return {
    units: own.reduce((sum, { units }) => sum + Number(units), 0),
    degraded: own.reduce((sum, { degraded }) => sum + Number(degraded), 0),
  }
}

function shareOf(arm: { readonly units: number; readonly degraded: number } | undefined) {
  return proportionMoments({ n: arm?.units ?? 0, successes: arm?.degraded ?? 0 })
}
