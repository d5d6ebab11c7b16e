import { blocks, type Opinion, type ServingHistory } from '../../interaction.ts'
import type { HistoryItem } from '../../recommendation-model.ts'
import type { DegradationCause } from '../../slate.ts'

/** What a user asked not to see. */
export type Blocks = {
  readonly items: ReadonlySet<string>
  readonly creators: ReadonlySet<string>
}

/** A user's interactions, as the stages read them. */
export type UserHistory = {
  /** False where the history could not be read; all but `blocked` is then empty. */
  readonly known: boolean
  /** What they like, newest first, each item once, without what they blocked; at most `MAX_LIKES`. */
  readonly likes: readonly HistoryItem[]
  readonly consumed: ReadonlySet<string>
  readonly blocked: Blocks
  /** How often they skipped an item. */
  readonly skips: ReadonlyMap<string, number>
}

const NO_BLOCKS: Blocks = { items: new Set(), creators: new Set() }

/**
 * Upper bound on the items that speak for others, because what a model costs grows with them. Those that the user liked
 * come before those that they only used, then the newer before the older.
 */
export const MAX_LIKES = 500

/** To like an item says more than to use it. */
const LIKED = 2
const USED = 1

/** The history of a user that could not be read, as far as it is remembered. */
export function unknownHistory(blocked: Blocks = NO_BLOCKS): UserHistory {
  return { known: false, likes: [], consumed: new Set(), blocked, skips: new Map() }
}

/** Why what needs likes has nothing to offer; null where there are some. */
export function whyNoLikes({ known, likes }: UserHistory): DegradationCause | null {
  if (!known) return 'HISTORY_UNAVAILABLE'
  return likes.length === 0 ? 'COLD_START' : null
}

export function readHistory({ opinions, used, skipped }: ServingHistory): UserHistory {
  const liked = opinions.filter((opinion) => !blocks(opinion))
  const newest = new Map<string, { itemId: string; weight: number; at: number }>()
  for (const { itemId, occurredAt } of liked) newest.set(itemId, { itemId, weight: LIKED, at: occurredAt })
  for (const { itemId, occurredAt } of used) {
    const known = newest.get(itemId)
    if (known === undefined) newest.set(itemId, { itemId, weight: USED, at: occurredAt })
    else known.at = Math.max(known.at, occurredAt)
  }
  const blocked = blocksOf(opinions)
  const likes = [...newest.values()]
    .filter(({ itemId }) => !blocked.items.has(itemId))
    .sort((a, b) => b.weight - a.weight || b.at - a.at)
    .slice(0, MAX_LIKES)
    .sort((a, b) => b.at - a.at)
    .map(({ itemId, weight }) => ({ itemId, weight }))
  return {
    known: true,
    likes,
    consumed: new Set(newest.keys()),
    blocked,
    skips: new Map(skipped.map(({ itemId, times }) => [itemId, times])),
  }
}

/** @param opinions one of each item */
export function blocksOf(opinions: Iterable<Opinion>): Blocks {
  const items = new Set<string>()
  const creators = new Set<string>()
  for (const opinion of opinions) {
    if (!blocks(opinion)) continue
    items.add(opinion.itemId)
    if (opinion.hiddenCreator !== undefined) creators.add(opinion.hiddenCreator)
  }
  return { items, creators }
}
