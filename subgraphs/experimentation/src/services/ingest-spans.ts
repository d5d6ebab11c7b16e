import type { IngestEvent } from '@bulkhead/contracts'
import { contextOf } from '@bulkhead/service/tracing/traceparent'
import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'

const tracer = trace.getTracer('bulkhead-experimentation')

export type TracedEvent = {
  readonly event: IngestEvent
  /** Why it was not taken in; null where it was. */
  readonly refusal: string | null
}

/**
 * A span, `ingest.event`, for each event that comes with a trace: the end of the way that began with the client's
 * request. It is linked with the request that brought the batch.
 * @param startedAt by `performance.now()`
 */
export function recordIngestSpans(events: Iterable<TracedEvent>, startedAt: number): void {
  const batch = trace.getSpanContext(context.active())
  for (const { event, refusal } of events) {
    if (!('traceparent' in event) || event.traceparent === undefined) continue
    const span = tracer.startSpan(
      'ingest.event',
      {
        kind: SpanKind.CONSUMER,
        startTime: startedAt,
        attributes: {
          'bulkhead.event_id': event.eventId,
          'bulkhead.event_kind': event.kind,
          ...(event.kind === 'exposure' ? { 'bulkhead.experiment_key': event.experimentKey } : {}),
        },
        links: batch ? [{ context: batch }] : [],
      },
      contextOf(event.traceparent),
    )
    if (refusal !== null) span.setStatus({ code: SpanStatusCode.ERROR, message: refusal })
    span.end()
  }
}
