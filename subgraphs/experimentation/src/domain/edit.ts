import { canonicalJson } from '@bulkhead/contracts'
import type { Experiment, Variant } from './experiment.ts'
import { checkName } from './input-problems.ts'
import { type ChangeFacts, moveTo, nextRevision, refuseAction } from './lifecycle.ts'
import { type AnalysisPlan, checkAnalysed, checkPlan } from './plan/analysis-plan.ts'
import { type ExperimentMetricDraft, type KnownMetrics, readExperimentMetrics } from './plan/metric.ts'
import type { Frozen } from './refusals.ts'
import { type ChangeResult, changed, refused } from './steps.ts'
import {
  readTargeting,
  type TargetingContext,
  type TargetingDraft,
} from './targeting/experiment-targeting.ts'
import { rampStep } from './targeting/layer-ranges.ts'
import type { LayerShare } from './targeting/rules.ts'
import {
  checkCoverage,
  checkHoldback,
  checkHypothesis,
  readVariants,
  type VariantDraft,
} from './validate-experiment.ts'

/** Upper bound on the versions of one experiment, which keeps the variants of each. */
const MAX_VERSIONS = 50

/** What may be edited; what is null or absent stays as it is. */
export type ExperimentEdit = Omit<TargetingDraft, 'layer'> & {
  readonly name?: string | null | undefined
  readonly hypothesis?: string | null | undefined
  readonly coverage?: number | null | undefined
  readonly variants?: readonly VariantDraft[] | null | undefined
  readonly metrics?: readonly ExperimentMetricDraft[] | null | undefined
  readonly plan?: AnalysisPlan | null | undefined
}

/**
 * An edit, decided by the experiment's status:
 * - DRAFT: everything may change.
 * - IN_REVIEW, APPROVED: it is a draft again, because nobody has reviewed what it is now.
 * - RUNNING, PAUSED: texts change, and who is forced, since that is never counted. More coverage, or a wider range of the
 *   layer, adds units and keeps the others where they are, so it is recorded as a step of the ramp. Less coverage, another
 *   range, another condition or prerequisite, and every change of the variants but their names make a new version with a
 *   new seed. Metrics and plan are frozen.
 * - later: refused.
 */
export function editExperiment(
  experiment: Experiment,
  edit: ExperimentEdit,
  facts: ChangeFacts,
  options: TargetingContext & {
    readonly quorum: number
    readonly metrics: KnownMetrics
    /** What a HOLDBACK holds back, where the edit has variants. */
    readonly shipped?: Experiment | undefined
  },
): ChangeResult {
  const illegal = refuseAction(experiment, 'edit', options.quorum)
  if (illegal !== null) return refused(illegal)

  const variants = edit.variants == null ? null : readVariants(edit.variants)
  const metrics = edit.metrics == null ? null : readExperimentMetrics(edit.metrics, options.metrics)
  const targeting = readTargeting(
    edit,
    experiment,
    { key: experiment.key, variants: variants?.variants ?? experiment.variants },
    options,
  )
  const problems = [
    ...(edit.name == null ? [] : checkName(edit.name, ['name'])),
    ...(edit.hypothesis == null ? [] : checkHypothesis(edit.hypothesis)),
    ...(edit.coverage == null ? [] : checkCoverage(edit.coverage)),
    ...(variants?.problems ?? []),
    ...(variants === null ? [] : checkHoldback(experiment, variants.variants, options.shipped)),
    ...(metrics?.problems ?? []),
    ...(edit.plan == null ? [] : checkPlan(edit.plan, options.targeting.savedGroups)),
    ...checkAnalysed(edit.plan ?? experiment.plan, edit.metrics ?? experiment.metrics),
    ...targeting.problems,
  ]
  const edited: Experiment = {
    ...experiment,
    ...targeting.targeting,
    name: edit.name ?? experiment.name,
    hypothesis: edit.hypothesis ?? experiment.hypothesis,
    coverage: edit.coverage ?? experiment.coverage,
    variants: variants?.variants ?? experiment.variants,
    metrics: metrics?.metrics ?? experiment.metrics,
    plan: edit.plan ?? experiment.plan,
  }
  if (problems.length === 0 && isSame(edited, experiment)) {
    problems.push({ path: [], message: 'The edit changes nothing' })
  }
  if (problems.length > 0) return refused({ type: 'invalid-input', problems })

  const authored = { ...edited, authors: [...new Set([...experiment.authors, facts.by])] }
  switch (experiment.status) {
    case 'DRAFT':
      return changed(nextRevision(authored))
    case 'IN_REVIEW':
    case 'APPROVED':
      return changed(moveTo(authored, 'DRAFT', facts))
    default:
      return editStarted(experiment, authored, facts.at)
  }
}

function editStarted(before: Experiment, edited: Experiment, at: number): ChangeResult {
  const fields: Frozen['fields'][number][] = []
  if (!isSame(before.metrics, edited.metrics)) fields.push('metrics')
  if (!isSame(before.plan, edited.plan)) fields.push('plan')
  if (fields.length > 0) return refused({ type: 'frozen', fields })

  const { versions, variants } = edited
  const step = rampStep(edited, at)
  if (assignsAnew(before, edited)) {
    if (versions.length >= MAX_VERSIONS) return refused({ type: 'too-many-changes', limit: MAX_VERSIONS })
    const version = before.version + 1
    const next = { version, since: at, variants, ramp: [step] }
    return changed(nextRevision({ ...edited, version, versions: [...versions, next] }))
  }
  const current = versions.at(-1)
  if (isRamp(before, edited) && current !== undefined) {
    const ramped = { ...current, ramp: [...current.ramp, step] }
    return changed(nextRevision({ ...edited, versions: [...versions.slice(0, -1), ramped] }))
  }
  return changed(nextRevision(edited))
}

/** Whether units could leave, or meet another variant: then the version before cannot be continued. */
function assignsAnew(before: Experiment, edited: Experiment): boolean {
  const treatment = (all: readonly Variant[]) => all.map(({ name: _, ...rest }) => rest)
  return (
    !isSame(treatment(before.variants), treatment(edited.variants)) ||
    !isSame(before.condition, edited.condition) ||
    !isSame(before.prerequisites, edited.prerequisites) ||
    edited.coverage < before.coverage ||
    !holdsRange(edited.layer, before.layer)
  )
}

function isRamp(before: Experiment, edited: Experiment): boolean {
  return edited.coverage > before.coverage || !isSame(before.layer, edited.layer)
}

/** Whether every unit of the inner range is in the outer one, too. */
function holdsRange(outer: LayerShare | null, inner: LayerShare | null): boolean {
  if (outer === null || inner === null) return outer === inner
  return outer.key === inner.key && outer.from <= inner.from && inner.to <= outer.to
}

function isSame(a: Parameters<typeof canonicalJson>[0], b: Parameters<typeof canonicalJson>[0]): boolean {
  return canonicalJson(a) === canonicalJson(b)
}
