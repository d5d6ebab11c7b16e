import type { Variant } from '../domain/experiment.ts'
import type { MetricSums, QuantileHistogram, Sums } from '../read-model/port.ts'

/** Units whose windows were over at the cutoff, or all units. */
export type Population = 'COMPLETE' | 'ALL'

/** What a population has of one metric, by variant. */
export type MetricData = {
  readonly means: readonly MetricSums[]
  readonly histograms: readonly QuantileHistogram[]
}

export function sumsOf(
  { metrics, quantiles }: Pick<Sums, 'metrics' | 'quantiles'>,
  metricKey: string,
  population: Population,
): MetricData {
  function isOwn(row: { readonly metricKey: string; readonly complete: boolean }): boolean {
    return row.metricKey === metricKey && (row.complete || population === 'ALL')
  }
  const means = Map.groupBy(metrics.filter(isOwn), ({ variantKey }) => variantKey)
  const histograms = Map.groupBy(quantiles.filter(isOwn), ({ variantKey }) => variantKey)
  return {
    means: [...means.values()].map((rows) => rows.reduce(addSums)),
    histograms: [...histograms.values()].map((rows) => rows.reduce(addHistogram)),
  }
}

/** Units whose windows are over, of the metric that has the fewest: of all variants, and of the smallest one. */
export function completeUnits(
  sums: Pick<Sums, 'metrics' | 'quantiles'>,
  metricKeys: readonly string[],
  variants: readonly Pick<Variant, 'key'>[],
): { readonly total: number; readonly smallest: number } {
  const counts = metricKeys.map((metricKey) => {
    const { means, histograms } = sumsOf(sums, metricKey, 'COMPLETE')
    const units = new Map([
      ...means.map(({ variantKey, n }) => [variantKey, Number(n)] as const),
      ...histograms.map(({ variantKey, values }) => [variantKey, unitsIn(values)] as const),
    ])
    return variants.map(({ key }) => units.get(key) ?? 0)
  })
  if (counts.length === 0) return { total: 0, smallest: 0 }
  return {
    total: Math.min(...counts.map((units) => units.reduce((sum, count) => sum + count, 0))),
    smallest: Math.min(...counts.flat()),
  }
}

function unitsIn(values: QuantileHistogram['values']): number {
  return values.reduce((sum, { n }) => sum + Number(n), 0)
}

function addSums(total: MetricSums, row: MetricSums): MetricSums {
  return {
    ...total,
    n: total.n + row.n,
    sum: total.sum + row.sum,
    sumSquares: total.sumSquares + row.sumSquares,
    denominator: addWhereThere(total.denominator, row.denominator, addMoments),
    covariate: addWhereThere(total.covariate, row.covariate, (one, other) => ({
      ...addMoments(one, other),
      denominatorCross: addWhereThere(one.denominatorCross, other.denominatorCross, (a, b) => a + b),
    })),
    covariateDenominator: addWhereThere(
      total.covariateDenominator,
      row.covariateDenominator,
      (one, other) => ({
        ...addMoments(one, other),
        denominatorCross: one.denominatorCross + other.denominatorCross,
        covariateCross: one.covariateCross + other.covariateCross,
      }),
    ),
  }
}

/** Both rows have it, or none has. */
function addWhereThere<Part>(
  one: Part | null,
  other: Part | null,
  add: (one: Part, other: Part) => Part,
): Part | null {
  return one === null || other === null ? one : add(one, other)
}

type Moments = NonNullable<MetricSums['denominator']>

function addMoments(one: Moments, other: Moments): Moments {
  return {
    sum: one.sum + other.sum,
    sumSquares: one.sumSquares + other.sumSquares,
    cross: one.cross + other.cross,
  }
}

function addHistogram(total: QuantileHistogram, row: QuantileHistogram): QuantileHistogram {
  const counts = new Map(total.values.map(({ value, n }) => [value, n]))
  for (const { value, n } of row.values) counts.set(value, (counts.get(value) ?? 0n) + n)
  const values = [...counts]
    .map(([value, n]) => ({ value, n }))
    .sort((a, b) => (a.value < b.value ? -1 : a.value > b.value ? 1 : 0))
  return { ...total, values }
}
