import { matchesCondition } from '../conditions/compiled-condition.ts'
import type { SavedGroups } from '../conditions/saved-groups.ts'
import { hashV2AfterSeed } from '../hash.ts'
import type { JsonObject } from '../json.ts'
import type { SnapshotExperiment, SnapshotVariant } from './assignment-snapshot.ts'
import { type EvaluableSnapshot, type ExperimentPlan, planOf } from './evaluation-plan.ts'

/** Why a unit is, or is not, in an experiment. */
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

/** What else decides, where the caller has it. Part of the input like the units: the evaluator remembers nothing. */
export type AssignmentInputs = {
  /** What verified QA overrides ask for (`readQaOverride`). One for another unit or an absent variant is ignored. */
  readonly overrides?: readonly UnitVariant[]
  /** The variants that units had before, for stickiness. One of another version or an absent variant is ignored. */
  readonly previous?: readonly (UnitVariant & { readonly experimentVersion: number })[]
}

export type UnitVariant = {
  readonly experimentKey: string
  readonly variantKey: string
  readonly unit: string
}

/**
 * Decides for each experiment of a snapshot which variant a unit meets. `units` maps unit types to units, such as
 * `{ userId: 'u1' }`. One assignment an experiment, in the snapshot's order; with a `surface`, experiments that list
 * surfaces without it are left out. Never throws on a parsed snapshot.
 *
 * Conditions see the attributes, and the units under their unit types; a unit wins over an attribute of that name.
 *
 * The first rule that applies decides:
 * 1. UNSUPPORTED: the evaluator does not know the status, a hash version or the trigger, the condition has a problem
 *    (`validateCondition`, with the snapshot's saved groups), a prerequisite cannot be resolved
 *    (`unresolvablePrerequisites`), a holdout of the snapshot cannot be read, the unit is missing or empty, the seed is
 *    empty, the weights do not sum to 1, a variant key is there twice, or a unit is forced into a variant that does not
 *    exist.
 * 2. NOT_RUNNING: PAUSED is the kill switch. Nobody is included, not even forced units.
 * 3. FORCED: an override names the unit, or `forced` lists it.
 * 4. HOLDOUT: a holdout that covers the experiment holds its unit, `hashV2(holdout.seed, unit) < share`. UNSUPPORTED
 *    where the caller passed no unit of the holdout's type: whoever may be held out is not treated.
 * 5. BUCKETED, by `previous`: the unit had a variant of this experiment in this version, and keeps it, whatever the rules
 *    below say. These are GrowthBook's sticky buckets.
 * 6. LAYER: the unit's position in the layer is outside the experiment's half-open range (`layerSeed`, `hashVersion`).
 * 7. TARGETING: the condition is not met, or a prerequisite does not include the unit, in one of the listed variants.
 *    UNSUPPORTED where a prerequisite is UNSUPPORTED.
 * 8. BUCKETED: `hashV2(seed, unit)` is in `[c, c + coverage * weight)`, c being the sum of the weights before.
 * 9. COVERAGE: it is in none of those.
 *
 * Laws, each tested:
 * - It is a pure function of its arguments: equal input, equal answer, in every process and for ever.
 * - GrowthBook's SDK (hash version 2) gives the same answer for rules 3 and 5 to 9.
 * - Growing the coverage, or widening the layer's range, only adds units; those included keep their variant.
 * - STOPPED assigns as RUNNING does, so that no one's experience flips.
 * - Disjoint ranges of one layer never include one unit twice, unless it is forced or has a variant from before.
 * - A held out unit is in no covered experiment, unless it is forced; a holdout moves no other unit.
 * - An experiment's assignment does not depend on the other experiments, but for its prerequisites.
 *
 * Do not change a snapshot that was passed in: what holds for all units is prepared once per snapshot object.
 */
export function assign(
  snapshot: EvaluableSnapshot,
  units: Readonly<Record<string, string>>,
  attributes: JsonObject,
  surface?: string,
  { overrides = [], previous = [] }: AssignmentInputs = {},
): Assignment[] {
  const { experiments, savedGroups } = planOf(snapshot)
  const request: Request = {
    units,
    attributes,
    overrides,
    previous,
    savedGroups,
    unitType: undefined,
    unit: null,
    subject: undefined,
    decided: undefined,
  }
  const assignments: Assignment[] = []
  for (const plan of experiments) {
    if (surface !== undefined && !reachesSurface(plan.rules.experiment, surface)) continue
    assignments.push(decide(plan, request))
  }
  return assignments
}

/** One call, with what is computed at most once in it. */
type Request = Required<AssignmentInputs> & {
  readonly units: Readonly<Record<string, string>>
  readonly attributes: JsonObject
  readonly savedGroups: SavedGroups
  /** The unit type that was last asked for, and its unit. */
  unitType: string | undefined
  unit: string | null
  /** What conditions see. */
  subject: JsonObject | undefined
  /** The prerequisites that have been decided. */
  decided: Map<ExperimentPlan, Assignment> | undefined
}

function reachesSurface(experiment: SnapshotExperiment, surface: string): boolean {
  return experiment.surfaces.length === 0 || experiment.surfaces.includes(surface)
}

function decide(plan: ExperimentPlan, request: Request): Assignment {
  if (!plan.isPrerequisite) return applyRules(plan, request)
  request.decided ??= new Map()
  const known = request.decided.get(plan)
  if (known !== undefined) return known
  const assignment = applyRules(plan, request)
  request.decided.set(plan, assignment)
  return assignment
}

function applyRules(plan: ExperimentPlan, request: Request): Assignment {
  const { experiment, seedHash, inLayer } = plan.rules
  const unit = unitOf(request, experiment.unitType)
  if (unit === null) return excluded(experiment, null, 'UNSUPPORTED', null)

  const bucket = seedHash === null ? null : hashV2AfterSeed(seedHash, unit)
  if (bucket === null || !plan.supported) return excluded(experiment, unit, 'UNSUPPORTED', bucket)
  if (experiment.status === 'PAUSED') return excluded(experiment, unit, 'NOT_RUNNING', bucket)

  const forced = forcedVariant(plan.rules, unit, request.overrides)
  if (forced !== undefined) return included(experiment, unit, forced, 'FORCED', bucket)

  const heldOut = reasonOfHoldouts(plan, request)
  if (heldOut !== null) return excluded(experiment, unit, heldOut, bucket)

  const previous = previousVariant(experiment, unit, request.previous)
  if (previous !== undefined) return included(experiment, unit, previous, 'BUCKETED', bucket)

  if (inLayer !== undefined && !inLayer(unit)) return excluded(experiment, unit, 'LAYER', bucket)
  const untargeted = reasonOfTargeting(plan, request)
  if (untargeted !== null) return excluded(experiment, unit, untargeted, bucket)

  for (const { from, to, variant } of plan.rules.ranges) {
    if (bucket >= from && bucket < to) return included(experiment, unit, variant, 'BUCKETED', bucket)
  }
  return excluded(experiment, unit, 'COVERAGE', bucket)
}

function unitOf(request: Request, unitType: string): string | null {
  // Most experiments of a snapshot have the unit type of the one before.
  if (request.unitType !== unitType) {
    request.unitType = unitType
    request.unit = findUnit(request.units, unitType)
  }
  return request.unit
}

/** Reads own properties only, so that a unit type named "constructor" is not found on every object. */
function findUnit(units: Readonly<Record<string, string>>, unitType: string): string | null {
  if (!Object.hasOwn(units, unitType)) return null
  const unit = units[unitType]
  return unit === undefined || unit === '' ? null : unit
}

function forcedVariant(
  { experiment, forced }: ExperimentPlan['rules'],
  unit: string,
  overrides: readonly UnitVariant[],
): SnapshotVariant | undefined {
  for (const override of overrides) {
    if (override.experimentKey !== experiment.key || override.unit !== unit) continue
    const variant = variantOf(experiment, override.variantKey)
    if (variant !== undefined) return variant
  }
  return forced?.get(unit)
}

function previousVariant(
  experiment: SnapshotExperiment,
  unit: string,
  previous: Request['previous'],
): SnapshotVariant | undefined {
  for (const { experimentKey, experimentVersion, variantKey, unit: before } of previous) {
    if (experimentKey !== experiment.key || experimentVersion !== experiment.version || before !== unit)
      continue
    const variant = variantOf(experiment, variantKey)
    if (variant !== undefined) return variant
  }
  return undefined
}

function variantOf({ variants }: SnapshotExperiment, key: string): SnapshotVariant | undefined {
  return variants.find((variant) => variant.key === key)
}

function reasonOfHoldouts({ holdouts }: ExperimentPlan, request: Request): 'HOLDOUT' | 'UNSUPPORTED' | null {
  for (const holdout of holdouts) {
    const unit = unitOf(request, holdout.unitType)
    if (unit === null) return 'UNSUPPORTED'
    if (holdout.holds(unit)) return 'HOLDOUT'
  }
  return null
}

function reasonOfTargeting(
  { rules: { condition }, prerequisites }: ExperimentPlan,
  request: Request,
): 'TARGETING' | 'UNSUPPORTED' | null {
  if (condition !== undefined) {
    request.subject ??= { ...request.attributes, ...request.units }
    if (!matchesCondition(condition, request.subject, request.savedGroups)) return 'TARGETING'
  }
  for (const { plan, variantKeys } of prerequisites) {
    const { variant, reason } = decide(plan, request)
    if (reason === 'UNSUPPORTED') return 'UNSUPPORTED'
    if (variant === null || (variantKeys !== undefined && !variantKeys.includes(variant.key)))
      return 'TARGETING'
  }
  return null
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
