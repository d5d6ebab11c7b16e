import type { PartFingerprint } from './fingerprints.ts'
import type { SplitChoice } from './split.ts'

/** Grows with every change of this folder, or of what is trained here by name, that changes a digit of a report. */
export const CODE_VERSION = '1'

/** What was measured on, and how: with the model, it decides every digit of a report. */
export type Protocol = {
  readonly codeVersion: string
  readonly data: {
    /** SHA-256 of the consuming interactions that are stored: as of a model version that was trained on them. */
    readonly fingerprint: string
    readonly interactions: number
  }
  readonly split: {
    readonly kind: SplitChoice['kind']
    /** RFC 3339, of a temporal split. */
    readonly cutoff: string | null
    readonly train: PartFingerprint & { readonly items: number }
    readonly test: PartFingerprint
  }
  readonly users: {
    readonly measured: number
    /** In the test part, but with nothing in the train part: left out. */
    readonly withoutHistory: number
  }
  readonly cutoffs: readonly number[]
  readonly seed: number
  readonly intervals: {
    readonly method: 'percentile bootstrap over users'
    readonly level: 0.95
    readonly resamples: number
  }
}

export type EvaluatedModel = {
  /** As it was asked for: the name of what was trained, or the id of a version. */
  readonly name: string
  readonly algorithm: string
  /** SHA-256 of the stored artefact; null for a model that was trained on the train part. */
  readonly artefactHash: string | null
}

export type MetricEstimate = {
  /** For example `ndcg@10`. */
  readonly name: string
  /** Null where the metric says nothing of any list, such as diversity without categories. */
  readonly value: number | null
  /** Bounds of the interval; null for metrics of all lists together, such as coverage. */
  readonly lower: number | null
  readonly upper: number | null
  /** How many users the mean is over; null for metrics of all lists together. */
  readonly users: number | null
}

/** One model, measured. No time and no machine is in it: the same data, code and seed give the same bytes. */
export type EvaluationReport = {
  readonly type: 'evaluation'
  readonly protocol: Protocol
  readonly model: EvaluatedModel
  readonly metrics: readonly MetricEstimate[]
}

/** Two models, measured on the same users. */
export type ComparisonReport = {
  readonly type: 'comparison'
  readonly protocol: Protocol
  readonly test: { readonly method: 'paired sign-flip test, two-sided'; readonly flips: number }
  readonly models: readonly [EvaluatedModel, EvaluatedModel]
  readonly metrics: readonly {
    readonly name: string
    readonly values: readonly [MetricEstimate, MetricEstimate]
    /** Second minus first, over the users that have a value of both; bounds by the paired bootstrap. */
    readonly difference: Omit<MetricEstimate, 'name'>
    /** Of the difference, for this metric alone; null for metrics of all lists together. */
    readonly pValue: number | null
  }[]
}
