import { proportionMoments } from '@bulkhead/statistics/proportion'
import type { Variant } from '../domain/experiment.ts'
import type { Sums } from '../read-model/port.ts'
import { pValuesAgainstControl } from './against-control.ts'
import type { HealthCheck } from './health-check.ts'

/** Degraded slates stay in, so each treatment must have the control's share of them. */
export function unequalDegradation(
  { units: counts }: Sums,
  variants: readonly Pick<Variant, 'key' | 'isControl'>[],
  alpha: number,
): HealthCheck {
  const arms = variants.map(({ key, isControl }) => {
    const { units, degraded } = countsOf(counts, key)
    return { isControl, units, degraded, moments: proportionMoments({ n: units, successes: degraded }) }
  })
  const total = arms.reduce((sum, arm) => sum + arm.degraded, 0)
  const all = arms.reduce((sum, arm) => sum + arm.units, 0)
  const treatments = arms.filter(({ isControl }) => !isControl).length
  const pValues = pValuesAgainstControl(arms, alpha / treatments).map((pValue) =>
    Math.min(1, pValue * treatments),
  )
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
