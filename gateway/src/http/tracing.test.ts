import {
  type Context,
  propagation,
  type Span,
  type TextMapPropagator,
  type Tracer,
  trace,
} from '@opentelemetry/api'
import { expect, test } from 'vitest'
import type { SubgraphFetch } from '../subgraphs/fetch-subgraph.ts'
import { traceRequest } from './tracing.ts'

const REQUEST = { requestId: 'request-0001', kind: 'query', name: 'Home', headers: {} }
const FETCH = { subgraph: 'notes', ofEntities: true } as Parameters<SubgraphFetch>[0]
const TRACE_ID = '0af7651916cd43dd8448eb211c80319c'

function loadSdk(options: { readonly records: boolean }): void {
  trace.setGlobalTracerProvider({ getTracer: () => TRACER })
  propagation.setGlobalPropagator(TRACE_CONTEXT)
  isRecording = options.records
  spans = 0
  seen.length = 0
}

// This test is the first one: once the API has seen an SDK, it keeps it.
test('without an SDK the fetch stays as it is, whatever trace the client sends', () => {
  const fetch: SubgraphFetch = async () => ({ data: null, errors: [], failure: null })
  const headers = { traceparent: `00-${TRACE_ID}-b7ad6b7169203331-01` }
  expect(traceRequest(fetch, { ...REQUEST, headers }).fetch).toBe(fetch)
})

let isRecording = true
let spans = 0
const seen: string[] = []

/** Stands in for an SDK: keeps what happens to each span, whose ids count up. */
const TRACER = {
  startSpan(name, options, context) {
    const parent = context && trace.getSpanContext(context)
    spans += 1
    const spanId = String(spans).padStart(16, '0')
    const below = parent ? ` below ${parent.spanId}` : ''
    if (isRecording) seen.push(`${name} begins${below} ${JSON.stringify(options?.attributes ?? {})}`)
    return {
      isRecording: () => isRecording,
      setAttributes: (attributes: object) => seen.push(`${name} is ${JSON.stringify(attributes)}`),
      addEvent: (event: string, attributes: object) =>
        seen.push(`${name} ${event} ${JSON.stringify(attributes)}`),
      setStatus: ({ message }: { message?: string }) => seen.push(`${name} failed ${message ?? ''}`),
      end: () => seen.push(`${name} ends`),
      spanContext: () => ({ traceId: parent?.traceId ?? TRACE_ID, spanId, traceFlags: Number(isRecording) }),
    } as unknown as Span
  },
} as Partial<Tracer> as Tracer

/** W3C Trace Context, as far as the tests need it. */
const TRACE_CONTEXT: TextMapPropagator<Record<string, string>> = {
  fields: () => ['traceparent'],
  inject(context, headers) {
    const { traceId, spanId, traceFlags } = trace.getSpanContext(context) ?? {}
    headers.traceparent = `00-${traceId}-${spanId}-0${traceFlags}`
  },
  extract(context: Context, headers) {
    const [, traceId, spanId] = headers.traceparent?.split('-') ?? []
    if (traceId === undefined || spanId === undefined) return context
    return trace.setSpanContext(context, { traceId, spanId, traceFlags: 1, isRemote: true })
  },
}

test('a request, its fetches and its later parts are in one trace', async () => {
  loadSdk({ records: true })
  const failure = { code: 'SUBGRAPH_DEADLINE', message: 'late', retryable: true }
  let sent: unknown
  const fetch: SubgraphFetch = async ({ trace }) => {
    sent = trace
    return { data: null, errors: [], failure }
  }
  const traced = traceRequest(fetch, REQUEST)
  await traced.fetch(FETCH)
  traced.sent({ parts: 1, errors: 0 })
  traced.sent({ parts: 2, errors: 1 })
  traced.end()
  expect(seen).toEqual([
    'gateway.request begins {}',
    'gateway.request is {"bulkhead.request_id":"request-0001","graphql.operation.type":"query","graphql.operation.name":"Home"}',
    'gateway.fetch begins below 0000000000000001 {"subgraph":"notes","entities":true}',
    'gateway.fetch failed SUBGRAPH_DEADLINE',
    'gateway.fetch ends',
    'gateway.request sent {"parts":1,"errors":0}',
    'gateway.request sent {"parts":2,"errors":1}',
    'gateway.request failed ',
    'gateway.request ends',
  ])
  expect(sent).toEqual(['traceparent', `00-${TRACE_ID}-0000000000000002-01`])
})

test('a client’s trace goes on', () => {
  loadSdk({ records: true })
  const headers = { traceparent: '00-11111111111111111111111111111111-2222222222222222-01' }
  traceRequest(async () => ({ data: null, errors: [], failure: null }), { ...REQUEST, headers })
  expect(seen[0]).toBe('gateway.request begins below 2222222222222222 {}')
})

test('the subgraphs of a request that is not sampled are told so', async () => {
  loadSdk({ records: false })
  let sent: unknown
  const fetch: SubgraphFetch = async ({ trace }) => {
    sent = trace
    return { data: null, errors: [], failure: null }
  }
  await traceRequest(fetch, REQUEST).fetch(FETCH)
  expect(sent).toEqual(['traceparent', `00-${TRACE_ID}-0000000000000001-00`])
  expect(seen).toEqual([])
})
