/** One item of the user's history, newest first in a list. `weight` above 0: how much it says about their taste. */
export type HistoryItem = { readonly itemId: string; readonly weight: number }

export type ModelCandidate = {
  readonly itemId: string
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

/** A trained model, ready to serve. Immutable: the same history gives the same list, for ever. */
export type RecommendationModel = {
  /** What it is and every parameter that it was trained with: equal texts and equal data give equal models. */
  readonly algorithm: string
  readonly itemCount: number
  /**
   * Best first, ties by item id; items of the history itself left out; fewer than `limit` where it knows no more, or
   * has looked at as many as its work for one list allows.
   * `isEligible` is asked only about items good enough to be in the answer.
   */
  recommend(
    history: readonly HistoryItem[],
    limit: number,
    isEligible?: (itemId: string) => boolean,
  ): readonly ModelCandidate[]
}
