import type { SnapshotExperiment } from './assignment-snapshot.ts'
import { type ServingParameter, servingPayloadSchema } from './serving-payload.ts'

/** What of an experiment decides whether it can clash with another. */
export type ConflictCandidate = {
  readonly unitType: string
  readonly surfaces: readonly string[]
  readonly layer: Readonly<NonNullable<SnapshotExperiment['layer']>> | null
  readonly variants: readonly { readonly payload: SnapshotExperiment['variants'][number]['payload'] }[]
}

/** Everything that a payload can set, in the schema's order. */
export const SERVING_PARAMETERS: readonly ServingParameter[] = Object.freeze(
  servingPayloadSchema.keyof().options,
)

/**
 * The parameters that two experiments may both set while one request can reach both: their surfaces overlap (none
 * listed means all), and no layer keeps them apart. A layer does so with disjoint ranges for the same unit type; of
 * two unit types, one request's units can lie in both ranges. Symmetric; empty where nothing can clash. Which
 * statuses count is the caller's to say.
 */
export function conflictingParameters(a: ConflictCandidate, b: ConflictCandidate): ServingParameter[] {
  if (!surfacesOverlap(a, b) || layerSeparates(a, b)) return []
  return SERVING_PARAMETERS.filter((parameter) => maySet(a, parameter) && maySet(b, parameter))
}

function surfacesOverlap(a: ConflictCandidate, b: ConflictCandidate): boolean {
  if (a.surfaces.length === 0 || b.surfaces.length === 0) return true
  return a.surfaces.some((surface) => b.surfaces.includes(surface))
}

function layerSeparates(a: ConflictCandidate, b: ConflictCandidate): boolean {
  if (a.layer === null || b.layer === null) return false
  if (a.layer.key !== b.layer.key || a.unitType !== b.unitType) return false
  return a.layer.to <= b.layer.from || b.layer.to <= a.layer.from
}

function maySet(experiment: ConflictCandidate, parameter: ServingParameter): boolean {
  return experiment.variants.some(({ payload }) => payload !== null && Object.hasOwn(payload, parameter))
}
