import { exactValue, type IngestEvent, type InteractionEvent } from '@bulkhead/contracts'

/** An event without the trace in which it was sent, which is no part of what happened. */
type Untraced<Event> = Event extends unknown ? Omit<Event, 'traceparent'> : never

/** An interaction whose value is an integer of 10^-6, so that sums are exact. */
type StoredInteraction = Omit<InteractionEvent, 'value' | 'traceparent'> & { readonly value: bigint | null }

/** An event as it is stored and read back. */
export type StoredEvent = Untraced<Exclude<IngestEvent, InteractionEvent>> | StoredInteraction

export function toStoredEvent(event: IngestEvent): StoredEvent {
  if (event.kind === 'interaction') {
    const { traceparent: _, value, ...rest } = event
    return { ...rest, value: value === null ? null : exactValue(value) }
  }
  if (!('traceparent' in event)) return event
  const { traceparent: _, ...rest } = event
  return rest
}
