import type { ExposureEvent, InteractionEvent, ServedEvent } from '@bulkhead/contracts'
import { activeTraceparent } from '@bulkhead/service/tracing/traceparent'

/**
 * Events on their way to the outbox, with the trace of the request that caused them, so that it goes on when they are
 * delivered. Without a trace that somebody keeps they stay as they are.
 */
export function inActiveTrace<Event extends ExposureEvent | ServedEvent | InteractionEvent>(
  events: readonly Event[],
): readonly Event[] {
  const traceparent = events.length === 0 ? undefined : activeTraceparent()
  return traceparent === undefined ? events : events.map((event) => ({ ...event, traceparent }))
}
