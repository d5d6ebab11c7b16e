import { bootstrapMeans, type Estimate } from './bootstrap.ts'
import type { Measurement, MetricValues } from './measure.ts'
import { signFlipTest } from './paired-test.ts'
import type { ComparisonReport, MetricEstimate } from './report.ts'
import { resamplingRandom } from './resampling-random.ts'

export type ResamplingOptions = { readonly resamples: number; readonly flips: number; readonly seed: number }

/** Yields the share that is done. */
export function* estimates(
  { metrics }: Measurement,
  { resamples, seed }: ResamplingOptions,
): Generator<number, readonly MetricEstimate[], void> {
  const random = resamplingRandom(seed)
  const means = yield* bootstrapMeans(columnsOf(metrics), { resamples, random })
  let column = 0
  return metrics.map((metric) =>
    'perUser' in metric ? named(metric.name, means[column++] ?? null) : ofAllLists(metric),
  )
}

/**
 * What two models have on the same users, with the differences. The measurements are of the same split and lengths.
 * Yields the share that is done.
 */
export function* comparedEstimates(
  first: Measurement,
  second: Measurement,
  { resamples, flips, seed }: ResamplingOptions,
): Generator<number, ComparisonReport['metrics'], void> {
  const pairs = first.metrics.map((metric, index) => {
    const other = second.metrics[index]
    if (other?.name !== metric.name) throw new Error(`there is no ${metric.name} of the second model`)
    return [metric, other] as const
  })
  const differences = pairs.flatMap(([one, other]) =>
    'perUser' in one && 'perUser' in other
      ? [other.perUser.map((value, user) => value - (one.perUser[user] ?? Number.NaN))]
      : [],
  )
  const columns = [...columnsOf(first.metrics), ...columnsOf(second.metrics), ...differences]
  const means = yield* share(bootstrapMeans(columns, { resamples, random: resamplingRandom(seed) }), 0)
  const pValues = yield* share(signFlipTest(differences, { flips, random: resamplingRandom(seed) }), 0.5)
  const n = differences.length
  let column = 0
  return pairs.map(([one, other]) => {
    const { name } = one
    if ('perUser' in one || 'perUser' in other) {
      const at = column++
      const { name: _, ...difference } = named(name, means[2 * n + at] ?? null)
      return {
        name,
        values: [named(name, means[at] ?? null), named(name, means[n + at] ?? null)],
        difference,
        pValue: pValues[at] ?? null,
      }
    }
    const value = one.overall === null || other.overall === null ? null : other.overall - one.overall
    return {
      name,
      values: [ofAllLists(one), ofAllLists(other)],
      difference: { value, lower: null, upper: null, users: null },
      pValue: null,
    }
  })
}

function columnsOf(metrics: readonly MetricValues[]): Float64Array[] {
  return metrics.flatMap((metric) => ('perUser' in metric ? [metric.perUser] : []))
}

function named(name: string, estimate: Estimate): MetricEstimate {
  if (estimate === null) return { name, value: null, lower: null, upper: null, users: 0 }
  return { name, ...estimate }
}

function ofAllLists({ name, overall }: Extract<MetricValues, { overall: number | null }>): MetricEstimate {
  return { name, value: overall, lower: null, upper: null, users: null }
}

/** One of two halves of the work, from `start` on. */
function* share<Result>(
  steps: Generator<number, Result, void>,
  start: number,
): Generator<number, Result, void> {
  for (;;) {
    const step = steps.next()
    if (step.done) return step.value
    yield start + step.value / 2
  }
}
