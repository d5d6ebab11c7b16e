import type { BootstrapDecision, DecisionRecord } from '@bulkhead/contracts'
import type { ModelVersion } from '../model-version.ts'
import { recipeDifferences } from '../training/recipe.ts'
import type { Gates } from './gates.ts'

/** A decision whose signature is good. */
export type VerifiedDecision = {
  /** SHA-256 of its canonical JSON, hex: what a change of stage names as its evidence. */
  readonly hash: string
  /** That JSON. */
  readonly text: string
} & (
  | { readonly kind: 'DECISION'; readonly record: DecisionRecord }
  | { readonly kind: 'BOOTSTRAP'; readonly record: BootstrapDecision }
)

export type FoundDecision = VerifiedDecision | { readonly kind: 'none'; readonly problem: string }

/**
 * The decision that lets a version into PRODUCTION, or why there is none: of its kind, for exactly its artefact, not too
 * old, and never used before. A decision that was used counts no more, so a rollback revokes it.
 */
export function decisionFor(
  kind: VerifiedDecision['kind'],
  version: Pick<ModelVersion, 'id' | 'artefactHash' | 'stageHistory'>,
  decisions: readonly VerifiedDecision[],
  { now, gates }: { readonly now: number; readonly gates: Pick<Gates, 'decisionMaxAgeMs'> },
): FoundDecision {
  const what = kind === 'DECISION' ? 'SHIP decision' : 'bootstrap decision'
  const about = decisions.filter(
    (decision) =>
      decision.kind === kind &&
      decision.record.modelVersionId === version.id &&
      (decision.kind === 'BOOTSTRAP' || decision.record.outcome === 'SHIP'),
  )
  const used = new Set(version.stageHistory.map(({ evidence }) => evidence?.hash))
  let problem = `no signed ${what} about ${version.id} is in the newest snapshot of experimentation`
  for (const decision of about) {
    const { artefactHash, decidedAt } = decision.record
    if (artefactHash !== version.artefactHash) {
      const other =
        artefactHash === null ? 'an artefact whose hash it does not say' : `the artefact ${artefactHash}`
      problem = `the ${what} speaks of ${other}, not of ${version.artefactHash}`
    } else if (decision.kind === 'BOOTSTRAP' && !restsOn(decision.record.evaluationHash, version)) {
      problem = `the ${what} rests on another evaluation than the one by which it is EVALUATED`
    } else if (used.has(decision.hash)) {
      problem = `the ${what} was used before: after a rollback another experiment has to decide`
    } else if (now - Date.parse(decidedAt) > gates.decisionMaxAgeMs) {
      problem = `the ${what} is from ${decidedAt}, which is too long ago`
    } else return decision
  }
  return { kind: 'none', problem }
}

/**
 * Whether a decision binds the recipe by which the version was trained. One that names another recipe, such as a mistyped
 * one, lets in the artefact and no refresh: nothing that was compared was trained by that.
 */
export function bindsOwnRecipe(
  { recipe }: Pick<DecisionRecord, 'recipe'>,
  { recipe: own }: Pick<ModelVersion, 'recipe'>,
): boolean {
  return recipe !== undefined && own !== undefined && recipeDifferences(recipe, own).length === 0
}

/** A decision that names no evaluation rests on whichever there is. */
function restsOn(
  evaluationHash: string | null,
  { stageHistory }: Pick<ModelVersion, 'stageHistory'>,
): boolean {
  if (evaluationHash === null) return true
  const evaluated = stageHistory.findLast(({ to }) => to === 'EVALUATED')
  return evaluated?.evidence?.hash === evaluationHash
}
