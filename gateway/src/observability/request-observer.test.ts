import { request } from 'node:http'
import { listen } from '@bulkhead/service/http-server'
import { expect, test } from 'vitest'
import type { Cancellation } from '../subgraphs/cancellation.ts'
import { buildSupergraph, type Supergraph } from '../supergraph/supergraph.ts'
import { composeSample } from '../testing/compose-sample.ts'
import type { SentFetch } from '../testing/sample-graph.ts'
import { type Respond, respondAsUsual, testRoute } from '../testing/test-route.ts'

const PARTS = 'multipart/mixed;deferSpec=20220824,application/json;q=0.9'
const DEFERRED = 'query Later { page { id ... @defer { notes } } }'

/** The route with its access log, in front of subgraphs that answer so. */
function gateway(respond?: Respond, supergraph?: Supergraph) {
  const { app, post, lines, metrics } = testRoute({
    ...(respond ? { respond } : {}),
    ...(supergraph ? { supergraph } : {}),
    accessLog: 'on',
  })
  const ask = (query: string, headers: Record<string, string> = {}) => post({ query }, headers)
  async function metric(name: `bulkhead_${string}`): Promise<Record<string, number>> {
    const { values = [] } = (await metrics.registry.getSingleMetric(name)?.get()) ?? {}
    return Object.fromEntries(
      values
        .map(({ labels, value }) => [Object.values(labels).join(), value] as const)
        .filter(([, n]) => n > 0),
    )
  }
  /** How often a histogram was observed. */
  async function observations(name: `bulkhead_${string}`): Promise<number> {
    const text = await metrics.registry.getSingleMetricAsString(name)
    return Number(/_count(?:\{[^}]*\})? (\d+)/.exec(text)?.[1])
  }
  return { app, ask, post, lines, metric, observations }
}

test('the line of a request names its client and its operation, and nothing else of its headers', async () => {
  const { ask, lines } = gateway()
  await ask('query Home { page { id } }', {
    'apollographql-client-name': 'web',
    'apollographql-client-version': '7',
    authorization: 'Bearer hush-hush',
    cookie: 'hush-hush',
  })
  expect(lines).toEqual([
    expect.objectContaining({
      msg: 'request answered',
      operation: 'Home',
      kind: 'query',
      status: 200,
      client: 'web',
      clientVersion: '7',
      requestId: 'request-0001',
      ms: expect.any(Number),
    }),
  ])
  expect(JSON.stringify(lines)).not.toContain('hush-hush')
})

test('what is refused has a line too, before its body is read or after', async () => {
  const { ask, post, lines } = gateway()
  await post('{')
  await ask('{ nothing }')
  await ask('{ page { id } }', { accept: 'text/html' })
  expect(lines).toEqual([
    expect.objectContaining({ status: 400 }),
    expect.objectContaining({ status: 400, errors: 1, codes: ['GRAPHQL_VALIDATION_FAILED'] }),
    expect.objectContaining({ status: 406, errors: 1, codes: ['BAD_REQUEST'] }),
  ])
})

test('errors are counted by code, in deferred parts too', async () => {
  const down = { failure: { code: 'SUBGRAPH_UNAVAILABLE', message: 'away', retryable: true } }
  const { ask, metric, lines } = gateway(({ subgraph, ids, query }) =>
    subgraph === 'notes' ? down : respondAsUsual({ subgraph, ids, query } as SentFetch),
  )
  await ask('query Whole { page { notes } }')
  await ask(DEFERRED, { accept: PARTS })
  await ask('{ nothing }')
  expect(await metric('bulkhead_errors_total')).toEqual({
    SUBGRAPH_UNAVAILABLE: 2,
    GRAPHQL_VALIDATION_FAILED: 1,
  })
  expect(lines.map(({ operation, errors }) => [operation, errors])).toEqual([
    ['Whole', 1],
    ['Later', 1],
    [undefined, 1],
  ])
})

test('the first part counts for the latency of the operation, later ones for themselves', async () => {
  const { ask, observations } = gateway()
  await ask(DEFERRED, { accept: PARTS })
  expect(await observations('bulkhead_operation_seconds')).toBe(1)
  expect(await observations('bulkhead_deferred_part_seconds')).toBe(1)
})

test('requests under way are counted until their last part is sent', async () => {
  const { promise: held, resolve: release } = Promise.withResolvers<void>()
  const begun = Promise.withResolvers<void>()
  const { ask, metric } = gateway(async ({ subgraph, ids, query }) => {
    if (subgraph === 'notes') {
      begun.resolve()
      await held
    }
    return respondAsUsual({ subgraph, ids, query } as SentFetch)
  })
  const answer = ask(DEFERRED, { accept: PARTS })
  await begun.promise
  expect(await metric('bulkhead_operations_in_flight')).toEqual({ '': 1 })
  release()
  await answer
  expect(await metric('bulkhead_operations_in_flight')).toEqual({})
})

test('a client that leaves before its answer is no longer under way, and its line says so', async () => {
  const begun = Promise.withResolvers<Cancellation>()
  const { app, metric, lines } = gateway(async (sent) => {
    const cancellation = sent.cancellation as Cancellation
    begun.resolve(cancellation)
    await new Promise<void>((resolve) => cancellation.onCancel(resolve))
    return {}
  })
  const port = await listen(app, { host: '127.0.0.1', port: 0 })
  const headers = { 'content-type': 'application/json' }
  const client = request({ port, path: '/graphql', method: 'POST', headers })
  client.on('error', () => undefined)
  client.end('{"query":"query Home { page { id } }"}')
  const cancellation = await begun.promise
  expect(await metric('bulkhead_operations_in_flight')).toEqual({ '': 1 })
  client.destroy()
  await new Promise<void>((resolve) => cancellation.onCancel(resolve))
  expect(await metric('bulkhead_operations_in_flight')).toEqual({})
  expect(lines).toEqual([expect.objectContaining({ operation: 'Home', aborted: true })])
})

test('hits and misses of the operation cache are counted, and plans timed', async () => {
  const { ask, metric, observations } = gateway()
  for (let n = 0; n < 3; n += 1) await ask('{ page { id } }')
  expect(await metric('bulkhead_operation_cache_lookups_total')).toEqual({ hit: 2, miss: 1 })
  expect(await observations('bulkhead_plan_seconds')).toBe(1)
})

test('an operation that the planner cannot plan with @defer is counted each time', async () => {
  const { ask, metric } = gateway()
  // It fails for deferred meta fields of the root.
  const query = '{ ... @defer { __schema { queryType { name } } } }'
  for (let n = 0; n < 2; n += 1) expect((await ask(query, { accept: PARTS })).statusCode).toBe(200)
  await ask(query)
  await ask(DEFERRED, { accept: PARTS })
  expect(await metric('bulkhead_defer_ignored_total')).toEqual({ planner: 2 })
})

test('so is one whose @defer is ignored for an interface object', async () => {
  const supergraph = composeSample({
    types: `type Query { media: Media }
      interface Media @key(fields: "id") { id: ID! title: String }
      type Book implements Media @key(fields: "id") { id: ID! title: String }`,
    views: 'type Media @key(fields: "id") @interfaceObject { id: ID! views: Int }',
  })
  const { ask, metric } = gateway(() => ({ data: { media: null } }), buildSupergraph(supergraph))
  const query = '{ media { id ... @defer { title } } }'
  await ask(query, { accept: PARTS })
  await ask('{ media { id title } }', { accept: PARTS })
  await ask(query)
  expect(await metric('bulkhead_defer_ignored_total')).toEqual({ interface_object: 1 })
})
