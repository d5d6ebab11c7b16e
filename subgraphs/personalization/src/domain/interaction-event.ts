import { type InteractionEvent, readSlateId, slateUnitHash } from '@bulkhead/contracts'
import type { Interaction } from './interaction.ts'

/**
 * What experimentation learns of an interaction. Its time is the client's, but for one: nobody interacts with a slate
 * before it is served, so with an earlier time the client's clock is behind, and the slate's own time is taken. Otherwise
 * an analysis would find the interaction before the exposure that led to it, and leave it out.
 * @param now epoch milliseconds; a slate cannot be newer
 */
export function interactionEvent(interaction: Interaction, now: number): InteractionEvent {
  const { eventId, type, userId, itemId, slateId, value, occurredAt } = interaction
  const servedAt = slateId === null ? null : servedTo(userId, slateId, now)
  return {
    kind: 'interaction',
    eventId,
    type,
    unit: userId,
    itemId,
    slateId,
    value,
    occurredAt: new Date(Math.max(occurredAt, servedAt ?? occurredAt)).toISOString(),
  }
}

/** When the slate was served, by its id; null for an id of another user or from the future, which somebody made up. */
function servedTo(userId: string, slateId: string, now: number): number | null {
  const slate = readSlateId(slateId)
  if (slate === null || slate.unitHash !== slateUnitHash(userId) || slate.createdAt > now) return null
  return slate.createdAt
}
