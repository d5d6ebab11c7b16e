import { groupOf } from '../../item.ts'
import type { Candidate } from '../candidate.ts'
import type { Query } from '../query.ts'
import type { SourceInput } from './candidate-source.ts'

/** The first `limit` eligible items of a ranking that is the same for every user; of a group, its first. */
export function firstEligible(
  ranking: Iterable<{ readonly itemId: string; readonly score: number }>,
  { catalogue }: Query,
  { limit, isEligible }: Pick<SourceInput, 'limit' | 'isEligible'>,
): Candidate[] {
  const candidates: Candidate[] = []
  const groups = new Set<string>()
  for (const { itemId, score } of ranking) {
    if (candidates.length >= limit) break
    const item = catalogue.itemById(itemId)
    if (!isEligible(itemId, item)) continue
    const group = groupOf(item)
    if (group !== null) {
      if (groups.has(group)) continue
      groups.add(group)
    }
    candidates.push({
      itemId,
      score,
      creator: item?.creator ?? null,
      becauseOf: null,
    })
  }
  return candidates
}
