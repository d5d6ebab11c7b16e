import type { ModelStage, Recipe } from '@bulkhead/contracts'
import type { ShadowReport } from './shadow/shadow-report.ts'

export const EVIDENCE_KINDS = [
  'EVALUATION',
  'SHADOW',
  'DECISION',
  'BOOTSTRAP',
  'CANARY',
  'ROLLBACK',
  'GUARDRAIL',
] as const

/** What a change of stage stands on. */
export type StageEvidence = {
  readonly kind: (typeof EVIDENCE_KINDS)[number]
  /** SHA-256 of the report or of the signed decision, hex; null for a rollback, and for what a guardrail has switched off. */
  readonly hash: string | null
  /**
   * What the hash is of, as canonical JSON, where the change keeps it: a signed decision that binds a recipe, because later
   * refreshes stand on it, and the figures of a canary.
   */
  readonly record?: string
  /** The report itself of a shadow, as it was judged; absent in changes of earlier releases. */
  readonly shadow?: ShadowReport
}

/** What a version that was trained by a bound recipe stands on. */
export type Refresh = {
  /** The version whose SHIP decision binds the recipe. */
  readonly of: string
  /** SHA-256 of that signed decision, hex. */
  readonly decisionHash: string
}

export type StageChange = {
  readonly from: ModelStage | null
  readonly to: ModelStage
  readonly at: number
  readonly by: string
  readonly reason: string
  /** Absent where nothing had to be shown, and in changes of earlier releases. */
  readonly evidence?: StageEvidence
  /** The version that took the place in PRODUCTION of one that left it; absent for every other change. */
  readonly successorId?: string
}

export function replacedReason(successorId: string): string {
  return `${successorId} entered PRODUCTION`
}

/** What happens to the version in PRODUCTION when a successor enters it. */
export function replacedBy(successorId: string, { at, by }: Pick<StageChange, 'at' | 'by'>): StageChange {
  return { from: 'PRODUCTION', to: 'RETIRED', at, by, reason: replacedReason(successorId), successorId }
}

export type TrainingData = {
  /** SHA-256 of the canonical interaction log that the model saw. */
  readonly fingerprint: string
  readonly users: number
  readonly items: number
  readonly interactions: number
  /** Epoch milliseconds: no later interaction was seen. */
  readonly cutoff: number
}

/** A trained model that never changes; only its stage does. */
export type ModelVersion = {
  /** `<model>-v<version>`. */
  readonly id: string
  readonly model: string
  readonly version: number
  readonly algorithm: string
  readonly stage: ModelStage
  readonly owner: string
  readonly createdAt: number
  /** SHA-256 of the artefact, hex. */
  readonly artefactHash: string
  readonly trainingData: TrainingData
  /** Absent for what was trained elsewhere, and for versions of earlier releases. */
  readonly recipe?: Recipe
  /** Of a version that was trained anew by the recipe of a shipped one, and walks the path of a refresh; absent elsewhere. */
  readonly refresh?: Refresh
  readonly stageHistory: readonly StageChange[]
}
