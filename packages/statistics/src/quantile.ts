import { differenceOf, type Estimate, type Test, testDifference } from './comparison.ts'
import { binomialCdf, normalUpperQuantile } from './distributions.ts'
import { exact, type Integer, quotient, VALUE_SCALE } from './moments.ts'
import { isRefusal, type Result, refuse } from './result.ts'

/** Quantiles are named in ten-thousandths, as the SQL has them: 9500 is the 95th percentile. */
const WHOLE = 10_000

/** How many units have a value. A histogram is ascending by value, in steps of 1 / `scale`. */
export type Bucket = { readonly value: Integer; readonly units: Integer }

export type QuantileEstimate = {
  readonly n: number
  readonly estimate: number
  /** Bounds with confidence of at least 1 - alpha, each null where the arm has too few units for it. */
  readonly lower: number | null
  readonly upper: number | null
  /** Null where an interval of 95 % would lack a bound; 0 where its bounds are equal. */
  readonly standardError: number | null
}

export type QuantileOptions = {
  /** 1 to 9999. */
  readonly perTenThousand: number
  /** In (0, 1), half of it for either bound. */
  readonly alpha: number
  /** How many steps of a value make 1; VALUE_SCALE if absent. */
  readonly scale?: bigint
}

/** The standard error comes from the interval of this level, so that it does not depend on the level of the test. */
const WIDTH_ALPHA = 0.05

type Ranks = { readonly lower: number; readonly upper: number }
type Counted = { readonly value: bigint; readonly through: bigint }

/** A histogram of ascending values, one a unit. */
export function histogramOf(sortedValues: readonly Integer[]): Bucket[] {
  return sortedValues.map((value) => ({ value, units: 1 }))
}

/**
 * The quantile of one arm by nearest rank: the smallest value that at least p n units do not exceed, which is the value
 * of rank ceil(p n), in integers. One value a unit, so units are independent.
 *
 * The interval is that of order statistics and holds for any distribution (David and Nagaraja 2003, "Order Statistics",
 * section 7.1): with B binomial(n, p), the lower bound is the value of the highest rank l with P(B < l) <= alpha / 2, the
 * upper one of the lowest rank u with P(B >= u) <= alpha / 2.
 *
 * The standard error is the width of such a 95 % interval divided by its width in normal standard errors, taken at the
 * probabilities that l and u have (McKean and Schrader 1984 for the median with Price and Bonett's 2001 correction;
 * Deng, Knoblich and Lu 2018, section 4, for any quantile). It has an error of its own, about 1 / sqrt(u - l) of its size:
 * in simulations a 95 % interval for the difference of the 90th percentiles of 1,000 units an arm holds in 94 %. With
 * many equal values it is rougher, and may be 0.
 *
 * Refuses `too-few-units` for an arm without units, `invalid-input` for a histogram out of order or negative counts.
 */
export function quantileOf(
  histogram: readonly Bucket[],
  { perTenThousand, alpha, scale = VALUE_SCALE }: QuantileOptions,
): Result<QuantileEstimate> {
  const isQuantile = Number.isInteger(perTenThousand) && perTenThousand > 0 && perTenThousand < WHOLE
  if (!isQuantile || !(alpha > 0 && alpha < 1) || scale < 1n) return refuse('invalid-input')
  const counted = accumulate(histogram)
  if (counted === undefined) return refuse('invalid-input')
  const total = counted.at(-1)?.through ?? 0n
  if (total < 1n) return refuse('too-few-units')
  const n = Number(total)
  const p = perTenThousand / WHOLE
  const rank = (BigInt(perTenThousand) * total + BigInt(WHOLE - 1)) / BigInt(WHOLE)
  const valueAt = (at: number | bigint) => {
    const bucket = at >= 1 && at <= n ? find(counted, BigInt(at)) : undefined
    return bucket === undefined ? null : quotient(bucket.value, scale)
  }
  const estimate = valueAt(rank)
  if (estimate === null) return refuse('invalid-input')
  const { lower, upper } = ranks(n, p, alpha)
  return {
    n,
    estimate,
    lower: valueAt(lower),
    upper: valueAt(upper),
    standardError: errorFromWidth(n, p, valueAt),
  }
}

/**
 * The difference of one quantile between two arms, on either scale, by the normal distribution.
 * Refuses `too-few-units` where an arm has no standard error, `zero-variance`, `zero-baseline`, `invalid-input`.
 */
export function quantileDifference(
  control: Result<QuantileEstimate>,
  treatment: Result<QuantileEstimate>,
  test: Test,
): Result<Estimate> {
  return testDifference(differenceOf(asMoments(control), asMoments(treatment), test.scale), Infinity, test)
}

function asMoments(arm: Result<QuantileEstimate>) {
  if (isRefusal(arm)) return arm
  if (arm.standardError === null) return refuse('too-few-units')
  return { n: arm.n, mean: arm.estimate, variance: arm.n * arm.standardError ** 2 }
}

/** Units up to and with each value, or undefined if the histogram is not ascending or counts less than nothing. */
function accumulate(histogram: readonly Bucket[]): Counted[] | undefined {
  const counted: Counted[] = []
  let through = 0n
  let last: bigint | undefined
  for (const bucket of histogram) {
    const value = exact(bucket.value)
    const units = exact(bucket.units)
    if (value === undefined || units === undefined || units < 0n) return undefined
    if (last !== undefined && value < last) return undefined
    last = value
    through += units
    counted.push({ value, through })
  }
  return counted
}

/** The first bucket that reaches a rank, by halving. */
function find(counted: readonly Counted[], rank: bigint): Counted | undefined {
  const index = firstTrue(0, counted.length, (at) => (counted[at]?.through ?? rank) >= rank)
  return counted[index]
}

/** Ranks of the bounds; 0 or n + 1 where there is none. */
function ranks(n: number, p: number, alpha: number): Ranks {
  const side = alpha / 2
  return {
    lower: firstTrue(1, n + 1, (rank) => below(rank, n, p) > side) - 1,
    upper: firstTrue(1, n + 1, (rank) => atLeast(rank, n, p) <= side),
  }
}

function errorFromWidth(n: number, p: number, valueAt: (rank: number) => number | null): number | null {
  const { lower, upper } = ranks(n, p, WIDTH_ALPHA)
  const from = valueAt(lower)
  const to = valueAt(upper)
  if (from === null || to === null) return null
  const errors = normalUpperQuantile(below(lower, n, p)) + normalUpperQuantile(atLeast(upper, n, p))
  return (to - from) / errors
}

/** P(B < rank). */
function below(rank: number, n: number, p: number): number {
  return binomialCdf(rank - 1, n, p)
}

/** P(B >= rank), as at most n - rank failures. */
function atLeast(rank: number, n: number, p: number): number {
  return binomialCdf(n - rank, n, 1 - p)
}

/** The first integer in [from, to) for which a condition holds that goes on holding after it; `to` if none. */
function firstTrue(from: number, to: number, holds: (at: number) => boolean): number {
  let low = from
  let high = to
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if (holds(middle)) high = middle
    else low = middle + 1
  }
  return low
}
