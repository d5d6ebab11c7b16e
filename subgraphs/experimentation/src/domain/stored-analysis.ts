import type { JsonObject } from '@bulkhead/contracts'
import type { ExperimentVersion } from './experiment.ts'

export const ANALYSIS_ENGINES = ['DUCKDB', 'SPARK'] as const
export type AnalysisEngine = (typeof ANALYSIS_ENGINES)[number]

/**
 * An analysis as it was computed, with everything that a replay needs. It never changes. Times are epoch milliseconds.
 * What is beside `content` is either in it as well or no part of the hash.
 */
export type StoredAnalysis = {
  /** The hash: equal inputs with equal results are one analysis, whoever computed them first. */
  readonly id: string
  readonly experimentKey: string
  readonly experimentVersion: number
  /** On `occurredAt`, exclusive. */
  readonly cutoff: number
  /** Ingest position. */
  readonly asOf: number
  /** Null for all units, which is all that this release stores: segments are a part of `content`. */
  readonly segment: string | null
  /** Everything that the hash covers. Datastores do not look into it. */
  readonly content: JsonObject
  /** What was assigned, and when it ran, as they were known then: a stop that was recorded later changes no replay. */
  readonly version: Pick<ExperimentVersion, 'version' | 'variants'>
  readonly intervals: readonly { readonly from: number; readonly to: number | null }[]
  /** Every producer had delivered everything up to the cutoff. */
  readonly final: boolean
  readonly engine: AnalysisEngine
  /** What was run on the events, in order. */
  readonly sql: readonly string[]
  /** How many events with positions up to `asOf` had been erased with their units when it was computed. */
  readonly erasedBefore: number
  readonly createdAt: number
  /** The subject of who asked for it. */
  readonly requestedBy: string
}
