import type { InteractionType } from '@bulkhead/contracts'
import { CONSUMING_TYPES, type ServingHistory } from '../../interaction.ts'
import type { HistoryItem } from '../../recommendation-model.ts'

/** A user's interactions, as the stages read them. */
export type UserHistory = {
  /** False where the history could not be read; everything else is then empty. */
  readonly known: boolean
  /** What they like, newest first, each item once, without what they blocked. */
  readonly likes: readonly HistoryItem[]
  readonly consumed: ReadonlySet<string>
  readonly blocked: ReadonlySet<string>
  /** How often they skipped an item. */
  readonly skips: ReadonlyMap<string, number>
}

export const UNKNOWN_HISTORY: UserHistory = {
  known: false,
  likes: [],
  consumed: new Set(),
  blocked: new Set(),
  skips: new Map(),
}

/** To like an item says more than to use it. */
const WEIGHTS: Readonly<Partial<Record<InteractionType, number>>> = { CLICK: 1, PLAY: 1, LIKE: 2 }

/** An item counts once, with its strongest interaction. */
export function readHistory({ recent, blockedItemIds }: ServingHistory): UserHistory {
  const weights = new Map<string, number>()
  const blocked = new Set(blockedItemIds)
  const skips = new Map<string, number>()
  for (const { itemId, type } of recent) {
    if (CONSUMING_TYPES.includes(type)) {
      weights.set(itemId, Math.max(weights.get(itemId) ?? 0, WEIGHTS[type] ?? 1))
    } else if (type === 'SKIP') {
      skips.set(itemId, (skips.get(itemId) ?? 0) + 1)
    }
  }
  const likes: HistoryItem[] = []
  for (const [itemId, weight] of weights) {
    if (!blocked.has(itemId)) likes.push({ itemId, weight })
  }
  return { known: true, likes, consumed: new Set(weights.keys()), blocked, skips }
}
