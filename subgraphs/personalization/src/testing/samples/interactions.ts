import type { InteractionEvent, InteractionType } from '@bulkhead/contracts'
import type { RecordedInteraction } from '../../datastore/port.ts'
import { type Interaction, OPINION_TYPES, type ServingHistory, USE_TYPES } from '../../domain/interaction.ts'
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

/** The creator is one that a HIDE hides too. */
type SampleHistoryRow = readonly [
  itemId: string,
  type: Exclude<InteractionType, 'IMPRESSION'>,
  hiddenCreator?: string | undefined,
]

/** A history, newest first; each item at most once in a window. */
export function sampleHistory(interactions: readonly SampleHistoryRow[]): UserHistory {
  return readHistory(sampleServingHistory(interactions))
}

/** As `sampleHistory`, as the datastore has it. Items that are skipped may be named more than once. */
function sampleServingHistory(interactions: readonly SampleHistoryRow[]): ServingHistory {
  const all = interactions.map(([itemId, type, hiddenCreator], age) => {
    const row = { itemId, type, occurredAt: NOON - age }
    return hiddenCreator === undefined ? row : { ...row, hiddenCreator }
  })
  const times = new Map<string, number>()
  for (const { itemId, type } of all) if (type === 'SKIP') times.set(itemId, (times.get(itemId) ?? 0) + 1)
  return {
    opinions: all.filter(({ type }) => OPINION_TYPES.includes(type)),
    used: all.filter(({ type }) => USE_TYPES.includes(type)),
    skipped: [...times].map(([itemId, count]) => ({ itemId, times: count })),
  }
}
