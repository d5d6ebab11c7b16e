import { type ServingParameter, servingPayloadSchema } from '../serving-payload.ts'
import type { SnapshotExperiment } from './assignment-snapshot.ts'
import { layerHashVersion } from './layer.ts'

/** The properties of an experiment by which it can conflict with another. */
export type ConflictCandidate = {
  readonly unitType: string
  readonly surfaces: readonly string[]
  readonly layer: Readonly<NonNullable<SnapshotExperiment['layer']>> | null
  readonly variants: readonly { readonly payload: SnapshotExperiment['variants'][number]['payload'] }[]
}

/** All parameters that a payload can set, in the order of the schema. */
export const SERVING_PARAMETERS: readonly ServingParameter[] = Object.freeze(
  servingPayloadSchema.keyof().options,
)

/**
 * The parameters that two experiments would both set for the same request: those that both may set, if their surfaces
 * overlap (none listed means all) and no layer separates them. A layer separates two experiments of one unit type with
 * disjoint ranges. With two unit types or hash versions, a request can have a unit in each range. Conditions, holdouts and
 * prerequisites separate nothing: they can change at any time, and they say nothing about each other. Symmetric; empty
 * without a conflict. Statuses are not looked at: the caller chooses which experiments to compare.
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
  const hashVersion = layerHashVersion(a.layer)
  if (hashVersion === null || hashVersion !== layerHashVersion(b.layer)) return false
  return a.layer.to <= b.layer.from || b.layer.to <= a.layer.from
}

function maySet(experiment: ConflictCandidate, parameter: ServingParameter): boolean {
  return experiment.variants.some(({ payload }) => payload !== null && Object.hasOwn(payload, parameter))
}
