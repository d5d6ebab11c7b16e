import type { IngestEvent } from '@bulkhead/contracts'
import { contextOf, traceparentOf } from '@bulkhead/service/tracing/traceparent'
import { context, ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import type { DeliveryAnswer, ExperimentationClient } from './experimentation-client.ts'

const tracer = trace.getTracer('bulkhead-personalization')

/**
 * A batch holds events of many traces, and has a span in each of them: `outbox.deliver`, below the request that caused
 * the events. The receiver gets them with this span as their trace. The exchange itself is in a trace of its own,
 * `outbox.batch`, which is linked with all of them.
 */
export function traceDelivery(
  client: Pick<ExperimentationClient, 'sendEvents'>,
): Pick<ExperimentationClient, 'sendEvents'> {
  return {
    async sendEvents(batch, signal) {
      const traces = new Set(batch.events.flatMap((event) => traceOf(event) ?? []))
      if (traces.size === 0) return client.sendEvents(batch, signal)

      const exchange = tracer.startSpan(
        'outbox.batch',
        {
          kind: SpanKind.CLIENT,
          attributes: { 'bulkhead.events': batch.events.length },
          links: linksTo(traces),
        },
        ROOT_CONTEXT,
      )
      const links = [{ context: exchange.spanContext() }]
      const deliveries = new Map(
        [...traces].map((traceparent) => [
          traceparent,
          tracer.startSpan('outbox.deliver', { kind: SpanKind.PRODUCER, links }, contextOf(traceparent)),
        ]),
      )
      const events = batch.events.map((event) => movedBelow(event, deliveries))
      const answer = await context.with(trace.setSpan(ROOT_CONTEXT, exchange), () =>
        client.sendEvents({ ...batch, events }, signal),
      )
      for (const span of [exchange, ...deliveries.values()]) end(span, answer)
      return answer
    },
  }
}

function traceOf(event: IngestEvent): string | undefined {
  return 'traceparent' in event ? event.traceparent : undefined
}

function linksTo(traces: ReadonlySet<string>) {
  return [...traces].flatMap((traceparent) => {
    const spanContext = trace.getSpanContext(contextOf(traceparent))
    return spanContext ? [{ context: spanContext }] : []
  })
}

function movedBelow(event: IngestEvent, spans: ReadonlyMap<string, Span>): IngestEvent {
  const span = spans.get(traceOf(event) ?? '')
  const traceparent = span && traceparentOf(span)
  return traceparent === undefined ? event : ({ ...event, traceparent } as IngestEvent)
}

function end(span: Span, answer: DeliveryAnswer): void {
  if (answer.type === 'unavailable') span.setStatus({ code: SpanStatusCode.ERROR, message: answer.reason })
  if (answer.type === 'refused') span.setStatus({ code: SpanStatusCode.ERROR, message: answer.code })
  span.end()
}
