import {
  type Context,
  context,
  isSpanContextValid,
  ROOT_CONTEXT,
  type Span,
  TraceFlags,
  trace,
} from '@opentelemetry/api'

const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/

/**
 * The trace that the caller runs in, as W3C Trace Context writes it; undefined where there is none, or where nobody
 * keeps it. For what goes on in the background, after the request: traces are handed on there in this form, whatever
 * headers the SDK is set to use.
 */
export function activeTraceparent(): string | undefined {
  const span = trace.getSpan(context.active())
  return span && traceparentOf(span)
}

/** Undefined for a span that is not sampled. */
export function traceparentOf(span: Span): string | undefined {
  const spanContext = span.spanContext()
  const { traceId, spanId, traceFlags } = spanContext
  if ((traceFlags & TraceFlags.SAMPLED) === 0 || !isSpanContextValid(spanContext)) return undefined
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`
}

/** Where a new span goes on with this trace; the root, where it cannot be read. */
export function contextOf(traceparent: string): Context {
  const [, traceId, spanId, flags] = TRACEPARENT.exec(traceparent) ?? []
  if (traceId === undefined || spanId === undefined || flags === undefined) return ROOT_CONTEXT
  const traceFlags = Number.parseInt(flags, 16)
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags, isRemote: true })
}
