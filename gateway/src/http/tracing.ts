import type { IncomingHttpHeaders } from 'node:http'
import {
  type Context,
  isSpanContextValid,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api'
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

/** Clients choose the names. */
const MAX_NAME_LENGTH = 100

const tracer = trace.getTracer('bulkhead-gateway')

/**
 * Begins the trace of a request, or goes on with the client's (W3C Trace Context). Where no OpenTelemetry SDK was loaded
 * (`node --import`) it costs next to nothing and leaves the fetch as it is. A request that is not sampled has no spans,
 * but its subgraphs are told so; otherwise they would begin traces of their own.
 */
export function traceRequest(
  fetch: SubgraphFetch,
  request: {
    readonly requestId: string
    readonly kind: string
    readonly name: string | undefined
    readonly headers: IncomingHttpHeaders
  },
): RequestTrace {
  const inbound = propagation.extract(ROOT_CONTEXT, request.headers)
  const span = tracer.startSpan('gateway.request', { kind: SpanKind.SERVER }, inbound)
  if (!isSpanContextValid(span.spanContext())) return untraced(fetch)
  const current = trace.setSpan(inbound, span)
  if (!span.isRecording()) {
    const trace = traceHeaders(current)
    return untraced((asked) => fetch({ ...asked, trace }))
  }
  span.setAttributes({
    'bulkhead.request_id': request.requestId,
    'graphql.operation.type': request.kind,
    ...(request.name === undefined
      ? {}
      : { 'graphql.operation.name': request.name.slice(0, MAX_NAME_LENGTH) }),
  })
  return {
    fetch: tracedFetch(fetch, current),
    sent({ parts, errors }) {
      span.addEvent('sent', { parts, errors })
      if (errors > 0) span.setStatus({ code: SpanStatusCode.ERROR })
    },
    end: () => span.end(),
  }
}

function untraced(fetch: SubgraphFetch): RequestTrace {
  return { fetch, sent: () => undefined, end: () => undefined }
}

function tracedFetch(fetch: SubgraphFetch, parent: Context): SubgraphFetch {
  return async (request) => {
    const attributes = { subgraph: request.subgraph, entities: request.ofEntities }
    const span = tracer.startSpan('gateway.fetch', { kind: SpanKind.CLIENT, attributes }, parent)
    try {
      const answer = await fetch({ ...request, trace: traceHeaders(trace.setSpan(parent, span)) })
      if (answer.failure) span.setStatus({ code: SpanStatusCode.ERROR, message: answer.failure.code })
      return answer
    } finally {
      span.end()
    }
  }
}

/** Names and values, in turn. The client's baggage stays here: it may hold anything, and subgraphs need none of it. */
function traceHeaders(context: Context): readonly string[] {
  const headers: Record<string, string> = {}
  propagation.inject(propagation.deleteBaggage(context), headers)
  return Object.entries(headers).flat()
}
