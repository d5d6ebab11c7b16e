import { text } from 'node:stream/consumers'
import { isRecord } from '@bulkhead/service/json'
import { createMetrics } from '@bulkhead/service/metrics'
import { captureLog } from '@bulkhead/service/testing/captured-log'
import { afterEach, expect, test } from 'vitest'
import { startApp } from './app.ts'
import { loadConfig } from './config.ts'
import { answerQuery } from './testing/answer-query.ts'
import { serve } from './testing/serve.ts'
import { REQUIRED_SETTINGS } from './testing/settings.ts'

const SECRET = 'a-secret-of-the-gateway'
const cleanups: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

/** Starts a subgraph that answers every request with what is selected of the same data; returns its URL. */
async function subgraph(answer: unknown): Promise<string> {
  const { origin } = await serve(async (request, response) => {
    const { query } = JSON.parse(await text(request))
    const selected = isRecord(answer) ? { ...answer, data: answerQuery(query, answer.data) } : answer
    response.end(JSON.stringify(selected))
  })
  return `${origin}/graphql`
}

const SLATE = { __typename: 'RecommendationSlate', id: 's1', exposureContext: 'context' }

/** The gateway on the committed supergraph, with subgraphs that give these answers. */
async function gateway(answers: { personalization?: unknown; experimentation?: unknown } = {}) {
  const { log, lines } = captureLog()
  const config = loadConfig({
    ...REQUIRED_SETTINGS,
    GATEWAY_SECRET: SECRET,
    ACCESS_LOG: 'off',
    PERSONALIZATION_URL: await subgraph(answers.personalization ?? { data: { recommendations: SLATE } }),
    EXPERIMENTATION_URL: await subgraph(answers.experimentation ?? { data: { _entities: [{}] } }),
  })
  const metrics = createMetrics({ service: 'test' })
  const app = await startApp({ config, clock: { now: () => 0 }, log, metrics })
  cleanups.push(app.stop)
  lines.length = 0
  async function ask(query: string, variables: Record<string, unknown> = {}) {
    const headers = { 'x-request-id': 'request-0001' }
    const payload = { query, variables }
    const answer = await app.http.inject({ method: 'POST', url: '/graphql', payload, headers })
    return { status: answer.statusCode, text: answer.body, body: answer.json() }
  }
  return { app, ask, lines, metrics }
}

const HOME = '{ recommendations(userId: "u1") { id exposures { status } } }'

test("what subgraphs write reaches the client in the bytes that it has, with the answer's own length", async () => {
  const { app } = await gateway({
    personalization: { data: { recommendations: { ...SLATE, surface: '“é🦉”' } } },
    experimentation: { data: { _entities: [{ exposures: [] }] } },
  })
  const payload = { query: '{ recommendations(userId: "u1") { surface exposures { status } } }' }
  const answer = await app.http.inject({ method: 'POST', url: '/graphql', payload })
  const expected = Buffer.from('{"data":{"recommendations":{"surface":"“é🦉”","exposures":[]}}}')
  expect(answer.rawPayload).toEqual(expected)
  expect(answer.headers).toMatchObject({
    'content-length': String(expected.length),
    'content-type': expect.stringContaining('application/json'),
  })
})

test('it is ready as soon as it is started, whatever its subgraphs do', async () => {
  const { app } = await gateway()
  const answer = await app.http.inject('/readyz')
  expect([answer.statusCode, answer.json()]).toEqual([
    200,
    { ready: true, checks: { supergraph: { ok: true } } },
  ])
})

test('the metrics name every subgraph before its first fetch', async () => {
  const { metrics } = await gateway()
  const text = await metrics.registry.metrics()
  for (const name of ['personalization', 'experimentation']) {
    expect(text).toContain(`bulkhead_subgraph_fetches_in_flight{subgraph="${name}",service="test"} 0`)
  }
})

test('nothing of a hostile subgraph but message, path, code and details reaches the client', async () => {
  const internals = 'http://10.0.0.7:4002 at /srv/app.ts:1'
  const error = {
    message: 'not yours',
    path: ['_entities', 0, 'exposures'],
    extensions: {
      code: 'FORBIDDEN',
      details: { right: 'experiments:read' },
      url: internals,
      serviceName: internals,
      stacktrace: [internals],
      exception: { nested: internals },
    },
  }
  const { ask } = await gateway({
    experimentation: {
      data: { _entities: [{ exposures: null }] },
      errors: [error, { message: internals, stack: internals }, { message: internals, path: ['_entities'] }],
      extensions: { internals },
    },
  })
  const { body, text } = await ask(HOME)
  expect(text).not.toMatch(/10\.0\.0\.7|srv|_entities|@/)
  expect(body.data).toEqual({ recommendations: { id: 's1', exposures: null } })
  expect(body.errors[0]).toEqual({
    message: 'not yours',
    path: ['recommendations', 'exposures'],
    extensions: {
      code: 'FORBIDDEN',
      subgraph: 'experimentation',
      retryable: false,
      requestId: 'request-0001',
      details: { right: 'experiments:read' },
    },
  })
  expect(body.errors).toHaveLength(3)
})

test('a field that the client skips has no error when its subgraph fails', async () => {
  const { ask } = await gateway({ experimentation: 'no GraphQL' })
  const query = `query ($skip: Boolean!) {
    recommendations(userId: "u1") { id exposures { status } again: exposures @skip(if: $skip) { status } }
  }`
  const pathsWhere = async (skip: boolean) =>
    (await ask(query, { skip })).body.errors.map(({ path }: { path: string[] }) => path[1])
  expect(await pathsWhere(true)).toEqual(['exposures'])
  expect(await pathsWhere(false)).toEqual(['exposures', 'again'])
})

test.each([
  ['3,000 levels', `${'{ a '.repeat(3_000)}${'}'.repeat(3_000)}`, 'DEPTH_LIMIT_EXCEEDED'],
  ['6,000 fields', `{ ${'item '.repeat(6_000)} }`, 'TOKEN_LIMIT_EXCEEDED'],
  [
    '300 levels by fragments',
    `{ ...F0 } ${Array.from({ length: 300 }, (_, n) => `fragment F${n} on Query { ...F${n + 1} }`).join(' ')}
     fragment F300 on Query { item(id: "1") { id } }`,
    'DEPTH_LIMIT_EXCEEDED',
  ],
])('a document of %s is the client’s mistake, not a defect', async (_name, query, code) => {
  const { ask, lines } = await gateway()
  const { status, body } = await ask(query)
  expect([status, body.errors[0].extensions.code]).toEqual([400, code])
  expect(lines).toEqual([])
})

test('a variable that nests 100,000 levels is the client’s mistake, not a subgraph’s failure', async () => {
  const { app, lines } = await gateway()
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
  const query = 'query ($a: JSON) { recommendations(userId: \\"u1\\", attributes: $a) { id } }'
  const answer = await app.http.inject({
    method: 'POST',
    url: '/graphql',
    headers: { 'content-type': 'application/json' },
    payload: `{"query":"${query}","variables":{"a":${deep}}}`,
  })
  expect([answer.statusCode, answer.json().errors[0].extensions.code]).toEqual([400, 'BAD_USER_INPUT'])
  expect(lines).toEqual([])
})
