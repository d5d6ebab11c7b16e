import type { ModelStage } from '@bulkhead/contracts'
import { type ModelVersion, replacedBy, type StageEvidence } from '../model-version.ts'
import { bindsOwnRecipe, decisionFor, type VerifiedDecision } from './decisions.ts'
import type { Gates } from './gates.ts'
import type { ModelEvaluation } from './model-evaluation.ts'
import { offlineProblems } from './offline-gate.ts'
import { afterCanary, beforeCanary, type RefreshEvidence } from './refresh.ts'
import type { StageMove, StepRequest } from './stage-move.ts'

/** The way to PRODUCTION. RETIRED is its end, from wherever. */
export const PATH = ['REGISTERED', 'EVALUATED', 'SHADOW', 'EXPERIMENT', 'PRODUCTION'] as const

/** What is known when a step is asked for. */
export type StepEvidence = {
  /** The version in PRODUCTION. */
  readonly production: ModelVersion | null
  /** The newest of the version. */
  readonly evaluation: ModelEvaluation | null
  /** What its shadow report lacks, each in a sentence, and the report. */
  readonly shadow: { readonly problems: readonly string[]; readonly evidence: StageEvidence | null }
  readonly decisions: readonly VerifiedDecision[]
  /** Null for every version that is no refresh. */
  readonly refresh: RefreshEvidence | null
  readonly gates: Gates
}

export type StepPlan =
  | { readonly type: 'moves'; readonly moves: readonly StageMove[] }
  | { readonly type: 'illegal-step'; readonly from: ModelStage; readonly legal: readonly ModelStage[] }
  /** Each in a sentence. */
  | { readonly type: 'gate'; readonly missing: readonly string[] }

/**
 * The steps that a stage allows. EVALUATED may go straight to PRODUCTION only with a bootstrap decision, as the first
 * model of a deployment. What leaves PRODUCTION is replaced or rolled back, never just retired.
 */
export function legalSteps(stage: ModelStage): readonly ModelStage[] {
  switch (stage) {
    case 'REGISTERED':
      return ['EVALUATED', 'RETIRED']
    case 'EVALUATED':
      return ['SHADOW', 'PRODUCTION', 'RETIRED']
    case 'SHADOW':
      return ['EXPERIMENT', 'RETIRED']
    case 'EXPERIMENT':
      return ['PRODUCTION', 'RETIRED']
    case 'PRODUCTION':
    case 'RETIRED':
      return []
  }
}

/** What a step changes, or why it is refused: invariant 5. */
export function planStep(version: ModelVersion, request: StepRequest, evidence: StepEvidence): StepPlan {
  const { id, stage } = version
  const { to, at, by, reason } = request
  const legal = legalSteps(stage)
  if (!legal.includes(to)) return { type: 'illegal-step', from: stage, legal }
  const gate = passGate(version, request, evidence)
  if ('missing' in gate) return { type: 'gate', missing: gate.missing }
  const change = { from: stage, to, at, by, reason }
  const moves: StageMove[] = [
    {
      versionId: id,
      from: stage,
      change: gate.evidence === null ? change : { ...change, evidence: gate.evidence },
    },
  ]
  const { production } = evidence
  if (to === 'PRODUCTION' && production !== null)
    moves.unshift({ versionId: production.id, from: 'PRODUCTION', change: replacedBy(id, request) })
  return { type: 'moves', moves }
}

/**
 * Why it is not the first model; empty where it is, and better than what is popular. It also is where all that was ever in
 * PRODUCTION was rolled back: then there is nothing to compare it with in shadow or in an experiment either.
 */
function firstProblems({ production, evaluation, gates }: StepEvidence): readonly string[] {
  if (production !== null)
    return [`${production.id} serves, so it is not the first model: it goes on to SHADOW`]
  return offlineProblems(evaluation, { championId: null, gates })
}

type Passed = { readonly evidence: StageEvidence | null } | { readonly missing: readonly string[] }

function passGate(version: ModelVersion, { to, at }: StepRequest, evidence: StepEvidence): Passed {
  const { production, evaluation, shadow, decisions, gates } = evidence
  switch (to) {
    case 'EVALUATED': {
      const missing = offlineProblems(evaluation, { championId: production?.id ?? null, gates })
      if (missing.length > 0 || evaluation === null) return { missing }
      return { evidence: { kind: 'EVALUATION', hash: evaluation.hash } }
    }
    case 'EXPERIMENT': {
      const isRefresh = version.refresh !== undefined
      const missing = [
        ...shadow.problems,
        ...(isRefresh ? againstChampion(evidence) : []),
        ...(isRefresh ? beforeCanary(version, evidence.refresh, production) : []),
      ]
      return missing.length > 0 ? { missing } : { evidence: shadow.evidence }
    }
    case 'PRODUCTION': {
      if (version.refresh !== undefined) return passCanary(version, evidence)
      const first = version.stage === 'EVALUATED'
      if (first) {
        const missing = firstProblems(evidence)
        if (missing.length > 0) return { missing }
      }
      const found = decisionFor(first ? 'BOOTSTRAP' : 'DECISION', version, decisions, { now: at, gates })
      if (found.kind === 'none') return { missing: [found.problem] }
      const { kind, hash, text } = found
      const bindsRecipe = found.kind === 'DECISION' && bindsOwnRecipe(found.record, version)
      return { evidence: bindsRecipe ? { kind, hash, record: text } : { kind, hash } }
    }
    default:
      return { evidence: null }
  }
}

/** No experiment compares a refresh with the champion, so its evaluation has to be against the one that serves now. */
function againstChampion({ production, evaluation, gates }: StepEvidence): readonly string[] {
  return production === null ? [] : offlineProblems(evaluation, { championId: production.id, gates })
}

/** A refresh never enters PRODUCTION by another way: one that is to, is trained without `refresh`. */
function passCanary(version: ModelVersion, evidence: StepEvidence): Passed {
  const { refresh, production, gates } = evidence
  if (version.stage !== 'EXPERIMENT') return { missing: ['it is a refresh: it goes on to SHADOW'] }
  const missing = [...againstChampion(evidence), ...afterCanary(version, refresh, production, gates.canary)]
  if (missing.length > 0 || refresh === null) return { missing }
  const { hash, text } = refresh.canary
  return { evidence: { kind: 'CANARY', hash, record: text } }
}
