import { recordSpans, spanIdOf } from '@bulkhead/service/testing/recorded-spans'
import { expect, test } from 'vitest'
import type { SubgraphFetch } from '../subgraphs/fetch-subgraph.ts'
import { traceRequest } from './tracing.ts'

const REQUEST = { requestId: 'request-0001', kind: 'query', name: 'Home', headers: {} }
const FETCH = { subgraph: 'notes', ofEntities: true } as Parameters<SubgraphFetch>[0]
const TRACE_ID = '0af7651916cd43dd8448eb211c80319c'
const CLIENT = { traceparent: `00-${TRACE_ID}-b7ad6b7169203331-01` }

/** A fetch that fails, and the headers that it got for the trace. */
function failingFetch() {
  const sent: unknown[] = []
  const fetch: SubgraphFetch = async ({ trace }) => {
    sent.push(trace)
    return {
      data: null,
      errors: [],
      failure: { code: 'SUBGRAPH_DEADLINE', message: 'late', retryable: true },
    }
  }
  return { fetch, sent }
}

// This test is the first one: once the API has seen an SDK, it keeps it.
test('without an SDK the fetch stays as it is, whatever trace the client sends', () => {
  const { fetch } = failingFetch()
  expect(traceRequest(fetch, { ...REQUEST, headers: CLIENT }).fetch).toBe(fetch)
})

test('a request, its fetches and its later parts are in one trace, and the subgraph is told', async () => {
  const spans = recordSpans()
  const { fetch, sent } = failingFetch()
  const traced = traceRequest(fetch, REQUEST)
  await traced.fetch(FETCH)
  traced.sent({ parts: 1, errors: 0 })
  traced.sent({ parts: 2, errors: 1 })
  traced.end()
  expect(spans).toMatchObject([
    {
      name: 'gateway.request',
      parentSpanId: null,
      attributes: {
        'bulkhead.request_id': 'request-0001',
        'graphql.operation.type': 'query',
        'graphql.operation.name': 'Home',
      },
      events: ['sent {"parts":1,"errors":0}', 'sent {"parts":2,"errors":1}'],
      status: { code: 2 },
      ended: true,
    },
    {
      name: 'gateway.fetch',
      parentSpanId: spanIdOf(1),
      attributes: { subgraph: 'notes', entities: true },
      status: { code: 2, message: 'SUBGRAPH_DEADLINE' },
      ended: true,
    },
  ])
  expect(sent).toEqual([['traceparent', `00-${spans[0]?.traceId}-${spanIdOf(2)}-01`]])
})

test('a client’s trace goes on', () => {
  const spans = recordSpans()
  traceRequest(failingFetch().fetch, { ...REQUEST, headers: CLIENT })
  expect(spans).toMatchObject([{ traceId: TRACE_ID, parentSpanId: 'b7ad6b7169203331' }])
})

test('the subgraphs of a request that is not sampled are told so', async () => {
  const spans = recordSpans({ sampled: false })
  const { fetch, sent } = failingFetch()
  await traceRequest(fetch, { ...REQUEST, headers: CLIENT }).fetch(FETCH)
  expect(sent).toEqual([['traceparent', `00-${TRACE_ID}-${spanIdOf(1)}-00`]])
  expect(spans).toEqual([])
})
