import {
  type CanaryLimits,
  type CanaryReport,
  canaryFaults,
  canaryShortfalls,
} from '../canary/canary-report.ts'
import type { ModelVersion } from '../model-version.ts'
import { recipeDifferences } from '../training/recipe.ts'
import type { VerifiedDecision } from './decisions.ts'
import type { StageMove, StepRequest } from './stage-move.ts'
import { wasTakenOut } from './switch-off.ts'

/** What is known of a refresh. */
export type RefreshEvidence = {
  /** The version that it refreshes; null where there is none of that id. */
  readonly shipped: ModelVersion | null
  /** The signed decision that its history keeps; null where it keeps none whose signature is good. */
  readonly decision: VerifiedDecision | null
  /** A refresh of the same line that was in PRODUCTION and was taken out; null where none was. */
  readonly takenOut: string | null
  readonly canary: {
    readonly report: CanaryReport | null
    readonly hash: string | null
    readonly text: string
  }
  /** Another refresh that is in its canary. */
  readonly otherCanary: string | null
}

/** The shipped version whose line it is of: itself, or the one that it refreshes. */
export function lineOf({ id, refresh }: Pick<ModelVersion, 'id' | 'refresh'>): string {
  return refresh?.of ?? id
}

/** The signed decision with a recipe by which a version entered PRODUCTION, as its history keeps it; null for none. */
export function boundRecipe({ stageHistory }: Pick<ModelVersion, 'stageHistory'>): {
  readonly hash: string | null
  /** The decision, as JSON. */
  readonly record: string
} | null {
  const entry = stageHistory.findLast(
    ({ to, evidence }) => to === 'PRODUCTION' && evidence?.kind === 'DECISION',
  )
  const { hash = null, record } = entry?.evidence ?? {}
  return record === undefined ? null : { hash, record }
}

/** The refresh of the line in production that is in its canary, of several the one that is there for longest; null for none. */
export function canaryIn(
  versions: readonly ModelVersion[],
  production: Pick<ModelVersion, 'id' | 'refresh'>,
): ModelVersion | null {
  const [first] = versions
    .filter(({ stage, refresh }) => stage === 'EXPERIMENT' && refresh?.of === lineOf(production))
    .toSorted((a, b) => enteredAt(a) - enteredAt(b) || a.version - b.version)
  return first ?? null
}

/**
 * What happens to refreshes in their canary when a version of their line is taken out of PRODUCTION, which revokes the recipe
 * by which they were made.
 * @param versions those in EXPERIMENT
 */
export function retireCanaries(
  versions: readonly ModelVersion[],
  current: Pick<ModelVersion, 'id' | 'refresh'>,
  { at, by }: Pick<StepRequest, 'at' | 'by'>,
): readonly StageMove[] {
  const line = lineOf(current)
  const reason = `${current.id} was taken out of PRODUCTION, which has revoked the recipe of ${line}`
  return versions
    .filter(({ stage, refresh }) => stage === 'EXPERIMENT' && refresh?.of === line)
    .map(({ id }) => ({
      versionId: id,
      from: 'EXPERIMENT',
      change: { from: 'EXPERIMENT', to: 'RETIRED', at, by, reason },
    }))
}

/** Whether a version is a refresh of a line that was in PRODUCTION and was taken out: then the recipe is revoked. */
export function revokesRecipe(version: ModelVersion, line: string): boolean {
  return (
    version.refresh?.of === line &&
    version.stageHistory.some(({ to }) => to === 'PRODUCTION') &&
    wasTakenOut(version)
  )
}

function enteredAt({ stageHistory }: Pick<ModelVersion, 'stageHistory'>): number {
  return stageHistory.at(-1)?.at ?? 0
}

/**
 * Why a version may not stand in its recipe's decision at this moment, each in a sentence; empty where it may. The decision
 * holds for as long as neither the version that it shipped nor a refresh of it was taken out, and one of them serves.
 */
function recipeProblems(
  version: ModelVersion,
  evidence: Pick<RefreshEvidence, 'shipped' | 'decision' | 'takenOut'> | null,
  production: ModelVersion | null,
): readonly string[] {
  const { refresh, recipe } = version
  const shipped = evidence?.shipped ?? null
  if (refresh === undefined || shipped === null || shipped.id !== refresh.of) {
    return ['the version that it refreshes is not known']
  }
  if (wasTakenOut(shipped)) return [`${shipped.id} was taken out of service, which has revoked its decision`]
  const takenOut = evidence?.takenOut ?? null
  if (takenOut !== null)
    return [`${takenOut} was taken out of service, which has revoked the recipe of ${shipped.id}`]
  const decision = evidence?.decision ?? null
  if (
    decision?.kind !== 'DECISION' ||
    decision.hash !== refresh.decisionHash ||
    decision.record.outcome !== 'SHIP' ||
    decision.record.modelVersionId !== shipped.id ||
    decision.record.artefactHash !== shipped.artefactHash
  ) {
    return [`${shipped.id} has no signed SHIP decision ${refresh.decisionHash}`]
  }
  if (decision.record.recipe === undefined) return [`the SHIP decision about ${shipped.id} binds no recipe`]
  if (recipe === undefined) return ['it does not say by which recipe it was trained']
  const differences = recipeDifferences(decision.record.recipe, recipe)
  if (differences.length > 0) return differences
  if (production === null || lineOf(production) !== shipped.id) {
    const serves = production === null ? 'no version serves' : `${production.id} serves`
    return [`${serves}, and its recipe's decision is about ${shipped.id} and what refreshes it`]
  }
  return []
}

/** What a refresh lacks for its canary besides the shadow report. */
export function beforeCanary(
  version: ModelVersion,
  evidence: RefreshEvidence | null,
  production: ModelVersion | null,
): readonly string[] {
  const other = evidence?.otherCanary ?? null
  return [
    ...recipeProblems(version, evidence, production),
    ...(other === null ? [] : [`${other} is in its canary: one at a time`]),
  ]
}

/** What a refresh in its canary lacks for PRODUCTION. */
export function afterCanary(
  version: ModelVersion,
  evidence: RefreshEvidence | null,
  production: ModelVersion | null,
  limits: CanaryLimits,
): readonly string[] {
  const problems = recipeProblems(version, evidence, production)
  if (problems.length > 0 || production === null) return problems
  const report = evidence?.canary.report ?? null
  return [...canaryShortfalls(report, production.id, limits), ...canaryFaults(report, limits)]
}
