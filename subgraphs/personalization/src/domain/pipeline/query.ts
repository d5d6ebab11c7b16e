import type { JsonObject, UnitVariant } from '@bulkhead/contracts'
import type { Occasion } from '../availability.ts'
import type { Item } from '../item.ts'
import type { ModelVersion } from '../model-version.ts'
import type { RecommendationModel } from '../recommendation-model.ts'
import type { ServingParameters } from './assignment/serving-parameters.ts'
import type { UserHistory } from './hydration/user-history.ts'

export const MAX_SLATE_SIZE = 500

/** What a client asks for. */
export type RecommendationRequest = {
  readonly userId: string
  readonly surface: string
  /** 1 to `MAX_SLATE_SIZE`. */
  readonly size: number
  readonly exclude: readonly string[]
  readonly attributes: JsonObject | null
  /** What the user's QA overrides ask for, verified. */
  readonly overrides: readonly UnitVariant[]
}

/** Best first. */
export type Ranking = readonly { readonly itemId: string; readonly score: number }[]

/** What the pipeline knows of the catalogue: in memory, so that no stage waits for it. */
export type Catalogue = {
  itemById(id: string): Item | undefined
  /** The items with these ids, by place: without a look-up by id from the second time on. The array must not change. */
  itemsOf(ids: readonly string[]): (place: number) => Item | undefined
  /** Most listeners first, scores in (0, 1]. */
  popular(): Ranking
  /** Most listeners lately first, scores in (0, 1]. */
  trending(): Ranking
  /** Every available item, newest first. */
  staticItems(): { readonly length: number } & Iterable<string>
  /** Number of items, the unavailable ones included. */
  size(): number
}

/** A model version whose artefact is in memory, verified and decoded. */
export type LoadedModel = { readonly version: ModelVersion; readonly model: RecommendationModel }

/** The models in memory: requests never wait for one. */
export type LoadedModels = {
  /** Null before the first is loaded, where no version is in PRODUCTION, and where that one cannot be loaded. */
  production(): LoadedModel | null
  /** The version that was in production before, which stands in where the one in production cannot serve. */
  previous(): LoadedModel | null
  /** The version in production, or one that a running experiment pins. */
  byVersionId(id: string): LoadedModel | null
  /** True for a version that is not there yet: nobody has found out whether it can be loaded. */
  isAwaited(id: string): boolean
}

/** A refresh in its canary serves a share of listeners. */
export type CanaryModels = {
  /**
   * The model for a listener who takes part: the canary's, or the one in production where they are among those whom it is
   * compared with. Null for everybody else, and while there is no canary.
   */
  modelFor(userId: string): LoadedModel | null
}

/** A request, once the user's history and the serving parameters are known: what the stages decide from. */
export type Query = Occasion & {
  readonly userId: string
  readonly surface: string
  /** Items wanted, 1 to `MAX_SLATE_SIZE`. */
  readonly size: number
  readonly exclude: ReadonlySet<string>
  readonly history: UserHistory
  readonly parameters: ServingParameters
  /** The one that the parameters ask for. */
  readonly model: LoadedModel | null
  /**
   * Stands in where `model` is missing or fails: the version in production before it or, for a version that an
   * experiment pins, the one in production.
   */
  readonly standInModel: LoadedModel | null
  readonly catalogue: Catalogue
  /** Of this slate's randomness: 32 hex digits. */
  readonly seed: string
}
