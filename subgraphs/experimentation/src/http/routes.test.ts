import { connect } from 'node:net'
import { readSnapshot } from '@bulkhead/contracts'
import { listen } from '@bulkhead/service/http-server'
import { afterEach, expect, test } from 'vitest'
import { sampleExposure, sampleInteraction } from '../testing/samples.ts'
import {
  config,
  keyring,
  openTestStore,
  startExperiment,
  startTestApp,
  type TestApp,
} from '../testing/test-app.ts'

const apps: TestApp[] = []
afterEach(async () => {
  for (const app of apps.splice(0)) await app.stop()
})

async function start(...options: Parameters<typeof startTestApp>): Promise<TestApp> {
  const app = await startTestApp(...options)
  apps.push(app)
  return app
}

const EVENTS = { authorization: `Bearer ${config.eventsWriteTokens[0]}` }
const SNAPSHOT = { authorization: `Bearer ${config.snapshotReadTokens[0]}` }

function post(app: TestApp, payload: unknown, headers: Record<string, string> = EVENTS) {
  return app.http.inject({
    method: 'POST',
    url: '/v1/events',
    headers: { 'content-type': 'application/json', ...headers },
    payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
  })
}

function getSnapshot(app: TestApp, query = '', headers: Record<string, string> = {}) {
  return app.http.inject({ url: `/v1/snapshot${query}`, headers: { ...SNAPSHOT, ...headers } })
}

function codeOf(response: { json(): { error?: { code?: string } } }) {
  return response.json().error?.code
}

test('a batch is answered with what was taken in and what was not', async () => {
  const app = await start()
  const response = await post(app, {
    producer: 'p1',
    events: [sampleExposure(), sampleExposure(), { kind: 'exposure' }],
  })
  expect(response.statusCode).toBe(200)
  expect(response.json()).toMatchObject({ accepted: 2, rejected: [{ index: 2, code: 'MALFORMED_EVENT' }] })
})

test("a service's tokens are taken for events that name it, and for no others", async () => {
  const app = await start()
  const sent = { eventId: 'order-4711', type: 'purchase', value: 59.99 }
  for (const token of config.eventSources[0]?.tokens ?? []) {
    const headers = { authorization: `Bearer ${token}` }
    const own = await post(app, { producer: 'shop', events: [sampleInteraction(sent)] }, headers)
    expect(own.json()).toEqual({ accepted: 1, rejected: [] })
    const foreign = await post(app, { producer: 'p1', events: [sampleInteraction(sent)] }, headers)
    expect([foreign.statusCode, codeOf(foreign)]).toEqual([403, 'FORBIDDEN'])
    const exposure = await post(app, { producer: 'shop', events: [sampleExposure()] }, headers)
    expect(exposure.json()).toMatchObject({ accepted: 0, rejected: [{ code: 'KIND_NOT_ALLOWED' }] })
  }
})

test('both tokens of a rotation are taken, any other is refused before the body is read', async () => {
  const app = await start()
  const batch = { producer: 'p1', events: [sampleInteraction()] }
  for (const token of config.eventsWriteTokens) {
    expect((await post(app, batch, { authorization: `Bearer ${token}` })).statusCode).toBe(200)
  }
  const wrong = [
    {},
    { authorization: 'Bearer nope' },
    SNAPSHOT,
    { authorization: `Bearer ${config.gatewaySecrets[0]}` },
  ]
  for (const headers of wrong) {
    const response = await post(app, '{ not json', { ...headers })
    expect([response.statusCode, codeOf(response)]).toEqual([401, 'UNAUTHENTICATED'])
  }
  for (const headers of [EVENTS, { authorization: '' }]) {
    expect((await getSnapshot(app, '', headers)).statusCode).toBe(401)
  }
})

test('a body that is not a batch, not JSON, too large or of another type gets a code of its own', async () => {
  const app = await start()
  const cases = [
    [await post(app, { producer: 'p1' }), 400, 'MALFORMED_BATCH'],
    [await post(app, '[[[['), 400, 'BAD_REQUEST'],
    [await post(app, ''), 400, 'BAD_REQUEST'],
    [await post(app, JSON.stringify('x'.repeat(10_000_000))), 413, 'PAYLOAD_TOO_LARGE'],
    [await post(app, 'a=b', { ...EVENTS, 'content-type': 'text/csv' }), 415, 'UNSUPPORTED_MEDIA_TYPE'],
  ] as const
  for (const [response, status, code] of cases) {
    expect([response.statusCode, codeOf(response)]).toEqual([status, code])
  }
  expect((await post(app, { producer: 'p1', events: [sampleExposure()] })).statusCode).toBe(200)
})

test('an event nested a hundred thousand levels deep is one refused event', async () => {
  const app = await start()
  const deep = '['.repeat(100_000) + ']'.repeat(100_000)
  const good = JSON.stringify(sampleExposure())
  const response = await post(app, `{"producer":"p1","events":[${deep},${good}]}`)
  expect(response.json()).toMatchObject({ accepted: 1, rejected: [{ index: 0, code: 'MALFORMED_EVENT' }] })
})

test('more batches at once than the limit are answered 429 with Retry-After, and the permits are released', async () => {
  const inner = await openTestStore()
  const gate = Promise.withResolvers<void>()
  const entered = Promise.withResolvers<void>()
  let waiting = 0
  const store = {
    ...inner,
    async ingest(...args: Parameters<typeof inner.ingest>) {
      waiting += 1
      if (waiting === 2) entered.resolve()
      await gate.promise
      return inner.ingest(...args)
    },
  }
  const app = await start({ store, config: { ingestConcurrency: 2 } })
  const batch = { producer: 'p1', events: [sampleExposure()] }
  const held = [post(app, batch), post(app, batch)]
  await entered.promise
  const refused = await post(app, batch)
  expect([refused.statusCode, codeOf(refused)]).toEqual([429, 'INGEST_OVERLOADED'])
  expect(refused.headers['retry-after']).toBe('1')
  gate.resolve()
  expect((await Promise.all(held)).map(({ statusCode }) => statusCode)).toEqual([200, 200])
  await expect.poll(async () => (await post(app, batch)).statusCode).toBe(200)
})

test('a batch with more events than there is room for is answered 429, and nothing of it is stored', async () => {
  const inner = await openTestStore()
  const gate = Promise.withResolvers<void>()
  const entered = Promise.withResolvers<void>()
  let held = 0
  const store = {
    ...inner,
    async ingest(...args: Parameters<typeof inner.ingest>) {
      held += 1
      entered.resolve()
      await gate.promise
      return inner.ingest(...args)
    },
  }
  const app = await start({ store, config: { ingestQueueLimit: 500 } })
  const batch = (from: number, size: number) => ({
    producer: 'p1',
    events: Array.from({ length: size }, (_, index) =>
      sampleInteraction({ eventId: `interaction-${from + index}` }),
    ),
  })
  const first = post(app, batch(0, 300))
  await entered.promise
  const refused = await post(app, batch(300, 201))
  expect([refused.statusCode, codeOf(refused), refused.headers['retry-after']]).toEqual([
    429,
    'INGEST_OVERLOADED',
    '1',
  ])
  expect(await app.metrics.registry.metrics()).toMatch(/bulkhead_ingest_queued_events\{[^}]*\} 300/)
  gate.resolve()
  expect((await first).statusCode).toBe(200)
  expect(held).toBe(1)
  await expect.poll(async () => (await post(app, batch(300, 201))).statusCode).toBe(200)
})

test('batches are answered 429 while too many events wait for their positions', async () => {
  const inner = await openTestStore()
  let waiting = 2_001
  const app = await start({
    store: { ...inner, unpositioned: async () => ({ events: waiting, oldest: null }) },
  })
  const batch = { producer: 'p1', events: [sampleExposure()] }
  await expect.poll(async () => (await post(app, batch)).statusCode).toBe(429)
  expect(await app.metrics.registry.metrics()).toMatch(/bulkhead_ingest_unpositioned\{[^}]*\} 2001/)
  waiting = 2_000
  await expect.poll(async () => (await post(app, batch)).statusCode).toBe(200)
})

test('senders that disconnect in the middle of a body do not keep their permits', async () => {
  const app = await start({ config: { ingestConcurrency: 1 } })
  const port = await listen(app.http, { host: '127.0.0.1', port: 0 })
  const url = `http://127.0.0.1:${port}/v1/events`
  const send = () =>
    fetch(url, {
      method: 'POST',
      headers: { ...EVENTS, 'content-type': 'application/json' },
      body: JSON.stringify({ producer: 'p1', events: [sampleExposure()] }),
    }).then(({ status }) => status)

  const half = connect(port, '127.0.0.1')
  half.write(
    `POST /v1/events HTTP/1.1\r\nhost: x\r\nauthorization: ${EVENTS.authorization}\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{`,
  )
  await expect.poll(send).toBe(429)
  half.destroy()
  await expect.poll(send).toBe(200)
})

test('an outage of the datastore is 503 with Retry-After, without any detail of it', async () => {
  const inner = await openTestStore()
  const outage = () =>
    Promise.reject(Object.assign(new Error('secret host name'), { name: 'DatastoreUnavailableError' }))
  const app = await start({ store: { ...inner, ingest: outage, ping: outage } })
  const response = await post(app, { producer: 'p1', events: [sampleExposure()] })
  expect([response.statusCode, codeOf(response)]).toEqual([503, 'DATASTORE_UNAVAILABLE'])
  expect(response.headers['retry-after']).toBe('1')
  expect(response.body).not.toContain('secret')
  expect((await app.http.inject('/readyz')).statusCode).toBe(503)
  expect((await app.http.inject('/healthz')).statusCode).toBe(200)
  expect((await getSnapshot(app)).statusCode).toBe(200)
})

test('the newest snapshot verifies, and is sent again only when it has changed', async () => {
  const app = await start()
  const first = await getSnapshot(app)
  expect(readSnapshot(first.json(), keyring)).toMatchObject({ type: 'snapshot', snapshot: { version: 2 } })
  expect(first.headers['cache-control']).toContain('no-cache')
  const etag = String(first.headers.etag)
  expect(etag).toMatch(/^"2-[\w-]+"$/)
  for (const tag of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
    const again = await getSnapshot(app, '', { 'if-none-match': tag })
    expect([again.statusCode, again.body, again.headers.etag]).toEqual([304, '', etag])
  }
  expect((await getSnapshot(app, '', { 'if-none-match': '"other"' })).statusCode).toBe(200)

  await app.experiments.step({ key: 'mix', action: 'pause', revision: 4, reason: 'test', by: 'ben' })
  await expect.poll(async () => (await getSnapshot(app, '', { 'if-none-match': etag })).statusCode).toBe(200)
})

test('comparing entity tags asks the datastore nothing', async () => {
  const inner = await openTestStore()
  let calls = 0
  const store = {
    ...inner,
    latestSnapshot() {
      calls += 1
      return inner.latestSnapshot()
    },
    snapshotsByVersions(versions: readonly number[]) {
      calls += 1
      return inner.snapshotsByVersions(versions)
    },
  }
  const app = await start({ store, config: { snapshotRefreshMs: 60_000 } })
  const { headers } = await getSnapshot(app)
  calls = 0
  for (let request = 0; request < 20; request++)
    await getSnapshot(app, '', { 'if-none-match': String(headers.etag) })
  expect(calls).toBe(0)
})

test('a version by number never changes, an unknown one is 404, and anything else 400', async () => {
  const app = await start()
  const first = await getSnapshot(app, '?version=1')
  expect(first.json()).toMatchObject({ version: 1, experiments: [] })
  expect(first.headers['cache-control']).toContain('immutable')
  expect((await getSnapshot(app, '?version=1')).body).toBe(first.body)
  const unknown = await getSnapshot(app, '?version=99')
  expect([unknown.statusCode, codeOf(unknown)]).toEqual([404, 'UNKNOWN_SNAPSHOT_VERSION'])
  for (const version of ['0', '-1', '1.5', 'x', '', '1&version=2', '99999999999999999999']) {
    expect((await getSnapshot(app, `?version=${version}`)).statusCode).toBe(400)
  }
})

test('events get their positions without anybody asking, and the gauge follows', async () => {
  const app = await start()
  await post(app, { producer: 'p1', events: [sampleExposure(), sampleInteraction()] })
  await expect
    .poll(async () => (await app.http.inject('/metrics')).body)
    .toContain('bulkhead_ingest_head{service="experimentation"} 2')
  expect((await app.http.inject('/metrics')).body).toContain(
    'bulkhead_snapshot_version{service="experimentation"} 2',
  )
})

test('what another replica publishes is served here within a moment', async () => {
  const app = await start()
  await startExperiment(app, { key: 'other', surfaces: ['search'] })
  await expect.poll(async () => (await getSnapshot(app)).json().version).toBe(3)
})
