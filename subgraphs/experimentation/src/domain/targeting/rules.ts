import type { JsonObject } from '@bulkhead/contracts'

/** A half-open range of [0, 1). */
export type Range = { readonly from: number; readonly to: number }

/** The range of a layer that an experiment has, or asks for. */
export type LayerShare = Range & { readonly key: string }

export type ForcedVariant = { readonly unit: string; readonly variantKey: string }

export type Prerequisite = {
  readonly experimentKey: string
  /** One of these; null for any variant. */
  readonly variantKeys: readonly string[] | null
}

/** What of an experiment decides whom it may include. */
export type ExperimentTargeting = {
  /** Null outside any layer. */
  readonly layer: LayerShare | null
  /** Null for everyone. */
  readonly condition: JsonObject | null
  /** Units that get a variant whatever the rules say; they are never counted. */
  readonly forced: readonly ForcedVariant[]
  /** Listed experiments that have to include the unit. */
  readonly prerequisites: readonly Prerequisite[]
}

export const UNTARGETED: ExperimentTargeting = {
  layer: null,
  condition: null,
  forced: [],
  prerequisites: [],
}
