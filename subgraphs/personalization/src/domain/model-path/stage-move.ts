import type { ModelStage } from '@bulkhead/contracts'
import type { StageChange } from '../model-version.ts'

export type StepRequest = {
  readonly to: ModelStage
  readonly by: string
  readonly reason: string
  /** Epoch milliseconds. */
  readonly at: number
}

/** A change of one version's stage, for as long as it still is in `from`. */
export type StageMove = {
  readonly versionId: string
  readonly from: ModelStage
  readonly change: StageChange
}
