import { canonicalJson } from '@bulkhead/contracts'
import { readCondition } from './condition.ts'
import type { Experiment, Variant } from './experiment.ts'
import { type ChangeFacts, moveTo, refuseAction } from './lifecycle.ts'
import { type AnalysisPlan, checkPlan } from './plan/analysis-plan.ts'
import { type ExperimentMetricDraft, type KnownMetrics, readExperimentMetrics } from './plan/metric.ts'
import type { Frozen } from './refusals.ts'
import type { ChangeResult } from './steps.ts'
import {
  checkCoverage,
  checkHoldback,
  checkHypothesis,
  checkName,
  readVariants,
  type VariantDraft,
} from './validate-experiment.ts'

/** Upper bound on the versions of one experiment, which keeps the variants of each. */
const MAX_VERSIONS = 50

/** What may be edited; what is null or absent stays as it is. */
export type ExperimentEdit = {
  readonly name?: string | null | undefined
  readonly hypothesis?: string | null | undefined
  readonly coverage?: number | null | undefined
  /** `{}` is met by everybody. */
  readonly condition?: unknown
  readonly variants?: readonly VariantDraft[] | null | undefined
  readonly metrics?: readonly ExperimentMetricDraft[] | null | undefined
  readonly plan?: AnalysisPlan | null | undefined
}

/**
 * An edit, decided by the experiment's status:
 * - DRAFT: everything may change.
 * - IN_REVIEW, APPROVED: it is a draft again, because nobody has reviewed what it is now.
 * - RUNNING, PAUSED: texts change. More coverage adds units and keeps the others where they are, so it is recorded as a
 *   step of the ramp. Less coverage, another condition, and every change of the variants but their names, makes a new
 *   version with a new seed. Metrics and plan are frozen.
 * - later: refused.
 */
export function editExperiment(
  experiment: Experiment,
  edit: ExperimentEdit,
  facts: ChangeFacts,
  options: {
    readonly quorum: number
    readonly metrics: KnownMetrics
    /** What a HOLDBACK holds back, where the edit has variants. */
    readonly shipped?: Experiment | undefined
  },
): ChangeResult {
  const illegal = refuseAction(experiment, 'edit', options.quorum)
  if (illegal !== null) return { type: 'refused', refusal: illegal }

  const variants = edit.variants == null ? null : readVariants(edit.variants)
  const metrics = edit.metrics == null ? null : readExperimentMetrics(edit.metrics, options.metrics)
  const condition = readCondition(edit.condition, 'condition')
  const problems = [
    ...(edit.name == null ? [] : checkName(edit.name)),
    ...(edit.hypothesis == null ? [] : checkHypothesis(edit.hypothesis)),
    ...(edit.coverage == null ? [] : checkCoverage(edit.coverage)),
    ...condition.problems,
    ...(variants?.problems ?? []),
    ...(variants === null ? [] : checkHoldback(experiment, variants.variants, options.shipped)),
    ...(metrics?.problems ?? []),
    ...(edit.plan == null ? [] : checkPlan(edit.plan)),
  ]
  const edited: Experiment = {
    ...experiment,
    name: edit.name ?? experiment.name,
    hypothesis: edit.hypothesis ?? experiment.hypothesis,
    coverage: edit.coverage ?? experiment.coverage,
    condition: condition.condition ?? experiment.condition,
    variants: variants?.variants ?? experiment.variants,
    metrics: metrics?.metrics ?? experiment.metrics,
    plan: edit.plan ?? experiment.plan,
  }
  if (problems.length === 0 && isSame(edited, experiment)) {
    problems.push({ path: [], message: 'The edit changes nothing' })
  }
  if (problems.length > 0) return { type: 'refused', refusal: { type: 'invalid-input', problems } }

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
  if (fields.length > 0) return { type: 'refused', refusal: { type: 'frozen', fields } }

  const { versions, coverage, variants } = edited
  const treatment = (all: readonly Variant[]) => all.map(({ name: _, ...rest }) => rest)
  const step = { at, coverage }
  const isOther =
    !isSame(treatment(before.variants), treatment(variants)) || !isSame(before.condition, edited.condition)
  if (isOther || coverage < before.coverage) {
    if (versions.length >= MAX_VERSIONS) {
      return { type: 'refused', refusal: { type: 'too-many-changes', limit: MAX_VERSIONS } }
    }
    const version = before.version + 1
    const next = { version, since: at, variants, ramp: [step] }
    return changed(nextRevision({ ...edited, version, versions: [...versions, next] }))
  }
  const current = versions.at(-1)
  if (coverage > before.coverage && current !== undefined) {
    const ramped = { ...current, ramp: [...current.ramp, step] }
    return changed(nextRevision({ ...edited, versions: [...versions.slice(0, -1), ramped] }))
  }
  return changed(nextRevision(edited))
}

function isSame(a: Parameters<typeof canonicalJson>[0], b: Parameters<typeof canonicalJson>[0]): boolean {
  return canonicalJson(a) === canonicalJson(b)
}

function nextRevision(experiment: Experiment): Experiment {
  return { ...experiment, revision: experiment.revision + 1 }
}

function changed(experiment: Experiment): ChangeResult {
  return { type: 'changed', experiment }
}
