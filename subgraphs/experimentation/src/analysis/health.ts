import { confidenceSequence } from '@bulkhead/statistics/always-valid'
import { proportionMoments } from '@bulkhead/statistics/proportion'
import { isRefusal } from '@bulkhead/statistics/result'
import { anytimeSampleRatio } from '@bulkhead/statistics/sample-ratio'
import type { Variant } from '../domain/experiment.ts'
import type { ServedCounts, Sums } from '../read-model/port.ts'
import { DEFAULT_TUNING, FIRST_LOOK } from './compare-arms.ts'

export type HealthCheckKind =
  | 'SERVED_SAMPLE_RATIO'
  | 'TRIGGERED_SAMPLE_RATIO'
  | 'MULTIPLE_EXPOSURE'
  | 'UNEQUAL_DEGRADATION'

export type HealthCheck = {
  readonly kind: HealthCheckKind
  readonly passed: boolean
  /** Null where the check is no test. */
  readonly pValue: number | null
  /** By variant, in the order of the experiment's. */
  readonly observed: readonly number[]
  readonly expected: readonly number[]
  readonly detail: string
}

/** The checks that have a p-value: they share the rule's level for quality. */
export const QUALITY_TESTS = 3

/** How close to the planned shares a mismatch is looked for: GrowthBook's choice. */
const CONCENTRATION = 10_000
/** Above this share of units in two variants, something other than the evaluator assigns. */
const MAX_MULTIPLE_SHARE = 0.001

/**
 * What has to hold before any effect means something. `alpha` is the level of each test; all of them may be
 * looked at every day.
 */
export function checkHealth(
  sums: Sums,
  variants: readonly Pick<Variant, 'key' | 'weight' | 'isControl'>[],
  alpha: number,
): readonly HealthCheck[] {
  return [
    sampleRatioCheck('SERVED_SAMPLE_RATIO', sums.served, variants, alpha),
    sampleRatioCheck('TRIGGERED_SAMPLE_RATIO', sums.units, variants, alpha),
    multipleExposure(sums),
    unequalDegradation(sums, variants, alpha),
  ]
}

function sampleRatioCheck(
  kind: HealthCheckKind,
  counts: readonly ServedCounts[],
  variants: readonly Pick<Variant, 'key' | 'weight'>[],
  alpha: number,
): HealthCheck {
  const weights = variants.map(({ weight }) => weight)
  const days = [...new Set(counts.map(({ day }) => day))].sort((a, b) => a - b)
  const looks = days.map((day) => variants.map(({ key }) => unitsOf(counts, key, day)))
  const observed = looks.at(-1) ?? variants.map(() => 0)
  const total = observed.reduce((sum, units) => sum + units, 0)
  const expected = weights.map((weight) => weight * total)
  if (total === 0) return { kind, passed: true, pValue: null, observed, expected, detail: 'no units yet' }
  const pValues = anytimeSampleRatio(looks, weights, CONCENTRATION)
  if (isRefusal(pValues)) throw new Error(`the sample ratio cannot be tested: ${pValues.refused}`)
  const pValue = pValues.at(-1) ?? 1
  const detail = `${total} units on ${days.length} days`
  return { kind, passed: pValue >= alpha, pValue, observed, expected, detail }
}

/** Units of a variant up to the end of a day. */
function unitsOf(counts: readonly ServedCounts[], variantKey: string, day: number): number {
  return counts
    .filter((count) => count.variantKey === variantKey && count.day <= day)
    .reduce((sum, { units }) => sum + Number(units), 0)
}

function multipleExposure({ multiple, units }: Sums): HealthCheck {
  const left = Number(multiple)
  const analysed = units.reduce((sum, count) => sum + Number(count.units), 0)
  const share = left + analysed === 0 ? 0 : left / (left + analysed)
  return {
    kind: 'MULTIPLE_EXPOSURE',
    passed: share <= MAX_MULTIPLE_SHARE,
    pValue: null,
    observed: [left],
    expected: [0],
    detail: `${left} units in two variants are left out, ${(share * 100).toFixed(3)} % of all`,
  }
}

/**
 * Degraded slates stay in, so each treatment must have the control's share of them. By confidence sequences, because the
 * check is looked at every day.
 */
function unequalDegradation(
  { units: counts }: Sums,
  variants: readonly Pick<Variant, 'key' | 'isControl'>[],
  alpha: number,
): HealthCheck {
  const arms = variants.map(({ key, isControl }) => ({
    isControl,
    units: unitsOf(counts, key, Number.POSITIVE_INFINITY),
    degraded: counts
      .filter(({ variantKey }) => variantKey === key)
      .reduce((sum, { degraded }) => sum + Number(degraded), 0),
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

function shareOf(arm: { readonly units: number; readonly degraded: number } | undefined) {
  return proportionMoments({ n: arm?.units ?? 0, successes: arm?.degraded ?? 0 })
}
