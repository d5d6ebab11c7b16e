import type { Reason } from '@bulkhead/statistics/result'
import type { MetricRole } from '../domain/plan/metric.ts'

/** An effect; null where the interval is open on that side. */
export type Interval = {
  readonly estimate: number
  readonly lower: number | null
  readonly upper: number | null
}

/** One test of one metric: a treatment against the control. */
export type MetricResult = {
  readonly metricKey: string
  readonly metricVersion: number
  /** What the test is for: success and guardrail metrics are tested for deterioration as well. */
  readonly role: MetricRole
  readonly variantKey: string
  /** How it was computed, for people: `Welch, CUPED`. */
  readonly method: string
  readonly controlUnits: number
  readonly units: number
  readonly controlMean: number
  readonly mean: number
  readonly controlVariance: number
  readonly variance: number
  /** On the plan's scale, as are `nullValue` and `pValue`; absolute where the control's mean is 0. */
  readonly effect: Interval
  readonly absolute: Interval
  /** Null where the control's mean is 0. */
  readonly relative: Interval | null
  readonly nullValue: number
  readonly alphaUsed: number
  readonly pValue: number
  /** The null hypothesis is rejected in the direction that the role asks for. */
  readonly significant: boolean
}

/** Why a test has no result. */
export type MissingReason =
  | Reason
  /** Every unit of both variants has the same value: nothing has changed. */
  | 'equal-constants'
  /** The interval of a quantile does not hold at every look. */
  | 'no-quantiles-at-every-look'

/** A test that cannot be computed. */
export type MissingResult = Pick<MetricResult, 'metricKey' | 'metricVersion' | 'role' | 'variantKey'> & {
  readonly reason: MissingReason
}
