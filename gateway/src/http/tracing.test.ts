import { type Span, type Tracer, trace } from '@opentelemetry/api'
import { expect, test } from 'vitest'
import type { SubgraphFetch } from '../subgraphs/fetch-subgraph.ts'
import { traceRequest } from './tracing.ts'

const REQUEST = { requestId: 'request-0001', kind: 'query', name: 'Home' }
const FETCH = { subgraph: 'notes', ofEntities: true } as Parameters<SubgraphFetch>[0]

// This test is the first one: once the API has seen an SDK, it keeps it.
test('without an SDK the fetch stays as it is', () => {
  const fetch: SubgraphFetch = async () => ({ data: null, errors: [], failure: null })
  expect(traceRequest(fetch, REQUEST).fetch).toBe(fetch)
})

/** Stands in for an SDK: keeps what happens to each span. */
function recordSpans(): string[] {
  const seen: string[] = []
  const tracer = {
    startSpan(name, options, context) {
      const parent = context && trace.getSpan(context) ? ' below the request' : ''
      seen.push(`${name} begins${parent} ${JSON.stringify(options?.attributes ?? {})}`)
      return {
        isRecording: () => true,
        setAttributes: (attributes: object) => seen.push(`${name} is ${JSON.stringify(attributes)}`),
        addEvent: (event: string, attributes: object) =>
          seen.push(`${name} ${event} ${JSON.stringify(attributes)}`),
        setStatus: ({ message }: { message?: string }) => seen.push(`${name} failed ${message ?? ''}`),
        end: () => seen.push(`${name} ends`),
        spanContext: () => ({ traceId: '1', spanId: '1', traceFlags: 1 }),
      } as unknown as Span
    },
  } as Partial<Tracer> as Tracer
  trace.setGlobalTracerProvider({ getTracer: () => tracer })
  return seen
}

test('a request, its fetches and its later parts are in one trace', async () => {
  const seen = recordSpans()
  const failure = { code: 'SUBGRAPH_DEADLINE', message: 'late', retryable: true }
  const traced = traceRequest(async () => ({ data: null, errors: [], failure }), REQUEST)
  await traced.fetch(FETCH)
  traced.sent({ parts: 1, errors: 0 })
  traced.sent({ parts: 2, errors: 1 })
  traced.end()
  expect(seen).toEqual([
    'gateway.request begins {}',
    'gateway.request is {"bulkhead.request_id":"request-0001","graphql.operation.type":"query","graphql.operation.name":"Home"}',
    'gateway.fetch begins below the request {"subgraph":"notes","entities":true}',
    'gateway.fetch failed SUBGRAPH_DEADLINE',
    'gateway.fetch ends',
    'gateway.request sent {"parts":1,"errors":0}',
    'gateway.request sent {"parts":2,"errors":1}',
    'gateway.request failed ',
    'gateway.request ends',
  ])
})
