import {
  type Context,
  context,
  isSpanContextValid,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api'
import type { FastifyInstance, FastifyRequest } from 'fastify'

/** Probes and scrapes come every few seconds, and nobody looks at their traces. */
const UNTRACED: ReadonlySet<string> = new Set(['/healthz', '/readyz', '/metrics'])
const SERVER_ERROR = 500

/**
 * Gives each request a span, in the caller's trace where it sends one (W3C Trace Context). Handlers run in it, so what
 * they await can ask for the active span. Costs next to nothing where no OpenTelemetry SDK was loaded (`node --import`).
 */
export function traceRequests(app: FastifyInstance, service: string): void {
  const tracer = trace.getTracer(`bulkhead-${service}`)
  const traced = new WeakMap<FastifyRequest, { readonly span: Span; readonly within: Context }>()

  app.addHook('onRequest', (request, reply, done) => {
    const route = request.routeOptions.url
    if (route === undefined || UNTRACED.has(route)) return done()
    const caller = propagation.extract(ROOT_CONTEXT, request.headers)
    const attributes = {
      'http.request.method': request.method,
      'http.route': route,
      'bulkhead.request_id': request.id,
    }
    const span = tracer.startSpan(`${request.method} ${route}`, { kind: SpanKind.SERVER, attributes }, caller)
    if (isSpanContextValid(span.spanContext())) {
      traced.set(request, { span, within: trace.setSpan(caller, span) })
      // Not `onResponse`, which does not come where the caller has left before the answer.
      reply.raw.once('close', () => {
        span.setAttribute('http.response.status_code', reply.statusCode)
        if (reply.statusCode >= SERVER_ERROR) span.setStatus({ code: SpanStatusCode.ERROR })
        span.end()
      })
    }
    done()
  })
  // Not before, because reading the body loses the context.
  app.addHook('preHandler', (request, _reply, done) => {
    const current = traced.get(request)
    if (current) context.with(current.within, () => done())
    else done()
  })
}
