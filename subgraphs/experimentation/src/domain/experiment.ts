import type { ExposureTrigger, JsonObject } from '@bulkhead/contracts'
import type { Decision } from './governance/decision.ts'
import type { Review } from './governance/review.ts'
import type { AnalysisPlan } from './plan/analysis-plan.ts'
import type { ExperimentMetric } from './plan/metric.ts'
import type { ExperimentTargeting, Range } from './targeting/rules.ts'

export const EXPERIMENT_STATUSES = [
  'DRAFT',
  'IN_REVIEW',
  'APPROVED',
  'RUNNING',
  'PAUSED',
  'STOPPED',
  'DECIDED',
  'ARCHIVED',
] as const
export type ExperimentStatus = (typeof EXPERIMENT_STATUSES)[number]

/** Statuses in which the snapshot can list an experiment, because they decide what a unit gets. */
export const ASSIGNING_STATUSES = [
  'RUNNING',
  'PAUSED',
  'STOPPED',
] as const satisfies readonly ExperimentStatus[]

/** Statuses in which an experiment's decision is final. */
export const DECIDED_STATUSES = ['DECIDED', 'ARCHIVED'] as const satisfies readonly ExperimentStatus[]

/** A HOLDBACK keeps what another experiment has shipped from a few units, to see what it is worth in the long run. */
export const EXPERIMENT_KINDS = ['STANDARD', 'HOLDBACK'] as const
export type ExperimentKind = (typeof EXPERIMENT_KINDS)[number]

export type Variant = {
  readonly key: string
  readonly name: string
  /** Share of the covered units, 0 to 1; those of one experiment sum to 1. */
  readonly weight: number
  /** ServingPayload v1; null for "the default experience". */
  readonly payload: JsonObject | null
  readonly isControl: boolean
}

/** Who made a change that was stored before this was recorded. */
export const UNKNOWN_AUTHOR = 'unknown'

type StatusChange = {
  readonly from: ExperimentStatus
  readonly to: ExperimentStatus
  /** Epoch milliseconds; never earlier than the change before. */
  readonly at: number
  /** The subject of the caller's identity. */
  readonly by: string
  readonly reason: string
}

/** What was assigned under one version, kept for events that arrive late. */
export type ExperimentVersion = {
  readonly version: number
  /** From when on it was assigned, epoch milliseconds: the start, or the edit that made it. */
  readonly since: number
  readonly variants: readonly Variant[]
  /** The ramp: coverage, and range of the layer, from each instant on. Both only grow within a version. */
  readonly ramp: readonly {
    readonly at: number
    readonly coverage: number
    /** Absent outside any layer. */
    readonly layerRange?: Range
  }[]
}

export type Experiment = ExperimentTargeting & {
  readonly key: string
  readonly kind: ExperimentKind
  /** The experiment that has shipped what is held back; null unless it is a HOLDBACK. */
  readonly holdbackOf: string | null
  readonly name: string
  readonly hypothesis: string
  readonly owner: string
  readonly status: ExperimentStatus
  /** Counts every accepted change. */
  readonly revision: number
  /** Counts the changes that alter assignment after the start; it is part of the seed. */
  readonly version: number
  readonly unitType: string
  readonly surfaces: readonly string[]
  readonly coverage: number
  readonly exposureTrigger: ExposureTrigger
  readonly variants: readonly Variant[]
  readonly metrics: readonly ExperimentMetric[]
  /** Frozen at the start, as the metrics are. */
  readonly plan: AnalysisPlan
  /** The subject of the caller's identity. */
  readonly createdBy: string
  /** Epoch milliseconds, like every time in the domain. */
  readonly createdAt: number
  /** `createdBy` and everybody who has edited it since: none of them may review it. */
  readonly authors: readonly string[]
  readonly reviews: readonly Review[]
  /** How many approvals a start needed when it was started; null before, and where this was not recorded. */
  readonly startQuorum: number | null
  readonly startedAt: number | null
  readonly stoppedAt: number | null
  /** Every version that was assigned, oldest first; empty before the start. */
  readonly versions: readonly ExperimentVersion[]
  readonly history: readonly StatusChange[]
  /** Null before `recordDecision`, and after a decision was rejected. */
  readonly decision: Decision | null
}
