import type { ModelStage } from '@bulkhead/contracts'

export type StageChange = {
  readonly from: ModelStage | null
  readonly to: ModelStage
  readonly at: number
  readonly by: string
  readonly reason: string
}

/** Who put a version into PRODUCTION, when and why. */
export type Promotion = Pick<StageChange, 'at' | 'by' | 'reason'>

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
  readonly stageHistory: readonly StageChange[]
}
