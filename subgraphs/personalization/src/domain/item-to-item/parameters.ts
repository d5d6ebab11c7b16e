export type ItemToItemParameters = {
  /** BM25's k1: how fast a user's weight saturates. Above 0. */
  readonly k1: number
  /** BM25's b: how much a long list of items takes from the weight of each, from 0 (nothing) to 1. */
  readonly b: number
  /** Added to the cosine's denominator, so that items which few users had in common get a low similarity. */
  readonly shrinkage: number
  /** Upper bound on neighbours per item; the most similar ones are kept. */
  readonly neighbours: number
  /**
   * Upper bound on items per user, because training takes the square of it. Of a longer list, an evenly spread sample
   * counts.
   */
  readonly itemsPerUser: number
}

/**
 * k1 and b were chosen on a fifth of ml-100k's train half that was held out: precision@10 there .211, where the common
 * k1 = 1.2, b = .75 without shrinkage had .200. Shrinkage 5 was chosen on the valid part of Last.fm: NDCG@20 .183, where
 * 20 has .176; held-out ml-100k does not tell them apart (.205 both).
 * `neighbours` and `itemsPerUser` bound what one item and one user can cost.
 */
export const DEFAULT_PARAMETERS: ItemToItemParameters = {
  k1: 50,
  b: 1,
  shrinkage: 5,
  neighbours: 200,
  itemsPerUser: 2_000,
}

/**
 * Raise the number when the computation or the format of the artefact changes: `train` then makes a new version of the same
 * data.
 */
export const ITEM_TO_ITEM_CODE_VERSION = 'item-to-item/2'

/** Names everything besides the data that decides what the model is. */
export function describeAlgorithm(parameters: ItemToItemParameters): string {
  const { k1, b, shrinkage, neighbours, itemsPerUser } = parameters
  return (
    `${ITEM_TO_ITEM_CODE_VERSION} BM25-weighted cosine (k1=${k1}, b=${b}, shrinkage=${shrinkage}, ` +
    `neighbours=${neighbours}, itemsPerUser=${itemsPerUser})`
  )
}
