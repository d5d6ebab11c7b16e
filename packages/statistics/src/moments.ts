import { type Result, refuse } from './result.ts'

/** Sums of values count in millionths of the value, sums of squares and of products in their square. */
export const VALUE_SCALE = 1_000_000n

/** A whole number as SQL returns it. A plain number has to be a safe integer, because beyond those it is rounded. */
export type Integer = bigint | number

/** The sums of one value over the units of an arm. `scale` is how many of its steps make 1; VALUE_SCALE if absent. */
export type ColumnSums = {
  readonly sum: Integer
  readonly sumSquares: Integer
  readonly scale?: bigint
}

/** One value a unit: what the mean of a metric needs. */
export type MeanSums = ColumnSums & { readonly n: Integer }

/**
 * Two values a unit with the sum of their products. For a ratio metric `first` is the numerator and `second` the
 * denominator; for CUPED `first` is the metric and `second` the covariate.
 */
export type CrossSums = {
  readonly n: Integer
  readonly first: ColumnSums
  readonly second: ColumnSums
  readonly sumProducts: Integer
}

/** An arm: its units, an estimate, and the variance of one unit, so that `variance / n` is the estimate's squared error. */
export type Moments = { readonly n: number; readonly mean: number; readonly variance: number }

export type CrossMoments = {
  readonly n: number
  readonly first: Omit<Moments, 'n'>
  readonly second: Omit<Moments, 'n'>
  readonly covariance: number
}

type Exact = { readonly sum: bigint; readonly sumSquares: bigint; readonly scale: bigint }

/** Cross sums as bigints, checked, with the three centred sums, each times n: n Sxy - Sx Sy and the like. */
export type ExactCross = {
  readonly n: bigint
  readonly first: Exact
  readonly second: Exact
  readonly sumProducts: bigint
  readonly centred: { readonly first: bigint; readonly second: bigint; readonly product: bigint }
}

/**
 * Mean and unbiased variance: (n Sxx - Sx^2) / (n (n - 1)). The subtraction, in which nearly all digits can cancel, is
 * exact; only the results are rounded, to within two units in the last place.
 * Refuses `too-few-units` below 2, `inconsistent-sums` where no values have such sums, `invalid-input`.
 */
export function momentsOf(sums: MeanSums): Result<Moments> {
  const n = exact(sums.n)
  const column = exactColumn(sums)
  if (n === undefined || column === undefined || n < 0n) return refuse('invalid-input')
  if (n < 2n) return refuse('too-few-units')
  const centred = n * column.sumSquares - column.sum ** 2n
  if (centred < 0n) return refuse('inconsistent-sums')
  const { mean, variance } = columnMoments(n, column, centred)
  if (!Number.isFinite(mean) || !Number.isFinite(variance)) return refuse('invalid-input')
  return { n: Number(n), mean, variance }
}

/** Means, unbiased variances and unbiased covariance of two values a unit. Refuses as `momentsOf` does. */
export function crossMomentsOf(sums: CrossSums): Result<CrossMoments> {
  const cross = exactCross(sums)
  if ('refused' in cross) return cross
  const { n, first, second, centred } = cross
  const moments = {
    n: Number(n),
    first: columnMoments(n, first, centred.first),
    second: columnMoments(n, second, centred.second),
    covariance: quotient(centred.product, n * (n - 1n) * first.scale * second.scale),
  }
  const numbers = [moments.covariance, ...Object.values(moments.first), ...Object.values(moments.second)]
  return numbers.every(Number.isFinite) ? moments : refuse('invalid-input')
}

/** Checks cross sums and centres them without rounding. Refuses as `momentsOf` does. */
export function exactCross(sums: CrossSums): Result<ExactCross> {
  const n = exact(sums.n)
  const first = exactColumn(sums.first)
  const second = exactColumn(sums.second)
  const sumProducts = exact(sums.sumProducts)
  if (n === undefined || first === undefined || second === undefined || sumProducts === undefined || n < 0n) {
    return refuse('invalid-input')
  }
  if (n < 2n) return refuse('too-few-units')
  const centred = {
    first: n * first.sumSquares - first.sum ** 2n,
    second: n * second.sumSquares - second.sum ** 2n,
    product: n * sumProducts - first.sum * second.sum,
  }
  const isPossible =
    centred.first >= 0n && centred.second >= 0n && centred.product ** 2n <= centred.first * centred.second
  return isPossible ? { n, first, second, sumProducts, centred } : refuse('inconsistent-sums')
}

/** The quotient of two bigints, rounded after the division. */
export function quotient(numerator: bigint, denominator: bigint): number {
  return Number(numerator) / Number(denominator)
}

/** As a bigint, or undefined if `value` is no whole number that is certainly exact. */
export function exact(value: Integer): bigint | undefined {
  if (typeof value === 'bigint') return value
  return Number.isSafeInteger(value) ? BigInt(value) : undefined
}

function exactColumn({ sum, sumSquares, scale = VALUE_SCALE }: ColumnSums): Exact | undefined {
  const exactSum = exact(sum)
  const exactSquares = exact(sumSquares)
  if (exactSum === undefined || exactSquares === undefined || exactSquares < 0n || scale < 1n)
    return undefined
  return { sum: exactSum, sumSquares: exactSquares, scale }
}

function columnMoments(n: bigint, { sum, scale }: Exact, centred: bigint): Omit<Moments, 'n'> {
  return {
    mean: quotient(sum, n * scale),
    variance: quotient(centred, n * (n - 1n) * scale ** 2n),
  }
}
