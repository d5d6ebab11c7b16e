import { LRUCache } from 'lru-cache'
import { blocks, countingOpinion, type Opinion } from '../domain/interaction.ts'

/** Upper bound on the opinions in memory, some 30 MB; of those of one user, the newest so many are kept. */
const MAX_OPINIONS = 200_000
const MAX_OPINIONS_OF_USER = 5_000

/**
 * What recent users asked not to see, in memory, so that it stays hidden while their history is late or the datastore is
 * gone: filled from what this replica reads and records. The least recent users are forgotten first.
 */
export type RememberedOpinions = {
  /**
   * Merges opinions in: of each item the one that counts is kept. A LIKE is kept only where it undoes a block that is
   * remembered, so an older block that arrives after it hides the item until the history is read again.
   */
  remember(userId: string, opinions: readonly Opinion[]): void
  /** One of each item; none of a user of whom nothing is known. */
  of(userId: string): Iterable<Opinion>
  forget(userId: string): void
  /** Opinions in memory. */
  size(): number
}

export function createRememberedOpinions(
  options: { readonly maxOpinions?: number; readonly maxOfUser?: number } = {},
): RememberedOpinions {
  const { maxOpinions = MAX_OPINIONS, maxOfUser = MAX_OPINIONS_OF_USER } = options
  const users = new LRUCache<string, Map<string, Opinion>>({
    maxSize: maxOpinions,
    sizeCalculation: (opinions) => opinions.size,
  })
  return {
    remember(userId, opinions) {
      const known = users.get(userId) ?? new Map<string, Opinion>()
      for (const opinion of opinions) {
        const before = known.get(opinion.itemId)
        if (before !== undefined) known.set(opinion.itemId, countingOpinion(before, opinion))
        else if (blocks(opinion)) known.set(opinion.itemId, opinion)
      }
      if (known.size === 0) return
      const kept = known.size > maxOfUser ? newest(known, maxOfUser) : known
      // A map that grew counts with its new size only once it is set again as another one.
      users.delete(userId)
      users.set(userId, kept)
    },
    of: (userId) => users.get(userId)?.values() ?? [],
    forget(userId) {
      users.delete(userId)
    },
    size: () => users.calculatedSize,
  }
}

function newest(opinions: ReadonlyMap<string, Opinion>, count: number): Map<string, Opinion> {
  const sorted = [...opinions].sort(([, a], [, b]) => b.occurredAt - a.occurredAt)
  return new Map(sorted.slice(0, count))
}
