import type { FastifyInstance } from 'fastify'
import { buildSchema, GraphQLError } from 'graphql'
import { afterEach, expect, test } from 'vitest'
import { COMMON_ERRORS, defineErrors, serviceError } from '../errors.ts'
import { createHttpServer } from '../http-server.ts'
import { createMetrics } from '../metrics.ts'
import { createSecretCheck, GATEWAY_SECRET_HEADER, requireGatewaySecret } from '../secrets.ts'
import { captureLog } from '../testing/captured-log.ts'
import { type MountGraphqlOptions, mountGraphql } from './server.ts'

const opened: FastifyInstance[] = []
afterEach(async () => {
  await Promise.all(opened.splice(0).map((app) => app.close()))
})

const OWN_ERRORS = defineErrors({
  SUBGRAPH_DEADLINE: { meaning: 'Late.', retryable: true, whatToDo: 'Wait.', httpStatus: 504 },
})

type Resolvers = Record<string, (args: { first?: number }) => unknown>

/** Sets the resolvers of the root fields, since `buildSchema` makes a schema without any. */
function schemaOf(resolvers: Resolvers) {
  const schema = buildSchema(
    'type Query { hello: String, fails: String, list(first: Int! = 2): Int, must: String!, _entities: [Int], self: Query } type Mutation { act: Int }',
  )
  for (const [name, resolve] of Object.entries(resolvers)) {
    const field = schema.getQueryType()?.getFields()[name]
    if (field !== undefined) field.resolve = (_source, args) => resolve(args)
  }
  return schema
}

async function server(
  resolvers: Resolvers = {},
  options: Partial<MountGraphqlOptions<Record<string, never>>> = {},
) {
  const { log, lines } = captureLog()
  const metrics = createMetrics({ service: 'test' })
  const app = createHttpServer({ log, metrics, readiness: () => ({ ready: true, checks: {} }) })
  opened.push(app)
  await mountGraphql(app, {
    schema: schemaOf({ hello: () => 'world', ...resolvers }),
    createContext: () => ({}),
    log,
    metrics,
    introspection: false,
    errors: OWN_ERRORS,
    ...options,
  } as MountGraphqlOptions<Record<string, never>>)
  async function ask(payload: object, headers: Record<string, string> = {}) {
    const answer = await app.inject({ method: 'POST', url: '/graphql', payload, headers })
    return { status: answer.statusCode, headers: answer.headers, text: answer.body, body: answer.json() }
  }
  return { app, ask, lines, metrics }
}

test('a query is answered', async () => {
  const { ask, lines } = await server()
  expect(await ask({ query: '{ hello }' })).toMatchObject({ status: 200, body: { data: { hello: 'world' } } })
  expect(lines).toEqual([])
})

test.each([
  ['syntax', { query: '{ hello' }, 'GRAPHQL_PARSE_FAILED'],
  ['an unknown field', { query: '{ nothing }' }, 'GRAPHQL_VALIDATION_FAILED'],
  ['an unknown operation', { query: 'query A { hello } query B { hello }' }, 'OPERATION_RESOLUTION_FAILURE'],
  [
    'a variable of a wrong type',
    { query: 'query($n: Int!) { list(first: $n) }', variables: { n: 'x' } },
    'BAD_USER_INPUT',
  ],
  ['no query', { variables: {} }, 'BAD_REQUEST'],
  ['a batch', [{ query: '{ hello }' }], 'BAD_REQUEST'],
  [
    'introspection where it is off',
    { query: '{ __schema { types { name } } }' },
    'GRAPHQL_VALIDATION_FAILED',
  ],
])('%s is the client’s mistake: status 400, its own code, nothing logged', async (_name, payload, code) => {
  const { ask, lines } = await server()
  const { status, body } = await ask(payload)
  expect([status, body.errors[0].extensions.code]).toEqual([400, code])
  expect(body.errors[0].extensions).toEqual({ code, retryable: false, requestId: expect.any(String) })
  expect(lines).toEqual([])
})

test('a null variable for an argument that must not be null is the client’s mistake', async () => {
  const { ask, lines } = await server({ list: ({ first }) => first })
  const { body } = await ask({ query: 'query($n: Int = 5) { list(first: $n) }', variables: { n: null } })
  expect(body.errors[0].extensions.code).toBe('BAD_USER_INPUT')
  expect(body.errors[0].message).toContain('must not be null')
  expect(lines).toEqual([])
})

test('a defect in a resolver is masked, and logged once under the id that the client got', async () => {
  const { ask, lines } = await server({
    fails() {
      throw new TypeError('connect mongodb://user:hush@10.0.0.7')
    },
  })
  const { status, body, text } = await ask({ query: '{ hello fails }' }, { 'x-request-id': 'request-0001' })
  expect(status).toBe(200)
  expect(body).toEqual({
    data: { hello: 'world', fails: null },
    errors: [
      {
        message: 'Internal error; quote request id request-0001',
        path: ['fails'],
        locations: [{ line: 1, column: 9 }],
        extensions: { code: 'INTERNAL', retryable: true, requestId: 'request-0001' },
      },
    ],
  })
  expect(text).not.toMatch(/hush|stack|10\.0\.0\.7/)
  expect(lines).toEqual([expect.objectContaining({ level: 'error', requestId: 'request-0001' })])
  expect(JSON.stringify(lines)).toContain('10.0.0.7')
})

test('requests at the same time keep their own ids in masked errors', async () => {
  const { ask } = await server({
    async fails() {
      await new Promise(setImmediate)
      throw new Error('no')
    },
  })
  const ids = Array.from({ length: 20 }, (_, index) => `request-${1_000 + index}`)
  const answers = await Promise.all(ids.map((id) => ask({ query: '{ fails }' }, { 'x-request-id': id })))
  expect(answers.map(({ body }) => body.errors[0].extensions.requestId)).toEqual(ids)
})

test('a null where the schema forbids it is our defect, not the client’s', async () => {
  const { ask, lines } = await server({ must: () => null })
  const { body } = await ask({ query: '{ must }' })
  expect(body.errors[0].extensions.code).toBe('INTERNAL')
  expect(lines).toHaveLength(1)
})

test('a service error keeps its code, message, details and whether a retry can help', async () => {
  const { ask } = await server({
    fails() {
      throw serviceError(COMMON_ERRORS.DATASTORE_UNAVAILABLE, 'try later', { queue: 3 })
    },
  })
  const { body } = await ask({ query: '{ fails }' })
  expect(body.errors[0]).toMatchObject({
    message: 'try later',
    extensions: { code: 'DATASTORE_UNAVAILABLE', retryable: true, details: { queue: 3 } },
  })
})

test('an outage of the datastore is known by its name', async () => {
  const { ask, lines } = await server({
    fails() {
      throw Object.assign(new Error('ECONNREFUSED 10.0.0.7'), { name: 'DatastoreUnavailableError' })
    },
  })
  const { body, text } = await ask({ query: '{ fails }' })
  expect(body.errors[0].extensions).toMatchObject({ code: 'DATASTORE_UNAVAILABLE', retryable: true })
  expect(text).not.toContain('10.0.0.7')
  expect(lines).toEqual([expect.objectContaining({ level: 'warn' })])
})

test('a GraphQL error passes with a code of the service’s registry only, its other extensions dropped', async () => {
  const withCode = (code: string) => () => {
    throw new GraphQLError('late', { extensions: { code, url: 'http://10.0.0.7', stacktrace: ['x'] } })
  }
  const known = await (await server({ fails: withCode('SUBGRAPH_DEADLINE') })).ask({ query: '{ fails }' })
  expect(known.body.errors[0]).toMatchObject({ message: 'late', extensions: { code: 'SUBGRAPH_DEADLINE' } })
  expect(known.text).not.toContain('10.0.0.7')
  const unknown = await (await server({ fails: withCode('HOME_MADE') })).ask({ query: '{ fails }' })
  expect(unknown.body.errors[0].extensions.code).toBe('INTERNAL')
})

test('a resolver cannot pass a defect off as the client’s mistake by a property of the error', async () => {
  const { ask } = await server({
    fails() {
      throw Object.assign(new Error('internals'), {
        code: 'BAD_REQUEST',
        extensions: { code: 'BAD_REQUEST' },
      })
    },
  })
  expect((await ask({ query: '{ fails }' })).text).not.toContain('internals')
})

test('a context that is refused answers with its own status', async () => {
  const { ask } = await server(
    {},
    {
      createContext() {
        throw serviceError(COMMON_ERRORS.UNAUTHENTICATED, 'no identity')
      },
    },
  )
  const { status, body } = await ask({ query: '{ hello }' })
  expect([status, body.errors[0].message, body.errors[0].extensions.code]).toEqual([
    401,
    'no identity',
    'UNAUTHENTICATED',
  ])
})

test('a form post from another site is refused by its type, and GET has no route', async () => {
  const { app } = await server()
  for (const type of ['text/plain', 'application/x-www-form-urlencoded']) {
    const form = await app.inject({
      method: 'POST',
      url: '/graphql',
      headers: { 'content-type': type },
      payload: '{"query":"{ hello }"}',
    })
    expect([form.statusCode, form.json().error.code]).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE'])
  }
  expect((await app.inject('/graphql?query={hello}')).statusCode).toBe(404)
})

test('a caller without the gateway’s secret is refused before its body is read', async () => {
  const check = createSecretCheck(['a-secret-of-some-length'])
  const { app, ask } = await server({}, { onRequest: requireGatewaySecret(check) })
  const refused = await app.inject({
    method: 'POST',
    url: '/graphql',
    headers: { 'content-type': 'application/json' },
    payload: '{ broken',
  })
  expect([refused.statusCode, refused.json().error.code]).toEqual([401, 'UNAUTHENTICATED'])
  const accepted = await ask({ query: '{ hello }' }, { [GATEWAY_SECRET_HEADER]: 'a-secret-of-some-length' })
  expect(accepted.status).toBe(200)
})

test('operations are counted by kind; names of clients do not become labels', async () => {
  const { ask, metrics } = await server()
  await ask({ query: 'query Mine { hello }' })
  await ask({ query: 'query Other { hello }' })
  await ask({ query: 'mutation { act }' })
  await ask({ query: '{ _entities }' })
  const text = await metrics.registry.metrics()
  expect(text).toContain('bulkhead_graphql_operations_total{kind="query",service="test"} 2')
  expect(text).toContain('bulkhead_graphql_operations_total{kind="mutation",service="test"} 1')
  expect(text).toContain('bulkhead_graphql_operations_total{kind="entities",service="test"} 1')
  expect(text).not.toContain('Mine')
})

test('a federated query gets no inline trace', async () => {
  const { ask } = await server()
  const { body } = await ask({ query: '{ hello }' }, { 'apollo-federation-include-trace': 'ftv1' })
  expect(body).toEqual({ data: { hello: 'world' } })
})

function nested(depth: number) {
  return `${'{ self '.repeat(depth - 1)}{ hello }${'}'.repeat(depth - 1)}`
}

function chained(length: number) {
  return `{ ...F0 } ${Array.from({ length }, (_, index) => `fragment F${index} on Query { self { ...F${index + 1} } }`).join(' ')} fragment F${length} on Query { hello }`
}

function doubled(length: number) {
  return `{ ...F0 } ${Array.from({ length }, (_, index) => `fragment F${index} on Query { a: self { ...F${index + 1} } b: self { ...F${index + 1} } }`).join(' ')} fragment F${length} on Query { hello }`
}

test.each([
  ['3,000 levels of selections', nested(3_000), 'GRAPHQL_PARSE_FAILED'],
  ['100,000 levels of selections', nested(100_000), 'GRAPHQL_PARSE_FAILED'],
  [
    '5,000 levels of lists',
    `{ list(first: ${'['.repeat(5_000)}${']'.repeat(5_000)}) }`,
    'GRAPHQL_PARSE_FAILED',
  ],
  ['50,000 open brackets', '{ self '.repeat(50_000), 'GRAPHQL_PARSE_FAILED'],
  ['20,000 fields', `{ ${'hello '.repeat(20_000)} }`, 'GRAPHQL_PARSE_FAILED'],
  ['300,000 comments', `${'#\n'.repeat(300_000)} { hello }`, 'GRAPHQL_PARSE_FAILED'],
  ['a number that no double holds', '{ list(first: 1e999) }', 'GRAPHQL_VALIDATION_FAILED'],
  ['900 levels by fragments', chained(900), 'GRAPHQL_VALIDATION_FAILED'],
  ['2^40 selections by fragments', doubled(40), 'GRAPHQL_VALIDATION_FAILED'],
])('a document of %s is the client’s mistake, and refused at once', async (_name, query, code) => {
  const { ask, lines } = await server({ self: () => ({}) })
  const start = performance.now()
  const { status, body } = await ask({ query })
  expect(performance.now() - start).toBeLessThan(2_000)
  expect([status, body.errors[0].extensions]).toEqual([
    400,
    { code, retryable: false, requestId: expect.any(String) },
  ])
  expect(lines).toEqual([])
})

test('a document as deep as the limit is answered', async () => {
  const { ask } = await server({ self: () => ({}) })
  expect(await ask({ query: nested(100) })).toMatchObject({
    status: 200,
    body: { data: { self: { self: {} } } },
  })
  expect(await ask({ query: nested(101) })).toMatchObject({ status: 400 })
})

test('brackets in strings and comments are no levels', async () => {
  const { ask } = await server()
  const query = `# ${'{'.repeat(200)}\nquery($s: String = "${'['.repeat(200)}") { hello @include(if: true) }`
  const { body } = await ask({ query })
  expect(body.errors[0].message).toContain('never used')
})

test('variables that nest too deep are the client’s mistake', async () => {
  const { app, lines } = await server()
  const answer = await app.inject({
    method: 'POST',
    url: '/graphql',
    headers: { 'content-type': 'application/json' },
    payload: `{"query":"{ hello }","variables":{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}}`,
  })
  expect([answer.statusCode, answer.json().errors[0].extensions.code]).toEqual([400, 'BAD_USER_INPUT'])
  expect(lines).toEqual([])
})
