import type { JsonObject, Rung } from '@bulkhead/contracts'

export const REASON_KINDS = ['BECAUSE_OF_ITEM', 'POPULAR', 'TRENDING', 'NEW', 'EXPLORATION'] as const
export type ReasonKind = (typeof REASON_KINDS)[number]

export type Reason = { readonly kind: ReasonKind; readonly itemId: string | null; readonly text: string }

/** Why a slate was not served from the top rung of the degradation ladder. */
export const DEGRADATION_CAUSES = [
  /** The payload's mix does not use the model. The payload was followed, so it counts as applied. */
  'MODEL_NOT_IN_MIX',
  'NO_MODEL',
  'MODEL_FAILED',
  'COLD_START',
  'HISTORY_UNAVAILABLE',
  'NO_CANDIDATES',
  'EMPTY_CATALOGUE',
] as const
export type DegradationCause = (typeof DEGRADATION_CAUSES)[number]

export type SlateItem = {
  readonly itemId: string
  readonly score: number
  /** Name of the candidate source that brought the item in, which later versions of the code may not have. */
  readonly source: string
  /** P(item | earlier picks, candidates, policy), in (0, 1]; null where it is not known. */
  readonly propensity: number | null
  readonly reason: Reason | null
}

/** How it went to ask a candidate source. */
export const SOURCE_OUTCOMES = [
  'ANSWERED',
  /** It had nothing to offer for this query, and was not asked. */
  'UNAVAILABLE',
  'FAILED',
  /** It was too late, or was left out for a while because it was too late or failed before. */
  'CUT',
] as const
export type SourceOutcome = (typeof SOURCE_OUTCOMES)[number]

/** What one candidate source brought. */
export type SlateSource = {
  readonly name: string
  readonly outcome: SourceOutcome
  /** After the filters. */
  readonly candidates: number
  /** Of the slate. */
  readonly items: number
}

/** When the exposure of an assignment is due: NONE for a stopped experiment, which keeps its assignment but no data. */
export const EXPOSURES_DUE = ['ON_SERVE', 'ON_IMPRESSION', 'NONE'] as const
export type ExposureDue = (typeof EXPOSURES_DUE)[number]

/** An assignment as it was when the slate was served. With the snapshot's version it can always be evaluated again. */
export type SlateAssignment = {
  readonly experimentKey: string
  readonly experimentVersion: number
  readonly variantKey: string
  readonly unit: string
  readonly forced: boolean
  /** False where the payload was invalid, its model absent, a source of its mix empty, or a lower rung served. */
  readonly applied: boolean
  readonly exposure: ExposureDue
}

export type ServingPolicy = {
  /** Begins with `reduced-` where the candidate width was reduced because of overload. */
  readonly id: string
  readonly seed: string
  readonly candidatesHash: string
  /** How many candidates each source was asked for; null where it was stored before this was recorded. */
  readonly candidateWidth: number | null
}

/** What one user was shown on one surface at one moment. Never changed once it is stored. */
export type Slate = {
  readonly id: string
  readonly userId: string
  readonly surface: string
  readonly createdAt: number
  readonly items: readonly SlateItem[]
  readonly servedBy: {
    readonly rung: Rung
    readonly cause: DegradationCause | null
    /** The candidate sources that were asked, in their order; null where it was stored before this was recorded. */
    readonly sources: readonly SlateSource[] | null
    /** Share of the items that a model brought in, 0 to 1; null where it was stored before this was recorded. */
    readonly modelShare: number | null
  }
  readonly modelVersionId: string | null
  /** Null before the first snapshot, and where the slate was served unassigned. */
  readonly snapshotVersion: number | null
  readonly attributes: JsonObject | null
  readonly assignments: readonly SlateAssignment[]
  /** ExposureContext v1, encoded. */
  readonly exposureContext: string
  readonly policy: ServingPolicy
  /** The process that served it; null where it was stored before this was recorded. */
  readonly producer: string | null
}
