import {
  canonicalJson,
  type ExposureTrigger,
  type JsonObject,
  jsonObjectSchema,
  servingPayloadSchema,
  WEIGHT_SUM_TOLERANCE,
} from '@bulkhead/contracts'
import type { Experiment, ExperimentKind, Variant } from './experiment.ts'
import { checkKey, checkName, checkText, type InputProblem, type InvalidInput } from './input-problems.ts'
import { type AnalysisPlan, checkAnalysed, checkPlan } from './plan/analysis-plan.ts'
import { type ExperimentMetricDraft, type KnownMetrics, readExperimentMetrics } from './plan/metric.ts'
import { NO_TARGETING } from './targeting/definitions.ts'
import {
  readTargeting,
  type TargetingContext,
  type TargetingDraft,
} from './targeting/experiment-targeting.ts'
import { UNTARGETED } from './targeting/rules.ts'

export const MIN_VARIANTS = 2
export const MAX_VARIANTS = 20
const MAX_SURFACES = 50
const MAX_HYPOTHESIS_LENGTH = 4_000
const MAX_REASON_LENGTH = 1_000

/** What can be randomised so far. */
const UNIT_TYPES: readonly string[] = ['userId']

export type VariantDraft = {
  readonly key: string
  readonly name: string
  readonly weight: number
  /** Read as ServingPayload v1; null or absent for the default experience. */
  readonly payload?: unknown
  readonly isControl: boolean
}

/** An experiment as its author sent it: nothing is checked yet. */
export type ExperimentDraft = TargetingDraft & {
  readonly key: string
  /** STANDARD unless said otherwise. */
  readonly kind?: ExperimentKind
  readonly holdbackOf?: string | null | undefined
  readonly name: string
  readonly hypothesis: string
  readonly owner: string
  readonly unitType: string
  readonly surfaces: readonly string[]
  readonly coverage: number
  readonly exposureTrigger: ExposureTrigger
  readonly variants: readonly VariantDraft[]
  readonly metrics: readonly ExperimentMetricDraft[]
  readonly plan: AnalysisPlan
}

const NOTHING_LISTED: TargetingContext = { targeting: NO_TARGETING, listed: () => [] }

type ExperimentReading = { readonly type: 'valid'; readonly experiment: Experiment } | InvalidInput

/**
 * Turns a draft into a new experiment in status DRAFT, or reports every problem with its path in the input.
 * @param creation.at epoch milliseconds
 * @param known the newest version of each metric that the draft names
 * @param context what its targeting is checked against
 * @param shipped the experiment that `holdbackOf` names, if there is one
 */
export function validateExperiment(
  draft: ExperimentDraft,
  creation: { readonly at: number; readonly by: string },
  known: KnownMetrics = new Map(),
  context: TargetingContext = NOTHING_LISTED,
  shipped?: Experiment,
): ExperimentReading {
  const variants = readVariants(draft.variants)
  const metrics = readExperimentMetrics(draft.metrics, known)
  const targeting = readTargeting(draft, UNTARGETED, { key: draft.key, variants: variants.variants }, context)
  const problems: InputProblem[] = [
    ...checkKey(draft.key, ['key']),
    ...checkName(draft.name, ['name']),
    ...checkHypothesis(draft.hypothesis),
    ...checkName(draft.owner, ['owner']),
    ...checkUnitType(draft.unitType),
    ...checkSurfaces(draft.surfaces),
    ...checkCoverage(draft.coverage),
    ...variants.problems,
    ...metrics.problems,
    ...checkPlan(draft.plan, context.targeting.savedGroups),
    ...checkAnalysed(draft.plan, draft.metrics),
    ...targeting.problems,
    ...checkHoldback(draft, variants.variants, shipped),
  ]
  if (problems.length > 0) return { type: 'invalid-input', problems }

  const { key, name, hypothesis, owner, unitType, surfaces, coverage, exposureTrigger } = draft
  return {
    type: 'valid',
    experiment: {
      key,
      kind: draft.kind ?? 'STANDARD',
      holdbackOf: draft.holdbackOf ?? null,
      name,
      hypothesis,
      owner,
      status: 'DRAFT',
      revision: 1,
      version: 1,
      unitType,
      surfaces: [...surfaces],
      coverage,
      ...targeting.targeting,
      exposureTrigger,
      variants: variants.variants,
      metrics: metrics.metrics,
      plan: draft.plan,
      createdBy: creation.by,
      createdAt: creation.at,
      authors: [creation.by],
      reviews: [],
      startQuorum: null,
      startedAt: null,
      stoppedAt: null,
      versions: [],
      history: [],
      decision: null,
    },
  }
}

export function checkHypothesis(hypothesis: string): InputProblem[] {
  return checkText(hypothesis, MAX_HYPOTHESIS_LENGTH, ['hypothesis'])
}

export function checkCoverage(coverage: number): InputProblem[] {
  return checkShare(coverage, ['coverage'])
}

export function readVariants(drafts: readonly VariantDraft[]): {
  readonly variants: readonly Variant[]
  readonly problems: readonly InputProblem[]
} {
  const problems = checkVariants(drafts)
  const variants = drafts.slice(0, MAX_VARIANTS).map((variant, index): Variant => {
    const payload = readPayload(variant.payload ?? null, ['variants', String(index), 'payload'])
    problems.push(...payload.problems)
    const { key, name, weight, isControl } = variant
    return { key, name, weight, payload: payload.value, isControl }
  })
  problems.push(...checkPinnedModels(variants))
  return { variants, problems }
}

/** Null if the reason of a change is acceptable. It is required, because the audit log shows no other explanation. */
export function refuseReason(reason: string, field = 'reason'): InvalidInput | null {
  const problems = checkText(reason, MAX_REASON_LENGTH, [field])
  return problems.length === 0 ? null : { type: 'invalid-input', problems }
}

/**
 * A holdback compares what was shipped with what was there before, so one of its variants, and not the control, has to
 * be what the decision shipped.
 */
export function checkHoldback(
  { kind = 'STANDARD', holdbackOf = null }: Pick<ExperimentDraft, 'kind' | 'holdbackOf'>,
  variants: readonly Variant[],
  shipped: Experiment | undefined,
): InputProblem[] {
  const path = ['holdbackOf']
  if (kind === 'STANDARD') return holdbackOf === null ? [] : [{ path, message: 'is for HOLDBACK only' }]
  if (holdbackOf === null) return [{ path, message: 'must name the experiment whose change is held back' }]
  const decision = shipped?.decision
  if (decision?.signed?.outcome !== 'SHIP') {
    return [{ path, message: 'must name an experiment with a reviewed decision to SHIP' }]
  }
  const payload = shipped?.variants.find(({ key }) => key === decision.variantKey)?.payload ?? null
  const isServed = variants.some(
    (variant) => !variant.isControl && canonicalJson(variant.payload) === canonicalJson(payload),
  )
  return isServed
    ? []
    : [{ path: ['variants'], message: 'must have, beside the control, the payload that was shipped' }]
}

function checkUnitType(unitType: string): InputProblem[] {
  if (UNIT_TYPES.includes(unitType)) return []
  return [{ path: ['unitType'], message: `must be one of: ${UNIT_TYPES.join(', ')}` }]
}

function checkSurfaces(surfaces: readonly string[]): InputProblem[] {
  if (surfaces.length > MAX_SURFACES) {
    return [{ path: ['surfaces'], message: `must not name more than ${MAX_SURFACES} surfaces` }]
  }
  return surfaces.flatMap((surface, index) => {
    const path = ['surfaces', String(index)]
    if (surfaces.indexOf(surface) !== index) return [{ path, message: 'is listed twice' }]
    return checkKey(surface, path)
  })
}

function checkShare(share: number, path: readonly string[]): InputProblem[] {
  return share > 0 && share <= 1 ? [] : [{ path, message: 'must be above 0 and at most 1' }]
}

function checkVariants(variants: readonly VariantDraft[]): InputProblem[] {
  const path = ['variants']
  if (variants.length < MIN_VARIANTS || variants.length > MAX_VARIANTS) {
    return [{ path, message: `must have ${MIN_VARIANTS} to ${MAX_VARIANTS} entries` }]
  }
  const problems = variants.flatMap((variant, index) => checkVariant(variant, index, variants))
  const sum = variants.reduce((total, { weight }) => total + weight, 0)
  if (!(Math.abs(sum - 1) <= WEIGHT_SUM_TOLERANCE)) {
    problems.push({ path, message: `must have weights that sum to 1, not ${sum}` })
  }
  const controls = variants.filter(({ isControl }) => isControl).length
  if (controls !== 1) problems.push({ path, message: `must have exactly one control, not ${controls}` })
  return problems
}

function checkVariant(
  variant: VariantDraft,
  index: number,
  variants: readonly VariantDraft[],
): InputProblem[] {
  const path = (field: string) => ['variants', String(index), field]
  const taken = variants.findIndex(({ key }) => key === variant.key) !== index
  return [
    ...(taken
      ? [{ path: path('key'), message: 'is the key of an earlier variant too' }]
      : checkKey(variant.key, path('key'))),
    ...checkName(variant.name, path('name')),
    ...checkShare(variant.weight, path('weight')),
  ]
}

function readPayload(
  raw: unknown,
  path: readonly string[],
): { value: JsonObject | null; problems: readonly InputProblem[] } {
  if (raw === null) return { value: null, problems: [] }
  // Checked as JSON first: the input itself is stored, so canonical JSON must be able to write it.
  const json = jsonObjectSchema.safeParse(raw)
  if (!json.success) return { value: null, problems: toProblems(json.error.issues, path) }
  const payload = servingPayloadSchema.safeParse(json.data)
  if (!payload.success) return { value: null, problems: toProblems(payload.error.issues, path) }
  return { value: json.data, problems: [] }
}

function toProblems(
  issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[],
  path: readonly string[],
): InputProblem[] {
  return issues.map((issue) => ({ path: [...path, ...issue.path.map(String)], message: issue.message }))
}

/**
 * If one variant names a model version, all must. A variant without one is served by the production model, so a
 * promotion in the middle of the experiment would change what it compares.
 */
function checkPinnedModels(variants: readonly Variant[]): InputProblem[] {
  const pins = ({ payload }: Variant) => payload !== null && Object.hasOwn(payload, 'modelVersionId')
  if (!variants.some(pins)) return []
  return variants.flatMap((variant, index) =>
    pins(variant)
      ? []
      : [
          {
            path: ['variants', String(index), 'payload'],
            message: 'must set modelVersionId, because another variant does',
          },
        ],
  )
}
