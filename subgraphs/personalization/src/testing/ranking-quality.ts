/** What a user did afterwards, and the items that they were recommended before it, best first. */
export type RankedUser = { readonly relevant: ReadonlySet<string>; readonly ranked: readonly string[] }

/** Means over the users; each value is from 0 to 1. */
export type RankingQuality = {
  readonly precision: number
  /** Of all relevant items. */
  readonly recall: number
  /** DCG by the DCG of an ideal list of as many items as were asked for. */
  readonly ndcg: number
  /** DCG by the DCG of an ideal list of all relevant items, however many were asked for. */
  readonly ndcgUntruncatedIdeal: number
}

/** The usual metrics of the first `cutoff` places (binary relevance, discount 1 / log2(rank + 1)). */
export function rankingQuality(users: readonly RankedUser[], cutoff: number): RankingQuality {
  const sums = { precision: 0, recall: 0, ndcg: 0, ndcgUntruncatedIdeal: 0 }
  for (const { relevant, ranked } of users) {
    const hits = ranked.slice(0, cutoff).map((itemId) => relevant.has(itemId))
    const found = hits.filter(Boolean).length
    const gain = hits.reduce((sum, hit, place) => sum + (hit ? discount(place) : 0), 0)
    sums.precision += found / cutoff
    sums.recall += found / relevant.size
    sums.ndcg += gain / idealGain(Math.min(cutoff, relevant.size))
    sums.ndcgUntruncatedIdeal += gain / idealGain(relevant.size)
  }
  const mean = (sum: number): number => sum / users.length
  return {
    precision: mean(sums.precision),
    recall: mean(sums.recall),
    ndcg: mean(sums.ndcg),
    ndcgUntruncatedIdeal: mean(sums.ndcgUntruncatedIdeal),
  }
}

function discount(place: number): number {
  return 1 / Math.log2(place + 2)
}

function idealGain(count: number): number {
  let gain = 0
  for (let place = 0; place < count; place++) gain += discount(place)
  return gain
}
