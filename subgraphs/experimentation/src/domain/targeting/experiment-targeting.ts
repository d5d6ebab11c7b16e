import { identifierSchema, keySchema } from '@bulkhead/contracts'
import { readCondition } from '../condition.ts'
import type { Experiment } from '../experiment.ts'
import type { InputProblem } from '../input-problems.ts'
import type { Targeting } from './definitions.ts'
import { checkLayerRange, largestFreeRange } from './layer-ranges.ts'
import type { ExperimentTargeting, ForcedVariant, LayerShare, Prerequisite, Range } from './rules.ts'

/** Upper bound on the units that are forced into a variant: it is for testers, and the list is in every snapshot. */
const MAX_FORCED = 100
const MAX_PREREQUISITES = 20
const MAX_PREREQUISITE_VARIANTS = 20

/** As it was sent: nothing is checked yet. */
export type TargetingDraft = {
  readonly layer?: string | null | undefined
  readonly layerRange?: Range | null | undefined
  readonly condition?: unknown
  readonly forced?: readonly ForcedVariant[] | null | undefined
  readonly prerequisites?: readonly PrerequisiteDraft[] | null | undefined
}

type PrerequisiteDraft = {
  readonly experimentKey: string
  readonly variantKeys?: readonly string[] | null | undefined
}

/** What targeting is checked against. */
export type TargetingContext = {
  readonly targeting: Targeting
  /** The listed experiments. */
  readonly listed: () => Iterable<Experiment>
}

type TargetingReading = {
  readonly targeting: ExperimentTargeting
  readonly problems: readonly InputProblem[]
}

/**
 * The targeting of an experiment after a draft of it, and everything that is wrong with it. What is null or absent stays
 * as it was before; a list is replaced as a whole, and the condition `{}`, which everyone meets, removes it.
 * @param experiment with the variants that it will have
 */
export function readTargeting(
  draft: TargetingDraft,
  before: ExperimentTargeting,
  experiment: Pick<Experiment, 'key' | 'variants'>,
  context: TargetingContext,
): TargetingReading {
  const layer = readLayer(draft, before.layer, context)
  const condition = readCondition(draft.condition, 'condition', context.targeting.savedGroups.keys())
  const forced = draft.forced?.map(({ unit, variantKey }) => ({ unit, variantKey })) ?? before.forced
  const prerequisites =
    draft.prerequisites?.map(({ experimentKey, variantKeys }) => ({
      experimentKey,
      variantKeys: variantKeys == null ? null : [...variantKeys],
    })) ?? before.prerequisites
  return {
    targeting: {
      layer: layer.value,
      condition: draft.condition == null ? before.condition : condition.condition,
      forced,
      prerequisites,
    },
    problems: [
      ...layer.problems,
      ...condition.problems,
      ...checkForced(forced, experiment),
      ...checkPrerequisites(prerequisites, experiment.key),
    ],
  }
}

type Part<T> = { readonly value: T; readonly problems: readonly InputProblem[] }

function readLayer(
  { layer: key = null, layerRange = null }: TargetingDraft,
  before: LayerShare | null,
  { targeting, listed }: TargetingContext,
): Part<LayerShare | null> {
  const layer = key ?? before?.key ?? null
  if (layer === null) {
    const problems =
      layerRange === null ? [] : [{ path: ['layerRange'], message: 'is for experiments in a layer' }]
    return { value: null, problems }
  }
  if (key === null && layerRange === null) return { value: before, problems: [] }
  if (!targeting.layers.has(layer)) {
    const message = 'names no layer: create it with createLayer'
    return { value: before, problems: [{ path: ['layer'], message }] }
  }
  const range = layerRange ?? largestFreeRange(layer, listed())
  if (range === null) {
    const message = 'has no free range: decide one of its experiments, or say which `layerRange` you want'
    return { value: before, problems: [{ path: ['layer'], message }] }
  }
  const { from, to } = range
  return { value: { key: layer, from, to }, problems: checkLayerRange(range) }
}

function checkForced(
  forced: readonly ForcedVariant[],
  { variants }: Pick<Experiment, 'variants'>,
): InputProblem[] {
  if (forced.length > MAX_FORCED) {
    return [{ path: ['forced'], message: `must not have more than ${MAX_FORCED} entries` }]
  }
  const units = new Set<string>()
  return forced.flatMap(({ unit, variantKey }, index) => {
    const problems: InputProblem[] = []
    const path = (field: string) => ['forced', String(index), field]
    if (!identifierSchema.safeParse(unit).success) {
      problems.push({ path: path('unit'), message: 'must be 1 to 256 characters of well-formed text' })
    } else if (units.has(unit)) problems.push({ path: path('unit'), message: 'is forced twice' })
    units.add(unit)
    if (!variants.some(({ key }) => key === variantKey)) {
      problems.push({ path: path('variantKey'), message: 'is not the key of a variant' })
    }
    return problems
  })
}

function checkPrerequisites(prerequisites: readonly Prerequisite[], own: string): InputProblem[] {
  if (prerequisites.length > MAX_PREREQUISITES) {
    const message = `must not name more than ${MAX_PREREQUISITES} experiments`
    return [{ path: ['prerequisites'], message }]
  }
  const keys = prerequisites.map(({ experimentKey }) => experimentKey)
  return prerequisites.flatMap(({ experimentKey, variantKeys }, index) => {
    const problems: InputProblem[] = []
    const path = (field: string) => ['prerequisites', String(index), field]
    if (!keySchema.safeParse(experimentKey).success || experimentKey === own) {
      problems.push({ path: path('experimentKey'), message: 'must be the key of another experiment' })
    } else if (keys.indexOf(experimentKey) !== index) {
      problems.push({ path: path('experimentKey'), message: 'is listed twice' })
    }
    if (variantKeys === null) return problems
    const isBounded = variantKeys.length > 0 && variantKeys.length <= MAX_PREREQUISITE_VARIANTS
    if (!isBounded || !variantKeys.every((key) => keySchema.safeParse(key).success)) {
      const message = `must be 1 to ${MAX_PREREQUISITE_VARIANTS} keys of variants; leave it out for any`
      problems.push({ path: path('variantKeys'), message })
    }
    return problems
  })
}
