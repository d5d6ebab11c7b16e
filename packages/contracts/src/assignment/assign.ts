import { hashV1, hashV2 } from '../hash.ts'
import type { JsonObject } from '../json.ts'
import { EXPOSURE_TRIGGERS, SNAPSHOT_STATUSES } from '../primitives.ts'
import type { AssignmentSnapshot, SnapshotExperiment, SnapshotVariant } from './assignment-snapshot.ts'

/** Why a unit is, or is not, in an experiment. HOLDOUT and TARGETING are not in use until holdouts and conditions are. */
export const ASSIGNMENT_REASONS = [
  'BUCKETED',
  'FORCED',
  'HOLDOUT',
  'LAYER',
  'TARGETING',
  'COVERAGE',
  'NOT_RUNNING',
  'UNSUPPORTED',
] as const
export type AssignmentReason = (typeof ASSIGNMENT_REASONS)[number]

export type Assignment = {
  experiment: SnapshotExperiment
  /** The unit of the experiment's unit type; null where the caller passed none. */
  unit: string | null
  /** True with BUCKETED and FORCED, and only then. */
  included: boolean
  /** Null exactly where `included` is false. */
  variant: SnapshotVariant | null
  reason: AssignmentReason
  /** The unit's position in [0, 1), whatever the reason; null where it cannot be computed. */
  bucket: number | null
}

/** How far the sum of the weights may be from 1: enough for rounding errors. */
export const WEIGHT_SUM_TOLERANCE = 1e-6

/**
 * Decides for each experiment of a snapshot which variant a unit meets. `units` maps unit types to units, such as
 * `{ userId: 'u1' }`. One assignment an experiment, in the snapshot's order; with a `surface`, experiments that list
 * surfaces without it are left out. Never throws on a parsed snapshot.
 *
 * The first rule that applies decides:
 * 1. UNSUPPORTED: the evaluator does not know the status, hash version or trigger, there is a condition, the unit is
 *    missing or empty, the seed is empty, the weights do not sum to 1, a variant key is there twice, or a unit is forced
 *    into a variant that does not exist.
 * 2. NOT_RUNNING: PAUSED is the kill switch. Nobody is included, not even forced units.
 * 3. FORCED: the unit is listed in `forced`.
 * 4. LAYER: `hashV1('__' + layer.key, unit)` is outside the layer's half-open range (a GrowthBook namespace).
 * 5. BUCKETED: `hashV2(seed, unit)` is in `[c, c + coverage * weight)`, c being the sum of the weights before.
 * 6. COVERAGE: it is in none of those.
 *
 * Laws, each tested:
 * - It is a pure function of its arguments: equal input, equal answer, in every process and for ever.
 * - GrowthBook's SDK (hash version 2) gives the same answer for rules 3 to 6.
 * - Growing the coverage, or widening the layer's range, only adds units; those included keep their variant.
 * - STOPPED assigns as RUNNING does, so that no one's experience flips.
 * - Disjoint ranges of one layer never include one unit twice, unless it is forced.
 * - An experiment's assignment does not depend on the other experiments.
 *
 * Do not change a snapshot that was passed in: the checks that hold for all units are made once per experiment object.
 *
 * @param _attributes for conditions, which are not evaluated yet: an experiment with one is UNSUPPORTED
 */
export function assign(
  snapshot: Pick<AssignmentSnapshot, 'experiments'>,
  units: Readonly<Record<string, string>>,
  _attributes: JsonObject,
  surface?: string,
): Assignment[] {
  const assignments: Assignment[] = []
  for (const experiment of snapshot.experiments) {
    if (surface !== undefined && !reachesSurface(experiment, surface)) continue
    assignments.push(assignOne(experiment, units))
  }
  return assignments
}

function reachesSurface(experiment: SnapshotExperiment, surface: string): boolean {
  return experiment.surfaces.length === 0 || experiment.surfaces.includes(surface)
}

function assignOne(experiment: SnapshotExperiment, units: Readonly<Record<string, string>>): Assignment {
  const unit = unitOf(units, experiment.unitType)
  if (unit === null) return excluded(experiment, null, 'UNSUPPORTED', null)

  const hashable = experiment.hashVersion === 2 && experiment.seed !== ''
  const bucket = hashable ? hashV2(experiment.seed, unit) : null
  if (bucket === null || !isSupported(experiment)) return excluded(experiment, unit, 'UNSUPPORTED', bucket)
  if (experiment.status === 'PAUSED') return excluded(experiment, unit, 'NOT_RUNNING', bucket)

  const forced = forcedVariant(experiment, unit)
  if (forced !== undefined) return included(experiment, unit, forced, 'FORCED', bucket)

  const { layer } = experiment
  if (layer !== null) {
    const position = hashV1(`__${layer.key}`, unit)
    if (position < layer.from || position >= layer.to) return excluded(experiment, unit, 'LAYER', bucket)
  }

  const variant = variantAt(experiment, bucket)
  if (variant === undefined) return excluded(experiment, unit, 'COVERAGE', bucket)
  return included(experiment, unit, variant, 'BUCKETED', bucket)
}

/** Reads own properties only, so that a unit type named "constructor" is not found on every object. */
function unitOf(units: Readonly<Record<string, string>>, unitType: string): string | null {
  if (!Object.hasOwn(units, unitType)) return null
  const unit = units[unitType]
  return unit === undefined || unit === '' ? null : unit
}

function forcedVariant(experiment: SnapshotExperiment, unit: string): SnapshotVariant | undefined {
  if (!Object.hasOwn(experiment.forced, unit)) return undefined
  const key = experiment.forced[unit]
  return experiment.variants.find((variant) => variant.key === key)
}

/** Adds in GrowthBook's order. Another order would round differently, and move units at the borders. */
function variantAt(experiment: SnapshotExperiment, bucket: number): SnapshotVariant | undefined {
  let start = 0
  for (const variant of experiment.variants) {
    if (bucket >= start && bucket < start + experiment.coverage * variant.weight) return variant
    start += variant.weight
  }
  return undefined
}

const supportedExperiments = new WeakMap<SnapshotExperiment, boolean>()

function isSupported(experiment: SnapshotExperiment): boolean {
  const known = supportedExperiments.get(experiment)
  if (known !== undefined) return known
  const supported = checkSupport(experiment)
  supportedExperiments.set(experiment, supported)
  return supported
}

function checkSupport(experiment: SnapshotExperiment): boolean {
  const { status, trigger, condition, coverage, variants, forced } = experiment
  if (!(SNAPSHOT_STATUSES as readonly string[]).includes(status)) return false
  if (!(EXPOSURE_TRIGGERS as readonly string[]).includes(trigger)) return false
  if (condition !== null || !(coverage >= 0 && coverage <= 1)) return false

  const keys = new Set<string>()
  let sum = 0
  for (const variant of variants) {
    if (!(variant.weight >= 0)) return false
    keys.add(variant.key)
    sum += variant.weight
  }
  if (keys.size !== variants.length || !(Math.abs(sum - 1) <= WEIGHT_SUM_TOLERANCE)) return false
  return Object.values(forced).every((key) => keys.has(key))
}

function included(
  experiment: SnapshotExperiment,
  unit: string,
  variant: SnapshotVariant,
  reason: 'BUCKETED' | 'FORCED',
  bucket: number,
): Assignment {
  return { experiment, unit, included: true, variant, reason, bucket }
}

function excluded(
  experiment: SnapshotExperiment,
  unit: string | null,
  reason: Exclude<AssignmentReason, 'BUCKETED' | 'FORCED'>,
  bucket: number | null,
): Assignment {
  return { experiment, unit, included: false, variant: null, reason, bucket }
}
