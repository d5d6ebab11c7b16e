import { createMetrics } from '@bulkhead/service/metrics'
import { captureLog } from '@bulkhead/service/testing/captured-log'
import { expect, test } from 'vitest'
import type { SubgraphClient, SubgraphOutcome } from './subgraph-client.ts'
import { createSubgraphDataSource } from './subgraph-data-source.ts'

type Fetched = Parameters<SubgraphClient['fetch']>[0]

const INTERNALS = 'connect ECONNREFUSED http://10.0.0.7:4002/graphql'

/** @param outcomes of the fetches, in this order, again and again */
function dataSource(...outcomes: readonly [SubgraphOutcome, ...SubgraphOutcome[]]) {
  const fetched: Fetched[] = []
  const { log, lines } = captureLog()
  const fetches = createMetrics({ service: 'test' }).counter({
    name: 'bulkhead_subgraph_fetches_total',
    help: 'Fetches',
    labelNames: ['subgraph', 'outcome'],
  })
  const source = createSubgraphDataSource({
    subgraph: 'experimentation',
    client: {
      async fetch(request) {
        fetched.push(request)
        return outcomes[(fetched.length - 1) % outcomes.length] ?? outcomes[0]
      },
      close: async () => undefined,
    },
    deadlines: { entityMs: 150, rootMs: 5_000 },
    clock: { now: () => 0 },
    log,
    fetches,
  })
  const ask = (query: string, variables: Record<string, unknown> = {}) =>
    source.process({
      kind: 'incoming operation',
      request: { query, variables, operationName: 'Home' },
      incomingRequestContext: {},
      context: { requestId: 'request-0001' },
    } as never)
  return { ask, fetched, fetches, lines }
}

const ROOT = '{ experiment(key: "a") { key } }'
const OF_ENTITIES = `query ($representations: [_Any!]!) {
  _entities(representations: $representations) { ... on RecommendationSlate { exposures { status } } }
}`
const SLATE = { representations: [{ __typename: 'RecommendationSlate', id: '1' }] }

test('an answer passes as it is, and the request with its id, name and variables', async () => {
  const { ask, fetched, lines } = dataSource({ type: 'answered', response: { data: { experiment: null } } })
  expect(await ask(ROOT, { a: 1 })).toEqual({ data: { experiment: null } })
  expect(fetched).toEqual([
    { query: ROOT, variables: { a: 1 }, operationName: 'Home', requestId: 'request-0001', deadlineMs: 5_000 },
  ])
  expect(lines).toEqual([])
})

test.each([
  ['root fields', ROOT, {}, 5_000],
  ['entities', OF_ENTITIES, SLATE, 150],
  ['root fields of a client whose variable is called representations', ROOT, SLATE, 5_000],
])('%s have their own deadline', async (_name, query, variables, deadlineMs) => {
  const { ask, fetched } = dataSource({ type: 'answered', response: { data: {} } })
  await ask(query, variables)
  expect(fetched[0]?.deadlineMs).toBe(deadlineMs)
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
] as const)(
  '%j is an error at every field, with its detail in the log only',
  async (outcome, extensions, message) => {
    const { ask, fetches, lines } = dataSource(outcome)
    const answer = await ask(OF_ENTITIES, SLATE)
    expect(answer).toEqual({
      data: { _entities: [null] },
      errors: [{ message, path: ['_entities', 0, 'exposures'], extensions }],
    })
    expect(lines).toEqual([
      expect.objectContaining({ level: 'warn', reason: extensions.code, requestId: 'request-0001' }),
    ])
    expect(JSON.stringify(lines).includes(INTERNALS)).toBe('detail' in outcome)
    expect((await fetches.get()).values).toEqual([
      { labels: { subgraph: 'experimentation', outcome: outcome.type }, value: 1 },
    ])
  },
)

test('an outage writes one line, not one for each request', async () => {
  const { ask, lines } = dataSource({ type: 'unavailable', detail: INTERNALS })
  for (let request = 0; request < 10; request += 1) await ask(OF_ENTITIES, SLATE)
  expect(lines).toHaveLength(1)
})

test('a subgraph that fails every other time writes one line, not one for each request', async () => {
  const { ask, lines } = dataSource({ type: 'deadline' }, { type: 'answered', response: { data: {} } })
  for (let request = 0; request < 10; request += 1) await ask(OF_ENTITIES, SLATE)
  expect(lines).toHaveLength(1)
})

test('data with errors passes with what clients are promised of each', async () => {
  const hostile = {
    message: 'no right',
    path: ['experiment'],
    extensions: { code: 'FORBIDDEN', url: INTERNALS, stacktrace: [INTERNALS], nested: { body: INTERNALS } },
  }
  const { ask } = dataSource({
    type: 'answered',
    response: { data: { experiment: null }, errors: [hostile] },
  })
  expect(await ask(ROOT)).toEqual({
    data: { experiment: null },
    errors: [
      { message: 'no right', path: ['experiment'], extensions: { code: 'FORBIDDEN', retryable: false } },
    ],
  })
})

test('a refused operation without data is an error at every field, in the subgraph’s words and details', async () => {
  const refusal = {
    message: 'the queue is full',
    extensions: { code: 'OUTBOX_FULL', retryable: true, details: { limit: 9 }, stacktrace: [INTERNALS] },
  }
  const { ask, lines } = dataSource({ type: 'answered', response: { errors: [refusal] } })
  expect(await ask('{ a: item(id: "1") { id } b: item(id: "2") { id } }')).toEqual({
    data: { a: null, b: null },
    errors: ['a', 'b'].map((key) => ({
      message: 'the queue is full',
      path: [key],
      extensions: { code: 'OUTBOX_FULL', retryable: true, details: { limit: 9 } },
    })),
  })
  expect(lines).toEqual([])
})

test('without data, errors with paths of their own keep them', async () => {
  const error = { message: 'gone', path: ['b', 'title'], extensions: { code: 'INTERNAL', retryable: true } }
  const { ask } = dataSource({ type: 'answered', response: { data: null, errors: [error] } })
  const answer = await ask('{ a: item(id: "1") { id } b: item(id: "2") { title } }')
  expect(answer.data).toEqual({ a: null, b: null })
  expect(answer.errors?.map(({ path }) => path)).toEqual([['b', 'title'], ['a']])
})

test('an answer of neither data nor errors is still an error at every field', async () => {
  const { ask } = dataSource({ type: 'answered', response: { data: null } })
  expect(await ask(ROOT)).toEqual({
    data: { experiment: null },
    errors: [
      {
        message: 'experimentation failed at this field',
        path: ['experiment'],
        extensions: { code: 'INTERNAL', retryable: true },
      },
    ],
  })
})
