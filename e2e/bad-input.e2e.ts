import { generateKeyPairSync } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  encodePublicKey,
  eventBatchResultSchema,
  type JsonObject,
  parsePrivateKey,
  signSnapshot,
} from '@bulkhead/contracts'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { query } from './harness/graphql.ts'
import { DEMO_EXPERIMENT, RECORD, SLATE_ONLY } from './harness/queries.ts'
import { createStack, type Stack, startStack } from './harness/stack.ts'
import { waitUntil } from './harness/wait-until.ts'

const TEN_MEGABYTES = 10 * 1024 * 1024

describe('bad input', () => {
  let stack: Stack
  beforeAll(async () => {
    stack = await startStack()
  })
  afterAll(async () => {
    await stack?.stop()
  })
  afterEach(async () => {
    for (const name of ['gateway', 'personalization', 'experimentation'] as const) {
      expect(stack.process(name).exited()).toBe(false)
      expect((await fetch(stack.url(name, '/readyz'))).status).toBe(200)
    }
  })

  test('an unknown user is a cold start, not an error', async () => {
    const { data, errors } = await stack.query(SLATE_ONLY, { userId: 'nobody-ever-saw-me' })
    expect(errors).toEqual([])
    expect(data.recommendations.servedBy).toEqual({ rung: 'POPULAR', cause: 'COLD_START' })
    expect(data.recommendations.items.edges).toHaveLength(20)
  })

  test.each([
    ['size 0', '{ recommendations(userId: "u1", size: 0) { id } }'],
    ['size 1,000,000', '{ recommendations(userId: "u1", size: 1000000) { id } }'],
    ['an empty user id', '{ recommendations(userId: "") { id } }'],
    ['a surface that is no key', '{ recommendations(userId: "u1", surface: "../etc") { id } }'],
    ['attributes that are no object', '{ recommendations(userId: "u1", attributes: [1]) { id } }'],
    ['a negative first', '{ items(first: -1) { totalCount } }'],
    ['a first beyond the limit', '{ items(first: 100000) { totalCount } }'],
    ['a malformed cursor', '{ items(after: "%%%") { totalCount } }'],
    ['a cursor of another list', '{ experiments(after: "eyJ4IjoxfQ") { totalCount } }'],
    ['a negative first of experiments', '{ experiments(first: -5) { totalCount } }'],
  ])('%s is refused with what to do', async (_name, text) => {
    const { status, data, errors } = await stack.query(text)
    expect(status).toBe(200)
    expect(Object.values(data)).toEqual([null])
    expect(errors).toHaveLength(1)
    expect(errors[0]?.extensions.code).toBe('BAD_USER_INPUT')
    expect(errors[0]?.message.length).toBeGreaterThan(10)
  })

  test.each([
    ['{ recommendations(userId: "u1" ', 'GRAPHQL_PARSE_FAILED'],
    ['{ nothing }', 'GRAPHQL_VALIDATION_FAILED'],
    ['{ recommendations(userId: "u1", attributes: { x: 1e999 }) { id } }', 'GRAPHQL_VALIDATION_FAILED'],
    ['{ recommendations { id } }', 'GRAPHQL_VALIDATION_FAILED'],
    ['{ recommendations(userId: "u1") { exposureContext } }', 'GRAPHQL_VALIDATION_FAILED'],
  ])('%s is refused with HTTP 400', async (text, code) => {
    const { status, errors } = await stack.query(text)
    expect(status).toBe(400)
    expect(errors[0]?.extensions.code).toBe(code)
  })

  test.each(['{ __proto__: { a: 1 } }', '{ constructor: { prototype: { a: 1 } } }'])(
    'attributes of %s are refused, as their exposure could not be delivered',
    async (attributes) => {
      const { data, errors } = await stack.query(
        `{ recommendations(userId: "u1", attributes: ${attributes}) { id } }`,
      )
      expect(data.recommendations).toBeNull()
      expect(errors).toEqual([
        expect.objectContaining({ extensions: expect.objectContaining({ retryable: false }) }),
      ])
    },
  )

  test('interactions are refused one by one, and the good ones are kept', async () => {
    const { data: catalogue } = await stack.query('{ items(first: 1) { nodes { id } } }')
    const good = {
      eventId: crypto.randomUUID(),
      userId: 'u1',
      itemId: catalogue.items.nodes[0].id,
      type: 'PLAY',
    }
    const interactions = [
      good,
      { ...good, eventId: 'not-a-uuid' },
      { ...good, eventId: crypto.randomUUID(), itemId: 'no-such-item' },
    ]
    const { data, errors } = await stack.query(RECORD, { input: { interactions } })
    expect(errors).toEqual([])
    expect(data.recordInteractions.accepted).toBe(1)
    expect(data.recordInteractions.errors.map((error: { path: string[] }) => error.path)).toEqual([
      ['interactions', '1', 'eventId'],
      ['interactions', '2', 'itemId'],
    ])
  })

  test('an experiment with several mistakes hears of all of them, as data', async () => {
    const { data, errors } = await stack.query(
      `mutation ($input: CreateExperimentInput!) { createExperiment(input: $input) { experiment { key } errors { code path } } }`,
      {
        input: {
          key: 'bad key!',
          name: '',
          hypothesis: 'h',
          owner: 'o',
          variants: [
            { key: 'a', name: 'A', weight: 0.9, isControl: true, payload: { nonsense: 1 } },
            { key: 'a', name: 'B', weight: 0.9 },
          ],
        },
      },
    )
    expect(errors).toEqual([])
    expect(data.createExperiment.experiment).toBeNull()
    const paths = data.createExperiment.errors.map((error: { path: string[] }) => error.path.join('.'))
    for (const path of ['key', 'name', 'variants']) {
      expect(paths.some((found: string) => found.startsWith(path))).toBe(true)
    }
  })

  test('a stale revision and an illegal step are refused as data', async () => {
    const act = async (name: string, revision: number) =>
      (
        await stack.query(
          `mutation ($input: ExperimentActionInput!) { ${name}(input: $input) { experiment { status } errors { code } } }`,
          { input: { key: DEMO_EXPERIMENT, revision, reason: 'test' } },
        )
      ).data[name]
    const { data } = await stack.query(`{ experiment(key: "${DEMO_EXPERIMENT}") { revision } }`)
    const { revision } = data.experiment
    expect((await act('stopExperiment', revision + 7)).errors).toEqual([{ code: 'REVISION_CONFLICT' }])
    expect((await act('startExperiment', revision)).errors).toEqual([{ code: 'ILLEGAL_TRANSITION' }])
  })

  const postEvents = (body: string, headers: Record<string, string> = {}) =>
    fetch(stack.url('experimentation', '/v1/events'), {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${stack.secrets.eventsWriteToken}`,
        ...headers,
      },
      body,
    })

  test.each([
    ['no JSON', '{"producer":', 400, 'BAD_REQUEST'],
    ['no batch', '{"events":"none"}', 400, 'MALFORMED_BATCH'],
    ['an empty batch', '{"producer":"p","events":[]}', 400, 'MALFORMED_BATCH'],
    ['10 MB', `{"producer":"p","events":["${'x'.repeat(TEN_MEGABYTES)}"]}`, 413, 'PAYLOAD_TOO_LARGE'],
  ])('an event batch that is %s is refused whole', async (_name, body, status, code) => {
    const response = await postEvents(body)
    expect(response.status).toBe(status)
    expect(await response.json()).toMatchObject({ error: { code, message: expect.any(String) } })
  })

  test('a batch with bad events takes the good ones and says what is wrong with each other one', async () => {
    const heartbeat = {
      kind: 'heartbeat',
      eventId: crypto.randomUUID(),
      producer: 'p',
      sequence: 1,
      deliveredThrough: new Date().toISOString(),
      served: [],
      dropped: 0,
      occurredAt: new Date().toISOString(),
    }
    const response = await postEvents(
      JSON.stringify({
        producer: 'p',
        events: [heartbeat, { kind: 'nonsense' }, { ...heartbeat, eventId: '!' }],
      }),
    )
    expect(response.status).toBe(200)
    const result = eventBatchResultSchema.parse(await response.json())
    expect(result.accepted).toBe(1)
    expect(result.rejected.map((rejection) => rejection.index)).toEqual([1, 2])
  })

  test('the wrong secret opens no door', async () => {
    const direct = (name: 'personalization' | 'experimentation', headers: Record<string, string> = {}) =>
      query(stack.url(name, '/graphql'), '{ __typename }', {}, headers).then(({ status }) => status)
    expect(await direct('personalization')).toBe(401)
    expect(await direct('experimentation')).toBe(401)
    expect(await direct('personalization', { 'x-bulkhead-gateway-secret': 'wrong-but-long-enough' })).toBe(
      401,
    )
    expect(
      await direct('personalization', { 'x-bulkhead-gateway-secret': stack.secrets.gatewaySecret }),
    ).toBe(200)

    expect((await postEvents('{}', { authorization: 'Bearer wrong' })).status).toBe(401)
    expect((await postEvents('{}', { authorization: `Bearer ${stack.secrets.gatewaySecret}` })).status).toBe(
      401,
    )
    expect((await fetch(stack.url('experimentation', '/v1/snapshot'))).status).toBe(401)
  })

  test.each(['gateway', 'personalization'] as const)('a body of 10 MB is too large for %s', async (name) => {
    const response = await fetch(stack.url(name, '/graphql'), {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-bulkhead-gateway-secret': stack.secrets.gatewaySecret,
      },
      body: JSON.stringify({ query: `{ __typename } # ${'x'.repeat(TEN_MEGABYTES)}` }),
    })
    expect(response.status).toBe(413)
    expect(await response.json()).toMatchObject({ error: { code: 'PAYLOAD_TOO_LARGE' } })
  })
})

describe('a forged snapshot', () => {
  let stack: Stack
  let forger: Server
  let published: JsonObject
  const { privateKey } = generateKeyPairSync('ed25519')

  // Personalization, with a server of the test in the place of experimentation.
  beforeAll(async () => {
    published = {}
    forger = createServer((_request, response) => {
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify(published))
    })
    await new Promise<void>((resolve) => forger.listen(0, '127.0.0.1', resolve))
    const { port } = forger.address() as AddressInfo
    stack = await createStack({
      env: { personalization: { EXPERIMENTATION_URL: `http://127.0.0.1:${port}` } },
    })
    await Promise.all([stack.start('personalization'), stack.start('gateway')])
  })
  afterAll(async () => {
    await stack?.stop()
    forger?.closeAllConnections()
    await new Promise((resolve) => forger?.close(resolve))
  })

  const content = (version: number) => ({
    version,
    publishedAt: new Date().toISOString(),
    layers: [],
    holdouts: [],
    experiments: [],
    decisions: [],
  })
  const refusals = (code: string) =>
    stack.metric('personalization', 'bulkhead_snapshot_refused_total', [`code="${code}"`])
  async function expectRefused(snapshot: JsonObject, code: string): Promise<void> {
    published = snapshot
    const before = await refusals(code)
    // One more may be for what the test before has published.
    await waitUntil('the snapshot is refused', async () => (await refusals(code)) >= before + 2)
    const { data, errors } = await stack.query(SLATE_ONLY, { userId: 'u1' })
    expect(errors).toEqual([])
    expect(data.recommendations).toMatchObject({ snapshotVersion: null, servedBy: { rung: 'MODEL' } })
    expect(stack.process('personalization').exited()).toBe(false)
  }

  test('signed by an unknown key is refused, and slates are served unassigned', async () => {
    const forged = signSnapshot(content(1), { keyId: 'forger', privateKey }) as unknown as JsonObject
    await expectRefused(forged, 'UNKNOWN_KEY')
  })

  test('under a known key id but with another signature is refused', async () => {
    const keyId = stack.secrets.signingKeyId
    const forged = signSnapshot(content(1), { keyId, privateKey }) as unknown as JsonObject
    await expectRefused(forged, 'BAD_SIGNATURE')
  })

  test('changed after it was signed is refused', async () => {
    const { signingKeyId, signingKey } = stack.secrets
    const key = { keyId: signingKeyId, privateKey: parsePrivateKey(signingKey) }
    const forged = { ...signSnapshot(content(1), key), version: 99 } as unknown as JsonObject
    await expectRefused(forged, 'BAD_SIGNATURE')
  })

  test('that is no snapshot at all is refused', async () => {
    await expectRefused({ hello: encodePublicKey(privateKey) }, 'MALFORMED')
  })
})
