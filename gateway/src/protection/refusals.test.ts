import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { signDevelopmentToken } from '../identity/development-token.ts'
import { startTestApp } from '../testing/test-app.ts'

const ITEM = '{ item(id: "1") { id } }'
const ANSWER = { data: { item: { id: '1' } } }
const INTERNALS = /127\.0\.0\.1|localhost|\.ts\b|node_modules|a-secret|at \w+ \(/

type Sent = Awaited<ReturnType<typeof startTestApp>>

function codeOf({ json }: Awaited<ReturnType<Sent['inject']>>): unknown {
  return json.errors?.[0]?.extensions?.code ?? json.error?.code
}

test.each([
  ['MAX_DEPTH', '1', { query: ITEM }, 400, 'DEPTH_LIMIT_EXCEEDED', 'depth', 2],
  ['MAX_ALIASES', '0', { query: '{ a: __typename }' }, 400, 'ALIAS_LIMIT_EXCEEDED', 'aliases', 1],
  [
    'MAX_ROOT_FIELDS',
    '1',
    { query: '{ __typename __typename }' },
    400,
    'ROOT_FIELD_LIMIT_EXCEEDED',
    'rootFields',
    2,
  ],
  ['MAX_TOKENS', '5', { query: ITEM }, 400, 'TOKEN_LIMIT_EXCEEDED', 'tokens', 6],
  [
    'MAX_DIRECTIVES',
    '0',
    { query: '{ __typename @skip(if: false) }' },
    400,
    'DIRECTIVE_LIMIT_EXCEEDED',
    'directives',
    1,
  ],
  [
    'MAX_DEFERRED_FRAGMENTS',
    '0',
    { query: '{ ... @defer { __typename } }' },
    400,
    'DEFERRED_FRAGMENT_LIMIT_EXCEEDED',
    'deferredFragments',
    1,
  ],
  ['MAX_SELECTIONS', '1', { query: ITEM }, 400, 'SELECTION_LIMIT_EXCEEDED', 'selections', 2],
  [
    'MAX_DOCUMENT_LENGTH',
    '10',
    { query: ITEM },
    400,
    'DOCUMENT_LENGTH_LIMIT_EXCEEDED',
    'documentLength',
    ITEM.length,
  ],
  [
    'MAX_COST',
    '1',
    { query: '{ recommendations(userId: "u1") { servedBy { rung } } }' },
    400,
    'COST_LIMIT_EXCEEDED',
    'cost',
    2,
  ],
  [
    'MAX_VARIABLE_VALUES',
    '3',
    {
      query: 'query ($f: ItemFilter) { items(filter: $f) { totalCount } }',
      variables: { f: { ids: ['1', '2'] } },
    },
    400,
    'VARIABLE_LIMIT_EXCEEDED',
    'variableValues',
    4,
  ],
  ['MAX_BODY_BYTES', '1024', { query: ' '.repeat(2_000) }, 413, 'PAYLOAD_TOO_LARGE', 'body', 2_012],
])('%s=%s refuses what exceeds it', async (variable, value, body, status, code, name, measured) => {
  const { post, sent, lines } = await startTestApp({ [variable]: value })
  const answer = await post(body)
  expect([answer.status, codeOf(answer)]).toEqual([status, code])
  const { details } = answer.json.errors?.[0].extensions ?? answer.json.error
  expect(details).toEqual({ limit: { name, max: Number(value), measured } })
  expect(answer.text).toContain(`${measured}`)
  expect(answer.text).not.toMatch(INTERNALS)
  expect([sent, lines]).toEqual([[], []])
})

test('our own graph says how long its lists are, so that the cost follows the page that is asked for', async () => {
  const { post } = await startTestApp({ MAX_COST: '100' })
  const query = 'query ($first: Int!) { items(first: $first) { nodes { id } edges { cursor } } }'
  expect((await post({ query, variables: { first: 49 } })).status).toBe(200)
  const refused = await post({ query, variables: { first: 50 } })
  expect(refused.json.errors[0].message).toBe('Cost 101 exceeds the limit of 100.')
  const slate = await post({ query: '{ slate(id: "1") { items { edges { node { id } } } } }' })
  expect(slate.json.errors[0].message).toBe('Cost 1002 exceeds the limit of 100.')
})

test('a batch is refused as a whole', async () => {
  const { post, sent } = await startTestApp()
  for (const batch of [[], [{ query: ITEM }], Array(1_000).fill({ query: ITEM })]) {
    const answer = await post(batch)
    expect([answer.status, codeOf(answer)]).toEqual([400, 'BATCHING_NOT_SUPPORTED'])
  }
  expect(sent).toEqual([])
})

test('a client that sends too much waits, whatever it asks for', async () => {
  const { post, sent } = await startTestApp({ RATE_LIMIT_PER_SECOND: '1', RATE_LIMIT_BURST: '1' })
  expect((await post({ query: '{' })).status).toBe(400)
  const refused = await post({ query: ITEM })
  expect([refused.status, codeOf(refused), refused.headers['retry-after']]).toEqual([
    429,
    'RATE_LIMITED',
    '1',
  ])
  expect(refused.json.errors[0].extensions).toEqual({
    code: 'RATE_LIMITED',
    retryable: true,
    requestId: refused.headers['x-request-id'],
    details: { limit: { name: 'requestsPerSecond', max: 1, burst: 1 } },
  })
  expect(sent).toEqual([])
})

test('whoever has an identity is counted by it, wherever the requests come from', async () => {
  const secret = 'a-secret-for-the-tokens-of-development'
  const { post } = await startTestApp({
    DEV_TOKEN_SECRET: secret,
    RATE_LIMIT_PER_SECOND: '1',
    RATE_LIMIT_BURST: '1',
    TRUSTED_PROXIES: '127.0.0.1',
  })
  async function statusOf(subject: string, address: string) {
    // The clock of the gateway stands still at 0.
    const token = await signDevelopmentToken({ secret, subject, scopes: [], lifetimeS: 60 })
    const headers = { authorization: `Bearer ${token}`, 'x-forwarded-for': address }
    return (await post({ query: ITEM }, headers)).status
  }
  expect(await statusOf('ann', '192.0.2.1')).toBe(200)
  expect(await statusOf('ann', '192.0.2.2')).toBe(429)
  expect(await statusOf('bob', '192.0.2.1')).toBe(200)
})

test('probes and metrics have no rate limit', async () => {
  const { inject } = await startTestApp({ RATE_LIMIT_PER_SECOND: '1', RATE_LIMIT_BURST: '1' })
  for (const url of ['/healthz', '/readyz', '/metrics', '/healthz', '/readyz', '/metrics']) {
    expect((await inject({ url })).status).toBe(200)
  }
})

test('x-forwarded-for counts from a trusted proxy alone, and only what that proxy wrote', async () => {
  const rateLimit = { RATE_LIMIT_PER_SECOND: '1', RATE_LIMIT_BURST: '1' }
  const statuses = async (env: Record<string, string>, clients: string[]) => {
    const { post } = await startTestApp({ ...rateLimit, ...env })
    const answers: number[] = []
    for (const client of clients)
      answers.push((await post({ query: ITEM }, { 'x-forwarded-for': client })).status)
    return answers
  }
  const trusted = { TRUSTED_PROXIES: '10.0.0.0/8, 127.0.0.1' }
  expect(await statuses({}, ['192.0.2.1', '192.0.2.2'])).toEqual([200, 429])
  expect(await statuses({ TRUSTED_PROXIES: '10.0.0.0/8' }, ['192.0.2.1', '192.0.2.2'])).toEqual([200, 429])
  expect(await statuses(trusted, ['192.0.2.1', '192.0.2.2', '192.0.2.1'])).toEqual([200, 200, 429])
  // A client may send the header, too: it stands before what the proxies add.
  expect(await statuses(trusted, ['1.1.1.1, 192.0.2.1', '1.1.1.2, 192.0.2.1, 10.0.0.7'])).toEqual([200, 429])
})

test.each([
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=a',
  'text/plain; application/json',
  'text/plain;charset=application/json',
  'application/jsonp',
  'application/json, text/plain',
])('a body of the type %s, which a page of another origin could send, is not read', async (type) => {
  const { inject, sent } = await startTestApp({ CORS_ORIGINS: 'https://app.example' })
  const payload = JSON.stringify({ query: 'mutation { recordInteractions(interactions: []) { recorded } }' })
  const headers = { 'content-type': type, origin: 'https://evil.example' }
  const answer = await inject({ method: 'POST', url: '/graphql', payload, headers })
  expect([answer.status, codeOf(answer), sent]).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE', []])
  expect(answer.text).not.toMatch(INTERNALS)
})

test('a body without a type is not read, and GET executes nothing', async () => {
  const { inject, sent } = await startTestApp()
  const untyped = await inject({ method: 'POST', url: '/graphql', payload: JSON.stringify({ query: ITEM }) })
  expect([untyped.status, codeOf(untyped)]).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE'])
  const empty = await inject({ method: 'POST', url: '/graphql' })
  expect([empty.status, codeOf(empty)]).toEqual([400, 'BAD_REQUEST'])
  for (const method of ['GET', 'HEAD', 'PUT'] as const) {
    const answer = await inject({ method, url: `/graphql?query=${encodeURIComponent(ITEM)}` })
    expect(answer.status).toBe(404)
  }
  expect(sent).toEqual([])
})

function preflight({ inject }: Sent, origin: string) {
  const headers = {
    origin,
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'content-type,authorization',
  }
  return inject({ method: 'OPTIONS', url: '/graphql', headers })
}

function corsHeaders(answer: Awaited<ReturnType<Sent['inject']>>) {
  return Object.fromEntries(
    Object.entries(answer.headers).filter(([name]) => name.startsWith('access-control-')),
  )
}

test('without CORS_ORIGINS no page of another origin may ask', async () => {
  const app = await startTestApp()
  const refused = await preflight(app, 'https://app.example')
  expect([refused.status, corsHeaders(refused)]).toEqual([404, {}])
  expect(corsHeaders(await app.post({ query: ITEM }, { origin: 'https://app.example' }))).toEqual({})
})

test('pages of CORS_ORIGINS may ask and see the request id; those of no other origin', async () => {
  const app = await startTestApp({ CORS_ORIGINS: 'https://app.example, https://b.example:8443' })
  const allowed = await preflight(app, 'https://app.example')
  expect(allowed.status).toBe(204)
  expect(corsHeaders(allowed)).toMatchObject({
    'access-control-allow-origin': 'https://app.example',
    'access-control-allow-methods': 'POST',
    'access-control-allow-headers': 'content-type,authorization',
  })
  expect(allowed.headers.vary).toContain('Origin')
  const answer = await app.post({ query: ITEM }, { origin: 'https://b.example:8443' })
  expect(answer.json).toEqual(ANSWER)
  expect(corsHeaders(answer)).toEqual({
    'access-control-allow-origin': 'https://b.example:8443',
    'access-control-expose-headers': 'x-request-id, retry-after',
  })
  for (const origin of [
    'https://evil.example',
    'https://app.example.evil.example',
    'http://app.example',
    'null',
  ]) {
    expect(corsHeaders(await preflight(app, origin))).not.toHaveProperty('access-control-allow-origin')
    expect(corsHeaders(await app.post({ query: ITEM }, { origin }))).not.toHaveProperty(
      'access-control-allow-origin',
    )
  }
})

test('cookies are allowed where CORS_CREDENTIALS says so', async () => {
  const origin = 'https://app.example'
  const app = await startTestApp({ CORS_ORIGINS: origin, CORS_CREDENTIALS: 'on' })
  expect(corsHeaders(await preflight(app, origin))).toMatchObject({
    'access-control-allow-credentials': 'true',
  })
  expect(corsHeaders(await app.post({ query: ITEM }, { origin }))).toMatchObject({
    'access-control-allow-credentials': 'true',
  })
})

test('every answer has the security headers, refusals too', async () => {
  const { inject, post } = await startTestApp()
  const answers = [
    await post({ query: ITEM }),
    await post([]),
    await post({ query: ITEM }, { accept: 'multipart/mixed;deferSpec=20220824' }),
    await inject({ url: '/nowhere' }),
    await inject({ url: '/%zz' }),
    await inject({ url: '/healthz' }),
    await inject({
      method: 'POST',
      url: '/graphql',
      payload: '{',
      headers: { 'content-type': 'text/plain' },
    }),
  ]
  for (const { headers } of answers) {
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-resource-policy': 'same-origin',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    })
    expect(headers).not.toHaveProperty('x-powered-by')
    expect(headers).not.toHaveProperty('server')
  }
})

const PRODUCTION = { NODE_ENV: 'production' }
const SCHEMA_QUERIES = [
  '{ __schema { queryType { name } } }',
  '{ __type(name: "Item") { name } }',
  '{ ... on Query { a: __schema { queryType { name } } } }',
  '{ ...F } fragment F on Query { __type(name: "Item") { name } }',
]

test.each(SCHEMA_QUERIES)('in production %s is refused', async (query) => {
  const { post } = await startTestApp(PRODUCTION)
  const answer = await post({ query })
  expect([answer.status, codeOf(answer)]).toEqual([400, 'INTROSPECTION_DISABLED'])
  expect((await post({ query: `{ __typename }` })).json).toEqual({ data: { __typename: 'Query' } })
})

test('in production mistakes are not answered with names that exist', async () => {
  const { post } = await startTestApp(PRODUCTION)
  const mistakes = [
    { query: '{ recommendation(userId: "u1") { id } }' },
    { query: '{ recommendations(userID: "u1") { id } }' },
    {
      query: 'mutation ($i: RecordInteractionsInput!) { recordInteractions(input: $i) { __typename } }',
      variables: { i: { interactions: [{ eventID: 'a' }] } },
    },
  ]
  for (const mistake of mistakes) {
    const answer = await post(mistake)
    expect(answer.status).toBe(400)
    expect(answer.text).not.toMatch(/did you mean/i)
  }
})

test('INTROSPECTION decides where it is set', async () => {
  const query = SCHEMA_QUERIES[0]
  expect((await (await startTestApp({ ...PRODUCTION, INTROSPECTION: 'on' })).post({ query })).status).toBe(
    200,
  )
  expect((await (await startTestApp({ INTROSPECTION: 'off' })).post({ query })).status).toBe(400)
  expect((await (await startTestApp()).post({ query })).status).toBe(200)
})

function manifest(...operations: object[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-manifest-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'manifest.json')
  writeFileSync(path, JSON.stringify({ format: 'apollo-persisted-query-manifest', version: 1, operations }))
  return path
}

function persisted(sha256Hash: string) {
  return { extensions: { persistedQuery: { version: 1, sha256Hash } } }
}

test('in safelist mode a listed operation passes by its id or word for word, and nothing else does', async () => {
  const { post, sent } = await startTestApp({
    PERSISTED_OPERATIONS_MODE: 'safelist',
    PERSISTED_OPERATIONS_MANIFEST: manifest({ id: 'item-1', name: 'Item', type: 'query', body: ITEM }),
  })
  expect((await post(persisted('item-1'))).json).toEqual(ANSWER)
  expect((await post({ query: ITEM })).json).toEqual(ANSWER)
  expect((await post({ query: ITEM, ...persisted('item-1') })).json).toEqual(ANSWER)
  sent.length = 0
  const others = [
    { query: `${ITEM} ` },
    { query: '{ __typename }' },
    persisted('item-2'),
    { query: '{ __typename }', ...persisted('item-1') },
    { query: ITEM, ...persisted('item-2') },
    persisted('__proto__'),
  ]
  for (const other of others) {
    const answer = await post(other)
    expect([answer.status, codeOf(answer)]).toEqual([403, 'OPERATION_NOT_IN_SAFELIST'])
    expect(answer.text).not.toContain('item(')
  }
  expect(sent).toEqual([])
})

test('refused tokens count for the address that sends them', async () => {
  const { post } = await startTestApp({ RATE_LIMIT_PER_SECOND: '1', RATE_LIMIT_BURST: '2' })
  const statuses: number[] = []
  for (let time = 0; time < 3; time += 1) {
    statuses.push((await post({ query: ITEM }, { authorization: 'Bearer x' })).status)
  }
  expect(statuses).toEqual([401, 401, 429])
})
