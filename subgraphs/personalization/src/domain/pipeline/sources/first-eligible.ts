import type { Candidate } from '../candidate.ts'
import type { Query } from '../query.ts'
import type { SourceInput } from './candidate-source.ts'

/** The first `limit` eligible items of a ranking that is the same for every user. */
export function firstEligible(
  ranking: Iterable<{ readonly itemId: string; readonly score: number }>,
  { catalogue }: Query,
  { limit, isEligible }: Pick<SourceInput, 'limit' | 'isEligible'>,
): Candidate[] {
  const candidates: Candidate[] = []
  for (const { itemId, score } of ranking) {
    if (candidates.length >= limit) break
    if (!isEligible(itemId)) continue
    candidates.push({
      itemId,
      score,
      creator: catalogue.itemById(itemId)?.creator ?? null,
      becauseOf: null,
    })
  }
  return candidates
}
