import type { InteractionType } from '@bulkhead/contracts'

export type Interaction = {
  readonly eventId: string
  readonly userId: string
  readonly itemId: string
  readonly type: InteractionType
  readonly slateId: string | null
  readonly value: number | null
  /** Epoch milliseconds. */
  readonly occurredAt: number
}

/** Interactions after which the user has had the item: it says what they like, and is not recommended again soon. */
export const CONSUMING_TYPES: readonly InteractionType[] = ['CLICK', 'PLAY', 'LIKE']

/** Interactions by which the user asks not to see the item. */
export const BLOCKING_TYPES: readonly InteractionType[] = ['DISLIKE', 'HIDE']

/** Interactions that say what the user takes and what they pass over. An impression says neither. */
export const TASTE_TYPES: readonly InteractionType[] = [...CONSUMING_TYPES, 'SKIP']

/** What serving reads of a user. Impressions, of which every slate brings more, take no room in it. */
export type ServingHistory = {
  /** Interactions of TASTE_TYPES, newest first. */
  readonly recent: readonly Pick<Interaction, 'itemId' | 'type'>[]
  /** Items with an interaction of BLOCKING_TYPES, each once, the one blocked last first. */
  readonly blockedItemIds: readonly string[]
}
