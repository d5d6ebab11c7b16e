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
  /** The item's creator, where a HIDE asks not to see anything else of them either. */
  readonly hiddenCreator?: string
}

/** Interactions that mean the user has consumed the item: it shows their taste, and is not recommended again soon. */
export const CONSUMING_TYPES: readonly InteractionType[] = ['CLICK', 'PLAY', 'LIKE']

/** Interactions by which the user says what they think of the item. The newest of an item's counts. */
export const OPINION_TYPES: readonly InteractionType[] = ['LIKE', 'DISLIKE', 'HIDE']

/** Interactions that use an item, and say nothing of it. */
export const USE_TYPES: readonly InteractionType[] = ['CLICK', 'PLAY']

/**
 * What serving reads of a user, in three windows, so that none crowds out another. Each holds an item once, and its
 * limit counts items. Impressions are left out, because every slate adds more of them.
 */
export type ServingHistory = {
  /** What the user thinks of items, newest first. */
  readonly opinions: readonly Opinion[]
  /** Items that they used (USE_TYPES), by their newest use, newest first. */
  readonly used: readonly Pick<Interaction, 'itemId' | 'occurredAt'>[]
  /** Items that they skipped, by their newest skip, newest first, and how often. */
  readonly skipped: readonly { readonly itemId: string; readonly times: number }[]
}

/** Upper bounds on the distinct items of each window. */
export type HistoryLimits = { readonly [Window in keyof ServingHistory]: number }

/** An interaction of OPINION_TYPES. */
export type Opinion = Pick<Interaction, 'itemId' | 'type' | 'occurredAt' | 'hiddenCreator'>

export function opinionOf({ itemId, type, occurredAt, hiddenCreator }: Opinion): Opinion {
  const opinion = { itemId, type, occurredAt }
  return hiddenCreator === undefined ? opinion : { ...opinion, hiddenCreator }
}

/** True where the user asks not to see the item. */
export function blocks({ type }: Pick<Opinion, 'type'>): boolean {
  return type !== 'LIKE'
}

/**
 * Which of two opinions of one item counts: the later one, so that a LIKE undoes an earlier DISLIKE or HIDE, the hidden
 * creator included. Of the same instant the one that blocks more, whichever came first.
 */
export function countingOpinion<Of extends Opinion>(a: Of, b: Of): Of {
  const later = b.occurredAt - a.occurredAt
  return later > 0 || (later === 0 && severity(b) > severity(a)) ? b : a
}

function severity(opinion: Opinion): number {
  return blocks(opinion) ? (opinion.hiddenCreator === undefined ? 1 : 2) : 0
}
