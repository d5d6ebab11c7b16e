/** How well one ranked list finds a user's relevant items. Every value is in [0, 1]; the larger the better. */
export type Accuracy = {
  /** Hits among the first k, divided by k, also where the list is shorter than k. */
  readonly precision: number
  /** Hits among the first k, divided by the number of relevant items: below 1 wherever there are more than k of them. */
  readonly recall: number
  /** Hits among the first k, divided by min(k, number of relevant items). */
  readonly cappedRecall: number
  /** NDCG whose ideal list ends at k, the standard form (Järvelin and Kekäläinen 2002, binary gains): 1 can be reached. */
  readonly ndcg: number
  /** NDCG whose ideal list has all relevant items, beyond k too, as some published tables have it (Dacrema et al. 2021). */
  readonly fullIdealNdcg: number
  /**
   * Average precision: the sum of precision@r over the ranks r <= k of hits, divided by min(k, number of relevant items).
   * Its mean over users is MAP@k.
   */
  readonly averagePrecision: number
  /** 1 / rank of the first hit, 0 where none is among the first k. Its mean over users is MRR@k (Voorhees 1999). */
  readonly reciprocalRank: number
  /** 1 where any of the first k is relevant, else 0. */
  readonly hitRate: number
}

/**
 * @param hits by rank, best first: whether the item there is relevant; no item may come twice
 * @param relevant number of the user's relevant items, those that the list misses included
 * @param k how many ranks count
 * @throws RangeError where k or `relevant` is no whole number above 0, or fewer are relevant than were hit
 */
export function accuracyAt(hits: readonly boolean[], relevant: number, k: number): Accuracy {
  if (!(Number.isInteger(k) && k > 0)) throw new RangeError(`a cutoff is a whole number above 0, not ${k}`)
  if (!(Number.isInteger(relevant) && relevant > 0)) {
    throw new RangeError(`accuracy needs a relevant item, and there are ${relevant}`)
  }
  let found = 0
  let gain = 0
  let precisions = 0
  let first = 0
  const ranks = Math.min(k, hits.length)
  for (let rank = 1; rank <= ranks; rank++) {
    if (hits[rank - 1] !== true) continue
    found++
    gain += discount(rank)
    precisions += found / rank
    if (first === 0) first = rank
  }
  if (found > relevant) throw new RangeError(`${found} hits, and only ${relevant} relevant items`)
  const reachable = Math.min(k, relevant)
  return {
    precision: found / k,
    recall: found / relevant,
    cappedRecall: found / reachable,
    ndcg: gain / idealGain(reachable),
    fullIdealNdcg: gain / idealGain(relevant),
    averagePrecision: precisions / reachable,
    reciprocalRank: first === 0 ? 0 : 1 / first,
    hitRate: found > 0 ? 1 : 0,
  }
}

function discount(rank: number): number {
  return 1 / Math.log2(rank + 1)
}

/** The gain of a list of hits only. Summed in the order of the ranks, as `accuracyAt` does, so that a perfect list has exactly 1. */
function idealGain(length: number): number {
  let gain = 0
  for (let rank = 1; rank <= length; rank++) gain += discount(rank)
  return gain
}
