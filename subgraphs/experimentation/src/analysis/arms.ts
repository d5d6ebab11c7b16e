import { cuped } from '@bulkhead/statistics/cuped'
import {
  type ColumnSums,
  type CrossSums,
  type Moments,
  momentsOf,
  VALUE_SCALE,
} from '@bulkhead/statistics/moments'
import { proportionMoments } from '@bulkhead/statistics/proportion'
import { type Bucket, type QuantileEstimate, quantileOf } from '@bulkhead/statistics/quantile'
import { ratioMoments } from '@bulkhead/statistics/ratio'
import { type RatioCupedSums, ratioCuped } from '@bulkhead/statistics/ratio-cuped'
import { isRefusal, type Result } from '@bulkhead/statistics/result'
import type { MetricDefinition } from '../domain/plan/metric.ts'
import type { MetricSums, QuantileHistogram } from '../read-model/port.ts'

/** A metric in one variant, ready to be compared. */
export type Arm = {
  readonly variantKey: string
  readonly moments: Result<Moments>
  /** Quantile metrics only. */
  readonly quantile: Result<QuantileEstimate> | null
}

/** The arms of one metric, and how their means were made. */
export type MetricArms = { readonly arms: readonly Arm[]; readonly adjusted: boolean }

const TEN_THOUSAND = 10_000
/** Level of the interval that a quantile is shown with; its test has a level of its own. */
const SHOWN_ALPHA = 0.05

/** @param sums one for each variant, control among them */
export function armsOfMeans(
  definition: MetricDefinition,
  sums: readonly MetricSums[],
  useCuped: boolean,
): MetricArms {
  const isRatio = definition.kind === 'RATIO'
  const adjusted = !useCuped
    ? null
    : isRatio
      ? ratioCuped(sums.map(historySums))
      : cuped(sums.map(covariateSums))
  if (adjusted !== null && !isRefusal(adjusted)) {
    const arms = sums.flatMap((arm, index) => {
      const moments = adjusted.arms[index]
      return moments === undefined ? [] : [named(arm, moments)]
    })
    return { arms, adjusted: true }
  }
  const arms = sums.map((arm) =>
    named(arm, isRatio ? ratioMoments(ratioSums(arm)) : plainMoments(definition, arm)),
  )
  return { arms, adjusted: false }
}

export function armsOfQuantiles(
  definition: MetricDefinition,
  histograms: readonly QuantileHistogram[],
): MetricArms {
  const perTenThousand = Math.round((definition.quantile ?? 0) * TEN_THOUSAND)
  const arms = histograms.map(({ variantKey, values }): Arm => {
    const histogram = values.map(({ value, n }): Bucket => ({ value, units: n }))
    const quantile = quantileOf(histogram, { perTenThousand, alpha: SHOWN_ALPHA })
    return { variantKey, moments: asMoments(quantile), quantile }
  })
  return { arms, adjusted: false }
}

/** A quantile as an estimate with the variance of one unit, as means have it. */
function asMoments(quantile: Result<QuantileEstimate>): Result<Moments> {
  if (isRefusal(quantile)) return quantile
  const { n, estimate, standardError } = quantile
  if (standardError === null) return { refused: 'too-few-units' }
  return { n, mean: estimate, variance: standardError ** 2 * n }
}

function named({ variantKey }: MetricSums, moments: Result<Moments>): Arm {
  return { variantKey, moments, quantile: null }
}

function plainMoments({ kind }: MetricDefinition, { n, sum, sumSquares }: MetricSums): Result<Moments> {
  if (kind === 'PROPORTION') return proportionMoments({ n, successes: sum / VALUE_SCALE })
  return momentsOf({ n, sum, sumSquares })
}

function covariateSums({ n, sum, sumSquares, covariate }: MetricSums): CrossSums {
  return crossSums({ n, sum, sumSquares }, covariate)
}

function ratioSums({ n, sum, sumSquares, denominator }: MetricSums): CrossSums {
  return crossSums({ n, sum, sumSquares }, denominator)
}

/** A ratio with the same ratio before the exposure. */
function historySums(arm: MetricSums): RatioCupedSums {
  const { n, denominator, covariate, covariateDenominator } = arm
  return {
    n,
    numerator: { sum: arm.sum, sumSquares: arm.sumSquares },
    denominator: columnSums(denominator),
    numeratorBefore: columnSums(covariate),
    denominatorBefore: columnSums(covariateDenominator),
    products: {
      numeratorDenominator: denominator?.cross ?? 0n,
      numeratorNumeratorBefore: covariate?.cross ?? 0n,
      numeratorDenominatorBefore: covariateDenominator?.cross ?? 0n,
      denominatorNumeratorBefore: covariate?.denominatorCross ?? 0n,
      denominatorDenominatorBefore: covariateDenominator?.denominatorCross ?? 0n,
      numeratorBeforeDenominatorBefore: covariateDenominator?.covariateCross ?? 0n,
    },
  }
}

function columnSums(moments: { readonly sum: bigint; readonly sumSquares: bigint } | null): ColumnSums {
  return { sum: moments?.sum ?? 0n, sumSquares: moments?.sumSquares ?? 0n }
}

function crossSums(
  { n, ...first }: Pick<MetricSums, 'n' | 'sum' | 'sumSquares'>,
  second: MetricSums['denominator'],
): CrossSums {
  const { sum = 0n, sumSquares = 0n, cross = 0n } = second ?? {}
  return { n, first, second: { sum, sumSquares }, sumProducts: cross }
}
