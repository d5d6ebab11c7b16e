import type { SeededRandom } from '../pipeline/selection/seeded-random.ts'

/** A mean over users with its 95% interval; null where no user has a value. */
export type Estimate = {
  readonly value: number
  readonly lower: number
  readonly upper: number
  /** How many users the mean is over. */
  readonly users: number
} | null

/** Share of the resampled means that lie outside of the interval, half on each side. */
const ALPHA = 0.05

/**
 * The means of columns over users, with percentile bootstrap intervals (Efron and Tibshirani 1993, chapter 13): users are
 * drawn with replacement, the same draw for all columns, so that the columns of one call stay paired. Yields the share
 * that is done. Takes resamples x users x columns steps.
 * @param columns each with one value a user; NaN where a user has none
 */
export function* bootstrapMeans(
  columns: readonly Float64Array[],
  options: { readonly resamples: number; readonly random: SeededRandom },
): Generator<number, readonly Estimate[], void> {
  const { resamples, random } = options
  const users = columns[0]?.length ?? 0
  const drawn = new Uint32Array(users)
  const means = columns.map(() => new Float64Array(resamples))
  const dense = columns.map((column) => !column.some(Number.isNaN))
  for (let resample = 0; resample < resamples; resample++) {
    yield resample / resamples
    drawn.fill(0)
    for (let n = 0; n < users; n++) {
      const user = Math.floor(random() * users)
      drawn[user] = (drawn[user] ?? 0) + 1
    }
    for (const [index, column] of columns.entries()) {
      const mean = dense[index] ? weightedMean(column, drawn) : weightedMeanOfKnown(column, drawn)
      const row = means[index]
      if (row !== undefined) row[resample] = mean
    }
  }
  return columns.map((column, index) => estimateOf(column, means[index] ?? new Float64Array()))
}

function weightedMean(column: Float64Array, counts: Uint32Array): number {
  let sum = 0
  for (let user = 0; user < column.length; user++) sum += (column[user] ?? 0) * (counts[user] ?? 0)
  return sum / column.length
}

/** NaN where none of the users drawn has a value. */
function weightedMeanOfKnown(column: Float64Array, counts: Uint32Array): number {
  let sum = 0
  let drawn = 0
  for (let user = 0; user < column.length; user++) {
    const value = column[user] ?? Number.NaN
    const count = counts[user] ?? 0
    if (count === 0 || Number.isNaN(value)) continue
    sum += value * count
    drawn += count
  }
  return sum / drawn
}

function estimateOf(column: Float64Array, means: Float64Array): Estimate {
  const known = column.filter((value) => !Number.isNaN(value))
  if (known.length === 0) return null
  const value = known.reduce((sum, one) => sum + one, 0) / known.length
  const ascending = means.filter((mean) => !Number.isNaN(mean)).sort()
  return {
    value,
    lower: quantile(ascending, ALPHA / 2) ?? value,
    upper: quantile(ascending, 1 - ALPHA / 2) ?? value,
    users: known.length,
  }
}

/** With linear interpolation between the two nearest values (Hyndman and Fan 1996, definition 7); null of none. */
function quantile(ascending: Float64Array, share: number): number | null {
  const place = share * (ascending.length - 1)
  const below = ascending[Math.floor(place)]
  const above = ascending[Math.ceil(place)]
  if (below === undefined || above === undefined) return null
  return below + (place - Math.floor(place)) * (above - below)
}
