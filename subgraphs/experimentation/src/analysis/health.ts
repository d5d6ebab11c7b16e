import { isRefusal } from '@bulkhead/statistics/result'
import { anytimeSampleRatio } from '@bulkhead/statistics/sample-ratio'
import type { Deliveries } from '../domain/deliveries.ts'
import type { Variant } from '../domain/experiment.ts'
import type { ServedCounts, Sums } from '../read-model/port.ts'
import { unequalDegradation } from './degradation.ts'
import type { HealthCheck } from './health-check.ts'
import { missingData } from './missing-data.ts'
import { preExposureBalance } from './pre-exposure-balance.ts'

/** The checks that have a p-value: they share the rule's level for quality. */
export const QUALITY_TESTS = 4

/** How close to the planned shares a mismatch is looked for: GrowthBook's choice. */
const CONCENTRATION = 10_000
/** Above this share of units in two variants, something other than the evaluator assigns. */
const MAX_MULTIPLE_SHARE = 0.001

/**
 * What has to hold before any effect means something. `alpha` is the level of each test; all of them may be
 * looked at every day.
 * @param inputs.metricKeys the metrics whose values before the exposure are compared
 */
export function checkHealth(
  sums: Sums,
  {
    variants,
    metricKeys,
    cutoff,
    deliveries,
    alpha,
  }: {
    readonly variants: readonly Pick<Variant, 'key' | 'weight' | 'isControl'>[]
    readonly metricKeys: readonly string[]
    readonly cutoff: number
    readonly deliveries: Deliveries
    readonly alpha: number
  },
): readonly HealthCheck[] {
  return [
    sampleRatioCheck('SERVED_SAMPLE_RATIO', sums.served, variants, alpha),
    sampleRatioCheck('TRIGGERED_SAMPLE_RATIO', sums.units, variants, alpha),
    multipleExposure(sums),
    missingData(sums, variants, cutoff, deliveries),
    preExposureBalance(sums, variants, metricKeys, alpha),
    unequalDegradation(sums, variants, alpha),
  ]
}

function sampleRatioCheck(
  kind: HealthCheck['kind'],
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
