import { context, type Span, SpanStatusCode, trace } from '@opentelemetry/api'
import type { SubgraphFetch } from '../subgraphs/fetch-subgraph.ts'

/** The trace of one request, its deferred parts included. */
export type RequestTrace = {
  /** The fetch, with a span of its own for each call. */
  readonly fetch: SubgraphFetch
  /** Notes an answer, or a later part of it, that goes to the client. */
  sent(what: { readonly parts: number; readonly errors: number }): void
  /** To be called once, when nothing more goes to the client. */
  end(): void
}

const tracer = trace.getTracer('bulkhead-gateway')

/**
 * Begins the trace of a request. Where no OpenTelemetry SDK was loaded (`node --import`), or this request is not
 * sampled, it costs next to nothing and leaves the fetch as it is.
 */
export function traceRequest(
  fetch: SubgraphFetch,
  request: { readonly requestId: string; readonly kind: string; readonly name: string | undefined },
): RequestTrace {
  const span = tracer.startSpan('gateway.request')
  if (!span.isRecording()) return { fetch, sent: () => undefined, end: () => undefined }
  span.setAttributes({
    'bulkhead.request_id': request.requestId,
    'graphql.operation.type': request.kind,
    ...(request.name === undefined ? {} : { 'graphql.operation.name': request.name }),
  })
  return {
    fetch: tracedFetch(fetch, span),
    sent({ parts, errors }) {
      span.addEvent('sent', { parts, errors })
      if (errors > 0) span.setStatus({ code: SpanStatusCode.ERROR })
    },
    end: () => span.end(),
  }
}

function tracedFetch(fetch: SubgraphFetch, parent: Span): SubgraphFetch {
  const parentContext = trace.setSpan(context.active(), parent)
  return async (request) => {
    const attributes = { subgraph: request.subgraph, entities: request.ofEntities }
    const span = tracer.startSpan('gateway.fetch', { attributes }, parentContext)
    try {
      const answer = await fetch(request)
      if (answer.failure) span.setStatus({ code: SpanStatusCode.ERROR, message: answer.failure.code })
      return answer
    } finally {
      span.end()
    }
  }
}
