import { identifierSchema, MAX_EVENT_VALUE } from '@bulkhead/contracts'
import type { Interaction } from './interaction.ts'

/**
 * How far a client's clock may be ahead of ours. Well below what experimentation's ingest allows between its clock and
 * ours.
 */
export const MAX_CLOCK_SKEW_MS = 60_000

/** Of any version but 8: those are ids that the platform derives, and a client that took one would suppress its event. */
const CLIENT_UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-79a-f][0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** An interaction as a client sends it; `occurredAt` in epoch milliseconds, null for "on arrival". */
export type IncomingInteraction = Omit<Interaction, 'occurredAt' | 'hiddenCreator'> & {
  readonly occurredAt: number | null
  /** True where a HIDE asks not to see anything else of the item's creator either. */
  readonly hideCreator: boolean
}

/** What is wrong with one field; the codes are those of `errors.ts`. */
export type InteractionFault = {
  readonly code:
    | 'INVALID_EVENT_ID'
    | 'INVALID_IDENTIFIER'
    | 'INVALID_VALUE'
    | 'INVALID_OCCURRED_AT'
    | 'INVALID_HIDE_CREATOR'
  readonly field: keyof IncomingInteraction
}

/**
 * The interaction as it will be kept but for the creator that it may hide, or the first fault in it.
 * @param limits.now epoch milliseconds
 * @param limits.maxAgeMs older interactions are refused here, where the sender learns of it; ingest would refuse
 *   their events later
 */
export function checkInteraction(
  incoming: IncomingInteraction,
  limits: { readonly now: number; readonly maxAgeMs: number },
):
  | { readonly type: 'interaction'; readonly interaction: Interaction }
  | { readonly type: 'refused'; readonly fault: InteractionFault } {
  const refused = (code: InteractionFault['code'], field: InteractionFault['field']) =>
    ({ type: 'refused', fault: { code, field } }) as const

  if (!CLIENT_UUID.test(incoming.eventId)) return refused('INVALID_EVENT_ID', 'eventId')
  for (const field of ['userId', 'itemId', 'slateId'] as const) {
    const id = incoming[field]
    if (id !== null && !identifierSchema.safeParse(id).success) return refused('INVALID_IDENTIFIER', field)
  }
  if (!(Math.abs(incoming.value ?? 0) <= MAX_EVENT_VALUE)) return refused('INVALID_VALUE', 'value')
  const { now, maxAgeMs } = limits
  const occurredAt = incoming.occurredAt ?? now
  const inTime = occurredAt >= now - maxAgeMs && occurredAt <= now + MAX_CLOCK_SKEW_MS
  if (!inTime || !Number.isInteger(occurredAt)) return refused('INVALID_OCCURRED_AT', 'occurredAt')
  const { hideCreator, ...interaction } = incoming
  if (hideCreator && interaction.type !== 'HIDE') return refused('INVALID_HIDE_CREATOR', 'hideCreator')
  // Upper and lower case are the same UUID, so one spelling makes it the same event.
  return {
    type: 'interaction',
    interaction: { ...interaction, eventId: interaction.eventId.toLowerCase(), occurredAt },
  }
}
