/** One item of the user's history, newest first in a list. `weight` above 0: how much it says about their taste. */
export type HistoryItem = { readonly itemId: string; readonly weight: number }

export type ModelCandidate = {
  readonly itemId: string
  /** The place of the id in the model's `itemIds`, where it has them. */
  readonly place?: number
  /** Comparable within one list of one model. Below 0 where the history speaks against the item. */
  readonly score: number
  /** Null where the model knows no reasons. */
  readonly becauseOf: BecauseOf | null
}

/**
 * Finds the item of the history that contributes most to a candidate's score; null where none contributes more than 0. A
 * function, since of hundreds of candidates a few are shown, and nobody asks for the reasons of the others. Gives the same
 * answer whenever it is called, and never throws.
 */
export type BecauseOf = () => string | null

/**
 * Whether an item may be in a list. The place is that of the id in the model's `itemIds`, where it has them: then whoever is
 * asked need not look the item up by its id.
 */
export type IsEligible = (itemId: string, place?: number) => boolean

/** A trained model, ready to serve. Immutable: the same history gives the same list, for ever. */
export type RecommendationModel = {
  /** What it is and every parameter that it was trained with: equal texts and equal data give equal models. */
  readonly algorithm: string
  readonly itemCount: number
  /** Always the same array. Absent where `isEligible` is asked without places. */
  readonly itemIds?: readonly string[]
  /**
   * Best first, ties by item id; items of the history itself left out; fewer than `limit` where it knows no more, or
   * has looked at as many as its work for one list allows.
   * `isEligible` is asked only about items good enough to be in the answer.
   */
  recommend(
    history: readonly HistoryItem[],
    limit: number,
    isEligible?: IsEligible,
  ): readonly ModelCandidate[]
}
