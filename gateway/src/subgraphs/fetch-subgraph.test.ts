import { createMetrics } from '@bulkhead/service/metrics'
import { captureLog } from '@bulkhead/service/testing/captured-log'
import { expect, test } from 'vitest'
import { createSubgraphFetch } from './fetch-subgraph.ts'
import { createSubgraphMetrics } from './subgraph-metrics.ts'
import type { SubgraphOutcome } from './subgraph-outcome.ts'
import type { SubgraphRequest } from './subgraph-request.ts'
import { sampleRequest } from './testing/test-client.ts'

const INTERNALS = 'connect ECONNREFUSED http://10.0.0.7:4002/graphql'

/** @param outcomes of the fetches, in this order, again and again */
function subgraph(...outcomes: readonly [SubgraphOutcome, ...SubgraphOutcome[]]) {
  const fetched: SubgraphRequest[] = []
  const named: string[] = []
  const { log, lines } = captureLog()
  const metrics = createMetrics({ service: 'test' })
  const client = {
    async fetch(request: SubgraphRequest) {
      fetched.push(request)
      return outcomes[(fetched.length - 1) % outcomes.length] ?? outcomes[0]
    },
    close: async () => undefined,
  }
  const fetch = createSubgraphFetch({
    clientOf(name) {
      named.push(name)
      return client
    },
    clock: { now: () => 0 },
    log,
    metrics: createSubgraphMetrics(metrics),
  })
  const ask = (ofEntities = false) =>
    fetch({ ...sampleRequest(), deadlineMs: 150, subgraph: 'experimentation', ofEntities })
  const metric = async (name: `bulkhead_${string}`) =>
    (await metrics.registry.getSingleMetric(name)?.get())?.values
  return { ask, fetched, named, metric, lines }
}

test('an answer passes as it is, from the client of the subgraph that is named', async () => {
  const { ask, fetched, named, lines } = subgraph({
    type: 'answered',
    response: { data: { experiment: null } },
  })
  expect(await ask()).toEqual({ data: { experiment: null }, errors: [], failure: null })
  expect(fetched).toEqual([expect.objectContaining(sampleRequest({ deadlineMs: 150 }))])
  expect(named).toEqual(['experimentation'])
  expect(lines).toEqual([])
})

test.each([
  [
    { type: 'deadline' },
    { code: 'SUBGRAPH_DEADLINE', retryable: true },
    'experimentation did not answer within 150 ms',
  ],
  [
    { type: 'unavailable', detail: INTERNALS },
    { code: 'SUBGRAPH_UNAVAILABLE', retryable: true },
    'experimentation is not available',
  ],
  [
    { type: 'invalid', detail: INTERNALS },
    { code: 'SUBGRAPH_INVALID_RESPONSE', retryable: false },
    'experimentation gave an answer that cannot be read',
  ],
] as const)('%j is a failure, with its detail in the log only', async (outcome, failure, message) => {
  const { ask, metric, lines } = subgraph(outcome)
  const answer = await ask()
  expect(answer).toEqual({ data: null, errors: [], failure: { ...failure, message } })
  expect(lines).toEqual([
    expect.objectContaining({ level: 'warn', reason: failure.code, requestId: 'request-1' }),
  ])
  expect(JSON.stringify(lines).includes(INTERNALS)).toBe('detail' in outcome)
  expect(await metric('bulkhead_subgraph_fetches_total')).toEqual([
    { labels: { subgraph: 'experimentation', outcome: outcome.type }, value: 1 },
  ])
})

test('a fetch whose client left is counted, and is no failure in the log', async () => {
  const { ask, metric, lines } = subgraph({ type: 'cancelled' })
  expect(await ask()).toMatchObject({ data: null, failure: { code: 'SUBGRAPH_UNAVAILABLE' } })
  expect(lines).toEqual([])
  expect(await metric('bulkhead_subgraph_fetches_total')).toEqual([
    { labels: { subgraph: 'experimentation', outcome: 'cancelled' }, value: 1 },
  ])
})

test('a subgraph that a reload has taken away is not available', async () => {
  const fetch = createSubgraphFetch({
    clientOf: () => undefined,
    clock: { now: () => 0 },
    log: captureLog().log,
    metrics: createSubgraphMetrics(createMetrics({ service: 'test' })),
  })
  expect(await fetch({ ...sampleRequest(), subgraph: 'experimentation', ofEntities: false })).toMatchObject({
    data: null,
    failure: { code: 'SUBGRAPH_UNAVAILABLE', message: 'experimentation is not available' },
  })
})

test('the duration of every fetch is measured', async () => {
  const { ask, metric } = subgraph({ type: 'deadline' }, { type: 'answered', response: { data: {} } })
  await ask()
  await ask()
  expect(await metric('bulkhead_subgraph_fetch_seconds')).toContainEqual(
    expect.objectContaining({ metricName: 'bulkhead_subgraph_fetch_seconds_count', value: 2 }),
  )
})

test('an outage writes one line, not one for each request', async () => {
  const { ask, lines } = subgraph({ type: 'unavailable', detail: INTERNALS })
  for (let request = 0; request < 10; request += 1) await ask()
  expect(lines).toHaveLength(1)
})

test('a subgraph that fails every other time writes one line, not one for each request', async () => {
  const { ask, lines } = subgraph({ type: 'deadline' }, { type: 'answered', response: { data: {} } })
  for (let request = 0; request < 10; request += 1) await ask()
  expect(lines).toHaveLength(1)
})

test('data with errors passes with what clients are promised of each', async () => {
  const hostile = {
    message: 'no right',
    path: ['experiment'],
    extensions: { code: 'FORBIDDEN', url: INTERNALS, stacktrace: [INTERNALS], nested: { body: INTERNALS } },
  }
  const { ask } = subgraph({ type: 'answered', response: { data: { experiment: null }, errors: [hostile] } })
  expect(await ask()).toEqual({
    data: { experiment: null },
    errors: [
      { message: 'no right', path: ['experiment'], extensions: { code: 'FORBIDDEN', retryable: false } },
    ],
    failure: null,
  })
})

test('a refused operation without data is a failure in the subgraph’s words and details', async () => {
  const refusal = {
    message: 'the queue is full',
    extensions: { code: 'OUTBOX_FULL', retryable: true, details: { limit: 9 }, stacktrace: [INTERNALS] },
  }
  const { ask, lines } = subgraph({ type: 'answered', response: { errors: [refusal] } })
  const extensions = { code: 'OUTBOX_FULL', retryable: true, details: { limit: 9 } }
  expect(await ask()).toEqual({
    data: null,
    errors: [{ message: 'the queue is full', extensions }],
    failure: { message: 'the queue is full', ...extensions },
  })
  expect(lines).toEqual([])
})

test('without data, errors with paths of their own keep them', async () => {
  const error = { message: 'gone', path: ['b', 'title'], extensions: { code: 'INTERNAL', retryable: true } }
  const { ask } = subgraph({ type: 'answered', response: { data: null, errors: [error] } })
  expect(await ask()).toEqual({
    data: null,
    errors: [error],
    failure: { message: 'gone', code: 'INTERNAL', retryable: true },
  })
})

test('an answer of neither data nor errors is still a failure', async () => {
  const { ask } = subgraph({ type: 'answered', response: { data: null } })
  expect(await ask()).toEqual({
    data: null,
    errors: [],
    failure: { message: 'experimentation failed at this field', code: 'INTERNAL', retryable: true },
  })
})

test.each([{}, { _entities: null }, { _entities: {} }, { _entities: 'x' }])(
  'an answer of %j to a fetch of entities cannot be read',
  async (data) => {
    const { ask, metric, lines } = subgraph({ type: 'answered', response: { data } })
    expect(await ask(true)).toMatchObject({ data: null, failure: { code: 'SUBGRAPH_INVALID_RESPONSE' } })
    expect(lines).toEqual([expect.objectContaining({ detail: 'answer has no list of entities' })])
    expect(await metric('bulkhead_subgraph_fetches_total')).toMatchObject([
      { labels: { outcome: 'invalid' } },
    ])
  },
)

test('errors that say why there are no entities are passed on', async () => {
  const error = { message: 'no right', extensions: { code: 'FORBIDDEN', retryable: false } }
  const { ask } = subgraph({ type: 'answered', response: { data: { _entities: null }, errors: [error] } })
  expect(await ask(true)).toEqual({
    data: null,
    errors: [error],
    failure: { message: 'no right', code: 'FORBIDDEN', retryable: false },
  })
})

test('entities pass with their errors’ paths by index', async () => {
  const error = { message: 'm', path: ['_entities', 1, 'a'], extensions: { code: 'X', retryable: false } }
  const data = { _entities: [{ a: 1 }, null] }
  const { ask } = subgraph({ type: 'answered', response: { data, errors: [error] } })
  expect(await ask(true)).toEqual({ data, errors: [error], failure: null })
})
