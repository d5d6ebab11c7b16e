import { hash } from 'node:crypto'
import { derivedEventId, type UnitErasedEvent } from '@bulkhead/contracts'

/** The erasure of a user, and the entry of the erasure log that stays of it. */
export type Erasure = {
  readonly id: string
  /** Null once it is finished: from then on only the hash is known. */
  readonly userId: string | null
  /** SHA-256, base64url. Whoever has a list of all users can still find out who it was. */
  readonly userHash: string
  /** Who asked for it. */
  readonly by: string
  /** Epoch milliseconds. What happens afterwards belongs to a new user of the same name. */
  readonly at: number
  /** How many were erased so far. */
  readonly interactions: number
  readonly slates: number
  readonly finishedAt: number | null
}

/** An erasure that is carried out still. */
export type OpenErasure = Erasure & { readonly userId: string }

export function userHash(userId: string): string {
  return hash('sha256', userId, 'base64url')
}

export function newErasure(request: Pick<OpenErasure, 'id' | 'userId' | 'by' | 'at'>): OpenErasure {
  return { ...request, userHash: userHash(request.userId), interactions: 0, slates: 0, finishedAt: null }
}

/** What experimentation is told: the same erasure always gives the same event. */
export function erasureEvent({ id, userId, at }: OpenErasure): UnitErasedEvent {
  return {
    kind: 'unitErased',
    eventId: derivedEventId('unitErased', id),
    unit: userId,
    occurredAt: new Date(at).toISOString(),
  }
}
