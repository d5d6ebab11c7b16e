import type { ExposureTrigger, JsonObject } from '@bulkhead/contracts'

/** The statuses that exist so far: reviews, decisions and archiving are not there yet. */
export const EXPERIMENT_STATUSES = ['DRAFT', 'RUNNING', 'PAUSED', 'STOPPED'] as const
export type ExperimentStatus = (typeof EXPERIMENT_STATUSES)[number]

/** Statuses in which the snapshot lists an experiment, because they decide what a unit gets. */
export const ASSIGNING_STATUSES = [
  'RUNNING',
  'PAUSED',
  'STOPPED',
] as const satisfies readonly ExperimentStatus[]

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
  /** Epoch milliseconds. */
  readonly at: number
  /** The subject of the caller's identity. */
  readonly by: string
  readonly reason: string
}

export type Experiment = {
  readonly key: string
  readonly name: string
  readonly hypothesis: string
  readonly owner: string
  readonly status: ExperimentStatus
  /** Counts every accepted change. */
  readonly revision: number
  /** Counts the changes that alter assignment; it is part of the seed. */
  readonly version: number
  readonly unitType: string
  readonly surfaces: readonly string[]
  readonly coverage: number
  readonly exposureTrigger: ExposureTrigger
  readonly variants: readonly Variant[]
  /** The subject of the caller's identity. */
  readonly createdBy: string
  /** Epoch milliseconds, like every time in the domain. */
  readonly createdAt: number
  readonly startedAt: number | null
  readonly stoppedAt: number | null
  readonly history: readonly StatusChange[]
}
