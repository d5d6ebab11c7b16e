import { type DecisionOutcome, type DecisionRecord, type Recipe, recipeSchema } from '@bulkhead/contracts'
import type { Experiment } from '../experiment.ts'
import { checkText, type InputProblem, type InvalidInput } from '../input-problems.ts'
import { planHash } from '../plan/analysis-plan.ts'
import { approversOf, type Decision } from './decision.ts'
import type { ReviewRefusal } from './review.ts'

const MAX_RATIONALE_LENGTH = 10_000

/** A decision as it was sent: nothing is checked yet. */
export type DecisionDraft = {
  readonly outcome: DecisionOutcome
  readonly variantKey?: string | null | undefined
  readonly modelVersionId?: string | null | undefined
  readonly analysisId?: string | null | undefined
  readonly recipe?: unknown
  readonly rationale: string
}

/** What a decision looks at of a stored analysis. */
export type DecisionAnalysis = {
  readonly id: string
  readonly hash: string
  readonly experimentKey: string
  readonly experimentVersion: number
}

type DecisionReading = { readonly type: 'valid'; readonly decision: Decision } | InvalidInput

/** Checks a decision against the experiment that it is about. */
export function validateDecision(
  draft: DecisionDraft,
  experiment: Pick<Experiment, 'key' | 'version' | 'variants' | 'plan'>,
  made: {
    readonly at: number
    readonly by: string
    /** Of the model versions that the variants name, by id. */
    readonly artefactHashes: ReadonlyMap<string, string>
    /** The one that the draft names; null where there is none of this id. */
    readonly analysis: DecisionAnalysis | null
  },
): DecisionReading {
  const { variants } = experiment
  const variantKey = draft.variantKey ?? null
  const problems: InputProblem[] = [...checkText(draft.rationale, MAX_RATIONALE_LENGTH, ['rationale'])]
  const variant = variants.find(({ key }) => key === variantKey)
  if (variantKey !== null && variant === undefined) {
    problems.push({ path: ['variantKey'], message: 'is not a variant of the experiment' })
  }
  if (draft.outcome === 'SHIP' && variantKey === null) {
    problems.push({ path: ['variantKey'], message: 'must name the variant that is shipped' })
  }
  if (draft.outcome === 'SHIP' && experiment.plan.noAnalysis === true) {
    const message = 'cannot be SHIP: the plan asked for no analysis, so nothing shows that it is better'
    problems.push({ path: ['outcome'], message })
  }
  const analysis = draft.analysisId == null ? null : made.analysis
  if (draft.analysisId != null) problems.push(...checkAnalysis(analysis, experiment))

  const served = variants.flatMap(({ payload }) => payload?.modelVersionId ?? [])
  const pinned = variant?.payload?.modelVersionId
  const modelVersionId = draft.modelVersionId ?? (typeof pinned === 'string' ? pinned : null)
  if (modelVersionId !== null && !served.includes(modelVersionId)) {
    problems.push({ path: ['modelVersionId'], message: 'is not served by any variant of the experiment' })
  } else if ((pinned !== undefined || draft.outcome === 'SHIP') && modelVersionId !== (pinned ?? null)) {
    problems.push({ path: ['modelVersionId'], message: 'is not the one that the variant serves' })
  }
  const recipe = draft.recipe == null ? null : readRecipe(draft.recipe, problems)
  if (draft.recipe != null && (draft.outcome !== 'SHIP' || modelVersionId === null)) {
    problems.push({ path: ['recipe'], message: 'is only for a SHIP of a model version' })
  }
  if (problems.length > 0) return { type: 'invalid-input', problems }
  return {
    type: 'valid',
    decision: {
      outcome: draft.outcome,
      variantKey,
      modelVersionId,
      artefactHash: modelVersionId === null ? null : (made.artefactHashes.get(modelVersionId) ?? null),
      rationale: draft.rationale,
      decidedBy: made.by,
      decidedAt: made.at,
      reviews: [],
      quorum: null,
      ...(analysis === null ? {} : { analysis: { id: analysis.id, hash: analysis.hash } }),
      ...(recipe === null ? {} : { recipe }),
      signed: null,
    },
  }
}

function readRecipe(raw: unknown, problems: InputProblem[]): Recipe | null {
  const parsed = recipeSchema.safeParse(raw)
  if (parsed.success) return parsed.data
  for (const { path, message } of parsed.error.issues) {
    problems.push({ path: ['recipe', ...path.map(String)], message })
  }
  return null
}

function checkAnalysis(
  analysis: DecisionAnalysis | null,
  { key, version }: Pick<Experiment, 'key' | 'version'>,
): InputProblem[] {
  function problem(message: string): InputProblem[] {
    return [{ path: ['analysisId'], message }]
  }
  if (analysis === null) return problem('names no stored analysis: store one with runAnalysis')
  if (analysis.experimentKey !== key) return problem('is an analysis of another experiment')
  if (analysis.experimentVersion !== version) {
    return problem(
      `is an analysis of version ${analysis.experimentVersion}, and the experiment is at version ${version}`,
    )
  }
  return []
}

/** Null if this person may review the decision. */
export function refuseDecisionReviewer(
  decision: Decision,
  review: { readonly by: string; readonly approved: boolean },
): ReviewRefusal | null {
  const { by } = review
  if (decision.decidedBy === by) return { type: 'own-work', by, what: 'decision' }
  const earlier = decision.reviews.some((other) => other.by === by && other.approved)
  return earlier && review.approved ? { type: 'already-approved', by } : null
}

/** What is signed once the decision is final. */
export function decisionRecord(
  { key, version, plan }: Pick<Experiment, 'key' | 'version' | 'plan'>,
  decision: Decision,
): Omit<DecisionRecord, 'keyId' | 'signature'> {
  return {
    experimentKey: key,
    experimentVersion: version,
    outcome: decision.outcome,
    variantKey: decision.variantKey,
    modelVersionId: decision.modelVersionId,
    artefactHash: decision.artefactHash,
    planHash: planHash(plan),
    analysisHash: decision.analysis?.hash ?? null,
    ...(decision.recipe === undefined ? {} : { recipe: decision.recipe }),
    rationale: decision.rationale,
    decidedBy: decision.decidedBy,
    decidedAt: new Date(decision.decidedAt).toISOString(),
    reviewedBy: approversOf(decision),
  }
}
