import type { InteractionEvent, InteractionType } from '@bulkhead/contracts'
import type { RecordedInteraction } from '../../datastore/port.ts'
import { BLOCKING_TYPES, type Interaction, TASTE_TYPES } from '../../domain/interaction.ts'
import { readHistory, type UserHistory } from '../../domain/pipeline/hydration/user-history.ts'
import { NOON } from './time.ts'

export function sampleUuid(n: number): string {
  return `00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`
}

export function sampleInteraction(eventId: string, overrides: Partial<Interaction> = {}): Interaction {
  return {
    eventId,
    userId: 'u1',
    itemId: 'i1',
    type: 'PLAY',
    slateId: null,
    value: null,
    occurredAt: NOON,
    ...overrides,
  }
}

/** The event that tells experimentation of `sampleInteraction` with the same arguments. */
export function sampleInteractionEvent(
  eventId: string,
  overrides: Partial<Interaction> = {},
): InteractionEvent {
  const { type, userId, itemId, slateId, value, occurredAt } = sampleInteraction(eventId, overrides)
  const instant = new Date(occurredAt).toISOString()
  return { kind: 'interaction', eventId, type, unit: userId, itemId, slateId, value, occurredAt: instant }
}

/** An interaction with the event that tells experimentation of it. */
export function sampleRecord(eventId: string, overrides: Partial<Interaction> = {}): RecordedInteraction {
  return {
    interaction: sampleInteraction(eventId, overrides),
    events: [sampleInteractionEvent(eventId, overrides)],
  }
}

/** A history of plays, newest first. */
export function samplePlays(...itemIds: string[]): UserHistory {
  return sampleHistory(itemIds.map((itemId) => [itemId, 'PLAY'] as const))
}

/** A history, newest first. */
export function sampleHistory(
  interactions: readonly (readonly [string, Exclude<InteractionType, 'IMPRESSION'>])[],
): UserHistory {
  const all = interactions.map(([itemId, type]) => ({ itemId, type }))
  return readHistory({
    recent: all.filter(({ type }) => TASTE_TYPES.includes(type)),
    blockedItemIds: all.filter(({ type }) => BLOCKING_TYPES.includes(type)).map(({ itemId }) => itemId),
  })
}
