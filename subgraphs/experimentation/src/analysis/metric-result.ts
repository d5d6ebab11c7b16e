import type { Reason } from '@bulkhead/statistics/result'
import type { MetricRole } from '../domain/plan/metric.ts'
import type { Look } from './looks.ts'

/** An effect; null where the interval is open on that side. */
export type Interval = {
  readonly estimate: number
  readonly lower: number | null
  readonly upper: number | null
}

/** One test at one look of a group sequential plan: a point of a sequential plot. */
export type LookResult = Look & {
  /** Rejects when the statistic is beyond it, in standard errors. */
  readonly bound: number
  /** The same as a level: rejects when the look's own p-value is below it. */
  readonly nominalAlpha: number
  /** What the looks up to this one may spend of the level of the test. */
  readonly spent: number
  /** With the repeated confidence interval of this look; null where the look has no result. */
  readonly effect: Interval | null
  /** Of this look alone; null where it has no result. */
  readonly pValue: number | null
  readonly crossed: boolean
}

/** What a comparison of two arms says. */
export type ComparedArms = {
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
  /** Of a group sequential plan, it holds at every look: below `alphaUsed` as soon as a look has rejected. */
  readonly pValue: number
  /** The null hypothesis is rejected in the direction that the role asks for. */
  readonly significant: boolean
}

/** One test of one metric: a treatment against the control. */
export type MetricResult = ComparedArms & {
  readonly metricKey: string
  readonly metricVersion: number
  /**
   * For exploration: by Holm, over all tests with the same role; in a segment, over all tests of the attribute. The
   * decision rule has corrections of its own, which are in `alphaUsed`.
   */
  readonly adjustedPValue: number
  /**
   * Of a group sequential plan, all looks so far, the first one first; else empty. Everything else in the result is of the
   * first look that rejects, or of the last one where none does: what comes later cannot change a conclusion.
   */
  readonly looks: readonly LookResult[]
}

/** A result before it is known how many others there are. */
export type Unadjusted = Omit<MetricResult, 'adjustedPValue'>

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

/** What was tested, and what has no result. */
export type Results = {
  readonly results: readonly MetricResult[]
  readonly missing: readonly MissingResult[]
}
