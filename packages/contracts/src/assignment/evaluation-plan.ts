import { compileCondition } from '../conditions/compile-condition.ts'
import type { Predicate } from '../conditions/compiled-condition.ts'
import { validateCondition } from '../conditions/condition.ts'
import type { SavedGroups } from '../conditions/saved-groups.ts'
import { fnv1a32 } from '../hash.ts'
import type { JsonObject } from '../json.ts'
import { EXPOSURE_TRIGGERS, SNAPSHOT_STATUSES } from '../primitives.ts'
import type { AssignmentSnapshot, SnapshotExperiment, SnapshotVariant } from './assignment-snapshot.ts'
import { type CompiledHoldout, compileHoldout, readHoldouts } from './holdout.ts'
import { compileLayerRange } from './layer.ts'
import { unresolvablePrerequisites } from './prerequisites.ts'

/** How far the sum of the weights may be from 1: enough for rounding errors. */
export const WEIGHT_SUM_TOLERANCE = 1e-6

/** What of a snapshot decides assignments. */
export type EvaluableSnapshot = Pick<AssignmentSnapshot, 'experiments'> & {
  readonly holdouts?: readonly JsonObject[]
  readonly savedGroups?: SavedGroups
}

/** An experiment, prepared for many units. */
export type ExperimentPlan = {
  readonly rules: ExperimentRules
  /** False where the evaluator cannot decide for any unit. */
  readonly supported: boolean
  /** Those that cover it. */
  readonly holdouts: readonly CompiledHoldout[]
  readonly prerequisites: readonly Prerequisite[]
  /** Then it is decided once for a unit, however many experiments need it. */
  readonly isPrerequisite: boolean
}

type Prerequisite = {
  readonly plan: ExperimentPlan
  /** Undefined for any variant. */
  readonly variantKeys: readonly string[] | undefined
}

export type SnapshotPlan = {
  readonly experiments: readonly ExperimentPlan[]
  readonly savedGroups: SavedGroups
}

/** What depends on the experiment alone. */
type ExperimentRules = {
  readonly experiment: SnapshotExperiment
  readonly supported: boolean
  /** `fnv1a32(seed)`; null where no bucket can be computed. */
  readonly seedHash: number | null
  readonly inLayer: ((unit: string) => boolean) | undefined
  readonly condition: Predicate | undefined
  /** Unit to variant; undefined where nobody is listed. */
  readonly forced: ReadonlyMap<string, SnapshotVariant> | undefined
  /** The half-open ranges of buckets that belong to the variants. */
  readonly ranges: readonly {
    readonly from: number
    readonly to: number
    readonly variant: SnapshotVariant
  }[]
}

const snapshotPlans = new WeakMap<EvaluableSnapshot, SnapshotPlan>()
const experimentRules = new WeakMap<SnapshotExperiment, ExperimentRules>()
const NO_GROUPS: SavedGroups = {}

/** Made once per snapshot object, and the experiments' own part once per experiment object. */
export function planOf(snapshot: EvaluableSnapshot): SnapshotPlan {
  const known = snapshotPlans.get(snapshot)
  if (known !== undefined) return known
  const plan = makePlan(snapshot)
  snapshotPlans.set(snapshot, plan)
  return plan
}

function makePlan({ experiments, holdouts = [], savedGroups = NO_GROUPS }: EvaluableSnapshot): SnapshotPlan {
  const compiledHoldouts = readHoldouts(holdouts)?.map(compileHoldout)
  const unresolvable = unresolvablePrerequisites(experiments)
  const needed = new Set(
    experiments.flatMap(({ prerequisites }) => prerequisites?.map((one) => one.experimentKey) ?? []),
  )
  const links: { readonly plan: ExperimentPlan; readonly prerequisites: Prerequisite[] }[] = []
  const byKey = new Map<string, ExperimentPlan>()

  for (const experiment of experiments) {
    const rules = rulesOf(experiment)
    const layerKey = experiment.layer?.key ?? null
    const prerequisites: Prerequisite[] = []
    const plan = {
      rules,
      supported:
        rules.supported &&
        compiledHoldouts !== undefined &&
        !unresolvable.has(experiment) &&
        knowsGroups(experiment, savedGroups),
      holdouts: compiledHoldouts?.filter((holdout) => holdout.covers(layerKey)) ?? [],
      prerequisites,
      isPrerequisite: needed.has(experiment.key),
    }
    links.push({ plan, prerequisites })
    byKey.set(experiment.key, plan)
  }
  for (const { plan, prerequisites } of links) {
    for (const { experimentKey, variantKeys } of plan.rules.experiment.prerequisites ?? []) {
      const prerequisite = byKey.get(experimentKey)
      if (prerequisite !== undefined) prerequisites.push({ plan: prerequisite, variantKeys })
    }
  }
  return { experiments: links.map(({ plan }) => plan), savedGroups }
}

function knowsGroups({ condition }: SnapshotExperiment, savedGroups: SavedGroups): boolean {
  return (
    condition === null ||
    compileCondition(condition).groups.every(({ key }) => Object.hasOwn(savedGroups, key))
  )
}

function rulesOf(experiment: SnapshotExperiment): ExperimentRules {
  const known = experimentRules.get(experiment)
  if (known !== undefined) return known
  const rules = makeRules(experiment)
  experimentRules.set(experiment, rules)
  return rules
}

function makeRules(experiment: SnapshotExperiment): ExperimentRules {
  const { hashVersion, seed, layer, condition, coverage, variants } = experiment
  const inLayer = layer === null ? undefined : compileLayerRange(layer)
  let start = 0
  const ranges = variants.map((variant) => {
    // Added in GrowthBook's order. Another order would round differently, and move units at the borders.
    const range = { from: start, to: start + coverage * variant.weight, variant }
    start += variant.weight
    return range
  })
  return {
    experiment,
    supported: isSupported(experiment) && (layer === null || inLayer !== undefined),
    seedHash: hashVersion === 2 && seed !== '' ? fnv1a32(seed) : null,
    inLayer,
    forced: forcedVariants(experiment),
    condition: condition === null ? undefined : compileCondition(condition).matches,
    ranges,
  }
}

function forcedVariants({ forced, variants }: SnapshotExperiment): ExperimentRules['forced'] {
  const entries = Object.entries(forced).flatMap(([unit, key]) => {
    const variant = variants.find((one) => one.key === key)
    return variant === undefined ? [] : [[unit, variant] as const]
  })
  return entries.length === 0 ? undefined : new Map(entries)
}

function isSupported({
  status,
  trigger,
  condition,
  coverage,
  variants,
  forced,
}: SnapshotExperiment): boolean {
  if (!(SNAPSHOT_STATUSES as readonly string[]).includes(status)) return false
  if (!(EXPOSURE_TRIGGERS as readonly string[]).includes(trigger)) return false
  if (condition !== null && validateCondition(condition).length > 0) return false
  if (!(coverage >= 0 && coverage <= 1)) return false

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
