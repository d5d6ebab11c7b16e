import type { KnownErasure, PositionedEvent } from '../datastore/port.ts'
import type { ErasedInstants } from '../domain/erasure.ts'
import type { MetricDefinition } from '../domain/plan/metric.ts'

/** What is summed. The sums are a function of this and of the events up to `asOf`. Times are epoch milliseconds. */
export type SumsQuery = {
  readonly experimentKey: string
  readonly version: number
  /** Exposures of other variants count for nothing. */
  readonly variantKeys: readonly string[]
  /** When the experiment ran under this version: `from <= t < to`; null is open. As `runIntervals` gives them. */
  readonly intervals: readonly { readonly from: number; readonly to: number | null }[]
  /** Units on the plan's exclusion lists; they are left out wholly. */
  readonly excludedUnits: readonly string[]
  /** Only what occurred before it. */
  readonly cutoff: number
  /** Only what was ingested up to this position. */
  readonly asOf: number
  readonly metrics: readonly MetricDefinition[]
  /** How long before its first exposure a unit's events are its covariate, in milliseconds; null without CUPED. */
  readonly covariateWindowMs: number | null
  /** Attribute of the first exposure by which sums are broken down; null for none. */
  readonly segment: string | null
  /** Most segments that are told apart; `SEGMENT_LIMIT` unless given. */
  readonly segmentLimit?: number | undefined
  /**
   * How long after its first exposure a unit is complete, in milliseconds, whatever the windows of the metrics are: so that
   * all metrics are about the same units. `completed` then says when they were. Null, or absent, for each metric's own.
   */
  readonly completeAfterMs?: number | null | undefined
}

/** So many values of an attribute are told apart, those with the most units. */
export const SEGMENT_LIMIT = 20

/**
 * Whose rows these are. `segment` is null where the query names none, and where the unit's first exposure has no such
 * attribute, or one that is no text, number or boolean; numbers and booleans are their JSON text.
 */
type Group = { readonly variantKey: string; readonly segment: string | null }

/** Analysed units. */
export type UnitCounts = Group & {
  /** Start of the UTC day of the first exposure. */
  readonly day: number
  readonly units: bigint
  /** Those of them whose first exposure was not applied. */
  readonly degraded: bigint
}

/** Units that are left out for one reason; a unit counts once, at its first event that shows the reason. */
export type VariantCounts = { readonly variantKey: string; readonly units: bigint }

/** Units of `served` events, each on the day of its first one. */
export type ServedCounts = VariantCounts & {
  /** Start of the UTC day. */
  readonly day: number
}

/**
 * How many more units a query with this cutoff would have as complete than one with the cutoff a day before; fewer where it
 * is negative, because units met a second variant, or were forced, after they had been complete.
 */
export type CompletedCounts = {
  /** Start of a UTC day, at most the cutoff. */
  readonly day: number
  readonly units: bigint
}

/** Exposures that were served in one hour, but for forced ones. */
export type ArrivedCounts = {
  readonly variantKey: string
  /** Start of the UTC hour that the event names. */
  readonly hour: number
  readonly exposures: bigint
}

/** Which metric, of which units. Units whose whole window was over at the cutoff are apart from the others. */
type MetricGroup = Group & {
  readonly metricKey: string
  readonly metricVersion: number
  readonly complete: boolean
}

/** Sums over units of `y`, the unit's amount that is told where it is used. */
type Moments = {
  readonly sum: bigint
  readonly sumSquares: bigint
  /** Of `y` times the unit's value. */
  readonly cross: bigint
}

/**
 * Sums over units of each unit's value. A value is an integer of 10^-6 for every kind: one unit that converts has the
 * value 1,000,000, as has one with one event of a COUNT. A sum is so too, and a sum of squares or products is an integer
 * of 10^-12. Each is below 10^38 in magnitude.
 *
 * The value of a unit, over its events in `[first exposure, first exposure + window)`:
 * - PROPORTION: 1 if there is an event, else 0. COUNT: how many there are.
 * - MEAN and QUANTILE: the sum of their values, where an event without a value adds 0.
 * - RATIO: numerator and denominator each add an event's value, or 1 for an event without one. `filter` is about the
 *   numerator's events only, as it names attributes of `event`.
 *
 * A unit without events has the value 0. `cap` is the most that a value can be, of a RATIO its numerator. `capPercentile`
 * does the same with the smallest value that at least this share of the analysed units with complete windows do not exceed,
 * whatever their variant and segment; of all units where no window is complete. A covariate is capped as its value is, at
 * its own percentile.
 */
export type MetricSums = MetricGroup & {
  /** Units. */
  readonly n: bigint
  readonly sum: bigint
  readonly sumSquares: bigint
  /** Of a RATIO's denominator; null for other kinds. */
  readonly denominator: Moments | null
  /** Of the same metric in `[first exposure - covariate window, first exposure)`; null without CUPED. */
  readonly covariate:
    | (Moments & {
        /** Sum of the covariate times the denominator; null unless it is a RATIO. */
        readonly denominatorCross: bigint | null
      })
    | null
  /** Of the denominator in the covariate's window; null unless it is a RATIO with CUPED. */
  readonly covariateDenominator:
    | (Moments & { readonly denominatorCross: bigint; readonly covariateCross: bigint })
    | null
}

/** How many units have each value of a QUANTILE, smallest value first. Values are integers of 10^-6. */
export type QuantileHistogram = MetricGroup & {
  readonly values: readonly { readonly value: bigint; readonly n: bigint }[]
}

/** Groups without a unit are absent. Lists are sorted by their fields in the order of the types, texts by their UTF-8 bytes. */
export type Sums = {
  /** Those that were exposed, in one variant, while the experiment ran, and are neither forced nor excluded. */
  readonly units: readonly UnitCounts[]
  /** Units that were exposed in two variants or more. They are left out. */
  readonly multiple: bigint
  /** Units that were forced into a variant at any time; they are left out, also of `served`. */
  readonly forced: readonly VariantCounts[]
  /** Units that were exposed and are on an exclusion list. */
  readonly excluded: readonly VariantCounts[]
  /** By the same rules as `units`. */
  readonly served: readonly ServedCounts[]
  /** Units that were served two variants or more. They are left out of `served`. */
  readonly servedMultiple: bigint
  /** Every exposure of the version and its variants before the cutoff, whether its unit is analysed or not. */
  readonly arrived: readonly ArrivedCounts[]
  /** Days without a change are absent; empty without `completeAfterMs`. */
  readonly completed: readonly CompletedCounts[]
  /** Beyond `segmentLimit`: values of the attribute, and units that have one of them. They are in no other list. */
  readonly omitted: { readonly values: number; readonly units: bigint }
  /** Of all kinds but QUANTILE; metrics in the order of the query. */
  readonly metrics: readonly MetricSums[]
  readonly quantiles: readonly QuantileHistogram[]
  /** The SQL texts in the order in which they ran. The tables `asked_*` hold the query's lists. */
  readonly sql: readonly string[]
}

/** All events with `after < position <= through`, but those that are erased or have no meaning for a read model. */
export type EventPage = {
  readonly after: number
  readonly through: number
  readonly events: readonly PositionedEvent[]
}

/** Exposures, served units and interactions up to a position of the log, as rows that can be summed. */
export type ReadModel = {
  /** The position up to which events are in it; 0 for an empty one. */
  through(): Promise<number>
  /**
   * Takes in a page, whole or not at all. What is in it already is skipped, so a page can be fed again.
   * @throws ReadModelGapError where the page begins above `through()`
   */
  feed(page: EventPage): Promise<void>
  /**
   * Goes on after a position without the events up to it, because they are not in the log any more. Queries about anything
   * from before `completeFrom`, epoch milliseconds, are refused from then on.
   */
  skip(to: { readonly position: number; readonly completeFrom: number }): Promise<void>
  /** The newest event that was fed, of any kind that has rows; null for an empty one. */
  lastEvent(): Promise<{ readonly position: number; readonly eventId: string } | null>
  /** Deletes what occurred to each unit up to its instant. What is fed later is not held back. */
  erase(units: ErasedInstants): Promise<void>
  /** Which erasures have to be asked for next, and when that was done last; epoch milliseconds, 0 before the first time. */
  erasuresRead(): Promise<{ readonly from: number; readonly at: number }>
  /**
   * Carries out erasures that are new, and once more those that are done in the log since: what was read of the log before
   * that is in the read model by then, or never will be. So nothing of a unit stays, whenever its events were fed.
   * @param read.erasures all that were recorded since `erasuresRead().from`
   * @param read.at when they were asked for, epoch milliseconds
   * @param read.again also carries out those that still wait, whether they were or not: then nothing is in the read model
   *   that the log did not have any more when they were asked for
   */
  eraseKnown(read: {
    readonly erasures: readonly KnownErasure[]
    readonly at: number
    readonly again?: boolean
  }): Promise<void>
  /**
   * Runs beside `feed`, on the events that are in the read model when it begins.
   * @throws SumOverflowError where a sum does not fit
   * @throws ReadModelBehindError where `asOf` is above `through()`
   * @throws EventsErasedError where events are missing that it needs
   */
  sums(query: SumsQuery): Promise<Sums>
  close(): Promise<void>
  /** Closes it and deletes its file, so that the next one begins anew. */
  discard(): Promise<void>
}
