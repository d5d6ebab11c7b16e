import { type Accuracy, accuracyAt } from '../domain/evaluation/metrics/accuracy.ts'

/** What a user did afterwards, and the items that they were recommended before it, best first. */
export type RankedUser = { readonly relevant: ReadonlySet<string>; readonly ranked: readonly string[] }

/** Means over the users. */
export type RankingQuality = Pick<Accuracy, 'precision' | 'recall' | 'ndcg' | 'fullIdealNdcg'>

export function rankingQuality(users: readonly RankedUser[], cutoff: number): RankingQuality {
  const each = users.map(({ relevant, ranked }) =>
    accuracyAt(
      ranked.map((itemId) => relevant.has(itemId)),
      relevant.size,
      cutoff,
    ),
  )
  const mean = (metric: keyof RankingQuality): number =>
    each.reduce((sum, accuracy) => sum + accuracy[metric], 0) / each.length
  return {
    precision: mean('precision'),
    recall: mean('recall'),
    ndcg: mean('ndcg'),
    fullIdealNdcg: mean('fullIdealNdcg'),
  }
}
