import { AsyncLocalStorage } from 'node:async_hooks'
import {
  type Attributes,
  type Context,
  type ContextManager,
  context,
  type Link,
  propagation,
  ROOT_CONTEXT,
  type Span,
  type SpanStatusCode,
  type TextMapPropagator,
  TraceFlags,
  type Tracer,
  trace,
} from '@opentelemetry/api'

export type RecordedSpan = {
  readonly name: string
  readonly traceId: string
  /** Counts up from 1. */
  readonly spanId: string
  readonly parentSpanId: string | null
  readonly attributes: Attributes
  readonly links: readonly Link[]
  /** What happened in it, in words. */
  readonly events: string[]
  status: { readonly code: SpanStatusCode; readonly message?: string } | null
  ended: boolean
}

const recorded: RecordedSpan[] = []
let sampled = true
let spans = 0

/** A span's id, as its number. */
export function spanIdOf(number: number): string {
  return String(number).padStart(16, '0')
}

/**
 * Stands in for an OpenTelemetry SDK in the process of the test. The API keeps the first SDK that it sees, so a test
 * without one has to come before.
 * @returns what happens to the spans from now on
 */
export function recordSpans(options: { readonly sampled?: boolean } = {}): readonly RecordedSpan[] {
  trace.setGlobalTracerProvider({ getTracer: () => TRACER })
  propagation.setGlobalPropagator(TRACE_CONTEXT)
  context.setGlobalContextManager(CONTEXT_MANAGER)
  sampled = options.sampled ?? true
  spans = 0
  recorded.length = 0
  return recorded
}

const TRACER = {
  startSpan(name, { attributes = {}, links = [] } = {}, within = context.active()): Span {
    spans += 1
    const parent = trace.getSpanContext(within)
    const traceId = parent?.traceId ?? spanIdOf(spans).padStart(32, 'a')
    const spanId = spanIdOf(spans)
    const span: RecordedSpan = {
      name,
      traceId,
      spanId,
      parentSpanId: parent?.spanId ?? null,
      attributes: { ...attributes },
      links,
      events: [],
      status: null,
      ended: false,
    }
    const traceFlags = sampled ? TraceFlags.SAMPLED : TraceFlags.NONE
    if (sampled) recorded.push(span)
    const handle: Partial<Span> = {
      isRecording: () => traceFlags === TraceFlags.SAMPLED,
      setAttribute: (key, value) => handle.setAttributes?.({ [key]: value }) as Span,
      setAttributes: (more) => Object.assign(span.attributes, more) as unknown as Span,
      addEvent: (event, more) => span.events.push(`${event} ${JSON.stringify(more)}`) as unknown as Span,
      setStatus: (status) => Object.assign(span, { status }) as unknown as Span,
      spanContext: () => ({ traceId, spanId, traceFlags }),
      end() {
        span.ended = true
      },
    }
    return handle as Span
  },
} as Partial<Tracer> as Tracer

/** W3C Trace Context, as far as tests need it. */
const TRACE_CONTEXT: TextMapPropagator<Record<string, string>> = {
  fields: () => ['traceparent'],
  inject(from, headers) {
    const { traceId, spanId, traceFlags } = trace.getSpanContext(from) ?? {}
    if (traceId !== undefined) headers.traceparent = `00-${traceId}-${spanId}-0${traceFlags}`
  },
  extract(into, headers) {
    const [, traceId, spanId, flags] = headers.traceparent?.split('-') ?? []
    if (traceId === undefined || spanId === undefined) return into
    return trace.setSpanContext(into, { traceId, spanId, traceFlags: Number(flags), isRemote: true })
  },
}

const active = new AsyncLocalStorage<Context>()

const CONTEXT_MANAGER: ContextManager = {
  active: () => active.getStore() ?? ROOT_CONTEXT,
  with: (within, run, self, ...args) => active.run(within, () => run.call(self as never, ...args)),
  bind: (_within, target) => target,
  enable: () => CONTEXT_MANAGER,
  disable: () => CONTEXT_MANAGER,
}
