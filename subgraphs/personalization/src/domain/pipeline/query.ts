import type { Item } from '../item.ts'
import type { ModelVersion } from '../model-version.ts'
import type { RecommendationModel } from '../recommendation-model.ts'
import type { ServingParameters } from './assignment/serving-parameters.ts'
import type { UserHistory } from './hydration/user-history.ts'

/** What the pipeline knows of the catalogue: in memory, so that no stage waits for it. */
export type Catalogue = {
  itemById(id: string): Item | undefined
  /** False for unknown items too. */
  isAvailable(id: string): boolean
  /** Most interacted with first, scores in (0, 1]. */
  popular(): readonly { readonly itemId: string; readonly score: number }[]
  /** Every available item, newest first. */
  staticItems(): readonly string[]
  /** All items, the unavailable ones too. */
  size(): number
}

/** A model version whose artefact is in memory, verified and decoded. */
export type LoadedModel = { readonly version: ModelVersion; readonly model: RecommendationModel }

/** One request for a slate, with all that the stages need to know. */
export type Query = {
  readonly userId: string
  readonly surface: string
  /** Items wanted, 1 to 500. */
  readonly size: number
  readonly exclude: ReadonlySet<string>
  readonly history: UserHistory
  readonly parameters: ServingParameters
  readonly model: LoadedModel | null
  readonly catalogue: Catalogue
  /** Of this slate's randomness: 32 hex digits. */
  readonly seed: string
}
