import { request } from 'node:http'
import { connect } from 'node:net'
import { COMMON_ERRORS, serviceError } from '@bulkhead/service/errors'
import { listen } from '@bulkhead/service/http-server'
import { expect, onTestFinished, test } from 'vitest'
import type { Authenticate } from '../identity/authenticate.ts'
import { createRateLimit } from '../protection/rate-limit.ts'
import type { Cancellation } from '../subgraphs/cancellation.ts'
import { type Respond, respondAsUsual, testRoute } from '../testing/test-route.ts'

const PARTS = 'multipart/mixed;deferSpec=20220824,application/json;q=0.9'
const DEFERRED = '{ page { id ... @defer(label: "later") { notes } } }'

function route(respond?: Respond, authenticate?: Authenticate) {
  const { post, ...rest } = testRoute({
    ...(respond ? { respond } : {}),
    ...(authenticate ? { authenticate } : {}),
  })
  async function ask(payload: object, headers: Record<string, string> = {}) {
    const answer = await post(payload, headers)
    return { status: answer.statusCode, type: answer.headers['content-type'], text: answer.body }
  }
  return { ...rest, ask }
}

test('an answer in one piece is JSON of the type that the client prefers', async () => {
  const { ask } = route()
  const body = '{"data":{"page":{"id":"1","notes":["about 1"]}}}'
  expect(await ask({ query: DEFERRED })).toEqual({
    status: 200,
    type: 'application/json; charset=utf-8',
    text: body,
  })
  const accept = 'application/graphql-response+json, application/json;q=0.5'
  expect((await ask({ query: DEFERRED }, { accept })).type).toBe(
    'application/graphql-response+json; charset=utf-8',
  )
})

test('a client that takes parts gets them one by one, the last marked', async () => {
  const { ask } = route()
  const head = 'content-type: application/json; charset=utf-8\r\n\r\n'
  expect(await ask({ query: DEFERRED }, { accept: PARTS })).toEqual({
    status: 200,
    type: 'multipart/mixed; boundary="-"; deferSpec=20220824',
    text:
      `\r\n---\r\n${head}{"data":{"page":{"id":"1"}},"hasNext":true}\r\n---\r\n` +
      `${head}{"incremental":[{"data":{"notes":["about 1"]},"path":["page"],"label":"later"}],"hasNext":false}\r\n-----\r\n`,
  })
})

test('an operation without @defer is answered in one piece, whatever the client takes', async () => {
  const { ask } = route()
  expect((await ask({ query: '{ page { id } }' }, { accept: PARTS })).text).toBe(
    '{"data":{"page":{"id":"1"}}}',
  )
})

test.each([
  [
    'an operation name that is not there',
    { query: 'query A { page { id } }', operationName: 'B' },
    'OPERATION_RESOLUTION_FAILURE',
  ],
  [
    'two operations without a name',
    { query: 'query A { page { id } } query B { must }' },
    'OPERATION_RESOLUTION_FAILURE',
  ],
  [
    'a variable of a wrong type',
    { query: 'query ($id: ID) { page(id: $id) { id } }', variables: { id: {} } },
    'BAD_USER_INPUT',
  ],
  ['a variable that is missing', { query: 'query ($id: ID!) { page(id: $id) { id } }' }, 'BAD_USER_INPUT'],
  ['an unknown field', { query: '{ nothing }' }, 'GRAPHQL_VALIDATION_FAILED'],
  ['a syntax error', { query: '{' }, 'GRAPHQL_PARSE_FAILED'],
  ['no query', {}, 'BAD_REQUEST'],
])(
  '%s is the client’s mistake: status 400, its own code, nothing logged or fetched',
  async (_name, payload, code) => {
    const { ask, lines, sent } = route()
    const { status, text } = await ask(payload)
    expect(status).toBe(400)
    expect(JSON.parse(text).errors[0].extensions).toEqual({
      code,
      retryable: false,
      requestId: 'request-0001',
    })
    expect([lines, sent]).toEqual([[], []])
  },
)

test('a client that takes nothing that there is hears what there is', async () => {
  const { status, text } = await route().ask({ query: '{ must }' }, { accept: 'text/html' })
  expect([status, JSON.parse(text).errors[0].extensions.code]).toEqual([406, 'BAD_REQUEST'])
})

test('a defect is masked, and logged once under the id that the client got', async () => {
  const { ask, lines } = route(() => Promise.reject(new TypeError('10.0.0.7 broke')))
  const { status, text } = await ask({ query: '{ page { id } }' })
  expect(status).toBe(500)
  expect(JSON.parse(text).errors).toEqual([
    expect.objectContaining({ extensions: { code: 'INTERNAL', retryable: true, requestId: 'request-0001' } }),
  ])
  expect(text).not.toContain('10.0.0.7')
  expect(lines).toEqual([expect.objectContaining({ level: 'error', requestId: 'request-0001' })])
})

test('a defect in a later part ends the answer with an error', async () => {
  const { ask, lines } = route((sent) =>
    sent.subgraph === 'pages' ? respondAsUsual(sent) : Promise.reject(new TypeError('10.0.0.7 broke')),
  )
  const { text } = await ask({ query: DEFERRED }, { accept: PARTS })
  expect(text).toMatch(/"code":"INTERNAL".*"hasNext":false}\r\n-----\r\n$/)
  expect(text).not.toContain('10.0.0.7')
  expect(lines).toHaveLength(1)
})

test.each([
  ['waits for its answer', { query: '{ page { id } }' }, 'pages'],
  ['waits for a later part', { query: DEFERRED }, 'notes'],
])('a client that leaves while it %s ends its fetches', async (_name, payload, waiting) => {
  const begun = Promise.withResolvers<Cancellation>()
  const { app } = route(async (sent) => {
    if (sent.subgraph !== waiting) return respondAsUsual(sent)
    const cancellation = sent.cancellation as Cancellation
    begun.resolve(cancellation)
    await new Promise<void>((resolve) => cancellation.onCancel(resolve))
    return respondAsUsual(sent)
  })
  const port = await listen(app, { host: '127.0.0.1', port: 0 })
  const headers = { 'content-type': 'application/json', accept: PARTS }
  const client = request({ port, path: '/graphql', method: 'POST', headers })
  client.on('error', () => undefined)
  client.end(JSON.stringify(payload))
  const cancellation = await begun.promise
  expect(cancellation.cancelled).toBe(false)
  client.destroy()
  await new Promise<void>((resolve) => cancellation.onCancel(resolve))
})

test('deferred parts are counted by outcome', async () => {
  const { ask, metrics } = route(({ subgraph, ids, ...sent }) =>
    subgraph === 'pages' || sent.query.includes('best')
      ? respondAsUsual({ subgraph, ids, ...sent })
      : {
          data: { _entities: [{ notes: null }] },
          errors: [{ message: 'no', path: ['_entities', 0, 'notes'] }],
        },
  )
  await ask({ query: '{ page { id ... @defer { best } ... @defer { notes } } }' }, { accept: PARTS })
  const text = await metrics.registry.metrics()
  expect(text).toContain('bulkhead_deferred_parts_total{outcome="complete",service="test"} 1')
  expect(text).toContain('bulkhead_deferred_parts_total{outcome="with errors",service="test"} 1')
})

test('operations are counted by kind', async () => {
  const { ask, metrics } = route(() => ({ data: {} }))
  await ask({ query: 'query Mine { page { id } }' })
  await ask({ query: 'mutation { open(id: "1") { id } }' })
  await ask({ query: '{ nothing }' })
  const text = await metrics.registry.metrics()
  expect(text).toContain('bulkhead_graphql_operations_total{kind="query",service="test"} 1')
  expect(text).toContain('bulkhead_graphql_operations_total{kind="mutation",service="test"} 1')
})

const ANN = { identity: { subject: 'ann', scopes: new Set<string>() }, forwarded: new Map() }

test.each<[string, Authenticate]>([
  ['at once', () => ANN],
  ['later', async () => ANN],
])('the fetches of a caller who is known %s are in its name', async (_, authenticate) => {
  const { ask, sent } = route(respondAsUsual, authenticate)
  expect((await ask({ query: '{ page { id } }' })).status).toBe(200)
  expect(sent.map(({ caller }) => caller)).toEqual([ANN])
})

const REFUSAL = serviceError(COMMON_ERRORS.UNAUTHENTICATED, 'The token is refused.')

test.each<[string, Authenticate]>([
  [
    'at once',
    () => {
      throw REFUSAL
    },
  ],
  ['later', () => Promise.reject(REFUSAL)],
])('a token that is refused %s is answered with 401, before the body is read', async (_, authenticate) => {
  const { app, sent } = route(respondAsUsual, authenticate)
  const answer = await app.inject({
    method: 'POST',
    url: '/graphql',
    payload: '{ not JSON',
    headers: { 'content-type': 'application/json', 'x-request-id': 'request-0001' },
  })
  expect(answer.statusCode).toBe(401)
  expect(answer.headers['www-authenticate']).toBe('Bearer')
  expect(answer.json()).toEqual({
    errors: [
      {
        message: 'The token is refused.',
        extensions: { code: 'UNAUTHENTICATED', retryable: false, requestId: 'request-0001' },
      },
    ],
  })
  expect(sent).toEqual([])
})

test('a failure to verify is masked, and no 401', async () => {
  const { ask } = route(respondAsUsual, () => Promise.reject(new Error('http://10.0.0.1')))
  const answer = await ask({ query: '{ page { id } }' })
  expect(answer.status).toBe(500)
  expect(answer.text).not.toContain('10.0.0.1')
})

/** Sends a request and leaves at once; resolves when the gateway knows that it has. */
async function askAndLeave(app: ReturnType<typeof testRoute>['app'], verifying: Promise<unknown>) {
  const port = await listen(app, { host: '127.0.0.1', port: 0 })
  const gone = new Promise((resolve) =>
    app.server.once('connection', (socket) => socket.once('close', resolve)),
  )
  const socket = connect(port, '127.0.0.1')
  const head =
    'POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n'
  socket.write(head)
  await verifying
  socket.destroy()
  await gone
}

test.each([
  ['counted for nobody in particular', false],
  ['a defect', true],
])('a refusal for a client that has left meanwhile is %s, and does not end the process', async (_, fails) => {
  const verifying = Promise.withResolvers<void>()
  const verified = Promise.withResolvers<never>()
  const unhandled: unknown[] = []
  const note = (error: unknown) => unhandled.push(error)
  process.on('unhandledRejection', note)
  onTestFinished(() => void process.off('unhandledRejection', note))
  const { app, lines, post } = testRoute({
    authenticate({ 'content-length': length }) {
      if (length !== '2') return null
      verifying.resolve()
      return verified.promise
    },
    createAdmit(metrics) {
      const clock = { now: () => 0 }
      const admit = createRateLimit({ perSecond: 1, burst: 9, subjectOf: () => null, clock, metrics })
      return (request, reply) => {
        if (fails && request.ip === undefined) throw new Error('a defect')
        return admit(request, reply)
      }
    },
  })
  await askAndLeave(app, verifying.promise)
  verified.reject(REFUSAL)
  expect((await post({ query: '{ page { id } }' })).statusCode).toBe(200)
  await new Promise(setImmediate)
  expect(unhandled).toEqual([])
  expect(lines.filter(({ level }) => level === 'error')).toHaveLength(fails ? 1 : 0)
})
