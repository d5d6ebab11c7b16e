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

/** Interactions that mean the user has consumed the item: it shows their taste, and is not recommended again soon. */
export const CONSUMING_TYPES: readonly InteractionType[] = ['CLICK', 'PLAY', 'LIKE']

/** Interactions by which the user asks not to see the item. */
export const BLOCKING_TYPES: readonly InteractionType[] = ['DISLIKE', 'HIDE']

/** Interactions that show what the user likes or skips. An impression shows neither. */
export const TASTE_TYPES: readonly InteractionType[] = [...CONSUMING_TYPES, 'SKIP']

/** What serving reads of a user. Impressions are left out, because every slate adds more of them. */
export type ServingHistory = {
  /** Interactions of TASTE_TYPES, newest first. */
  readonly recent: readonly Pick<Interaction, 'itemId' | 'type'>[]
  /** Items with an interaction of BLOCKING_TYPES, each once, the most recently blocked first. */
  readonly blockedItemIds: readonly string[]
}
