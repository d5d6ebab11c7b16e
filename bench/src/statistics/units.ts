import type { MetricSums } from '@bulkhead/experimentation/read-model/port'
import { sampleMetricSums } from '@bulkhead/experimentation/testing/sample-metrics'

/**
 * Values are whole steps of a thousandth, so that their sums, and those of their squares, stay exact in a double; a
 * million steps of SQL's make one thousand of these.
 */
const STEPS = 1_000
const SUM_SCALE = 1_000n
const SQUARE_SCALE = 1_000_000n

/** Sums of one arm: of a value, of another one beside it, and of their product. */
export type ArmSums = {
  n: number
  first: number
  firstSquares: number
  second: number
  secondSquares: number
  products: number
}

export function emptyArm(): ArmSums {
  return { n: 0, first: 0, firstSquares: 0, second: 0, secondSquares: 0, products: 0 }
}

/** Adds a unit. Values beyond 10^5 would make sums inexact, which throws. */
export function addUnit(arm: ArmSums, value: number, beside = 0): void {
  const first = Math.round(value * STEPS)
  const second = Math.round(beside * STEPS)
  arm.n += 1
  arm.first += first
  arm.firstSquares += first * first
  arm.second += second
  arm.secondSquares += second * second
  arm.products += first * second
}

/** The sums as the read model gives them, of units with complete windows. */
export function metricSums(
  metricKey: string,
  variantKey: string,
  arm: ArmSums,
  beside: 'denominator' | 'covariate' | null,
): MetricSums {
  if (!Number.isSafeInteger(arm.firstSquares) || !Number.isSafeInteger(arm.secondSquares)) {
    throw new RangeError('the sums of an arm are not exact any more')
  }
  const second = {
    sum: BigInt(arm.second) * SUM_SCALE,
    sumSquares: BigInt(arm.secondSquares) * SQUARE_SCALE,
    cross: BigInt(arm.products) * SQUARE_SCALE,
  }
  return sampleMetricSums({
    metricKey,
    variantKey,
    n: BigInt(arm.n),
    sum: BigInt(arm.first) * SUM_SCALE,
    sumSquares: BigInt(arm.firstSquares) * SQUARE_SCALE,
    denominator: beside === 'denominator' ? second : null,
    covariate: beside === 'covariate' ? { ...second, denominatorCross: null } : null,
  })
}
