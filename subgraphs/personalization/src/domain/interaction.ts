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
