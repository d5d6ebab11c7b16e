import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { PassThrough } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { FastifyInstance } from 'fastify'
import { request as send } from 'undici'
import { afterEach, expect, test, vi } from 'vitest'
import { COMMON_ERRORS, serviceError } from './errors.ts'
import { createHttpServer, type HttpServerOptions, listen } from './http-server.ts'
import { createMetrics } from './metrics.ts'
import { createSecretCheck, requireBearer } from './secrets.ts'
import { captureLog } from './testing/captured-log.ts'

const opened: FastifyInstance[] = []
afterEach(async () => {
  await Promise.all(opened.splice(0).map((app) => app.close()))
})

function server(options: Partial<HttpServerOptions> = {}) {
  const { log, lines } = captureLog()
  const metrics = createMetrics({ service: 'test' })
  const readiness = () => ({ ready: true, checks: { datastore: { ok: true } } })
  const app = createHttpServer({ log, metrics, readiness, ...options })
  app.post('/echo/:id', (request) => ({ body: request.body }))
  app.get('/bug', () => {
    throw new TypeError('secret internals at /srv/app.ts')
  })
  app.get('/refusal', () => {
    throw serviceError(COMMON_ERRORS.DATASTORE_UNAVAILABLE, 'try later', { queue: 3 })
  })
  opened.push(app)
  return { app, lines, metrics }
}

test('a well-formed request id is kept and echoed, any other is replaced', async () => {
  const { app } = server()
  const kept = await app.inject({ url: '/healthz', headers: { 'x-request-id': 'req-0123_ABC' } })
  expect(kept.headers['x-request-id']).toBe('req-0123_ABC')
  for (const id of ['short', 'with spaces in it', 'x'.repeat(129), 'inject"quote-1']) {
    const replaced = await app.inject({ url: '/healthz', headers: { 'x-request-id': id } })
    expect(replaced.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/)
  }
})

test('/healthz answers without asking anything', async () => {
  const { app } = server({
    readiness() {
      throw new Error('datastore is away')
    },
  })
  expect((await app.inject('/healthz')).json()).toEqual({ alive: true })
})

test('/readyz is 200 when ready, 503 with the failed checks when not', async () => {
  const report = { ready: true, checks: { datastore: { ok: true } } }
  const { app } = server({ readiness: async () => report })
  expect(await app.inject('/readyz').then((answer) => [answer.statusCode, answer.json()])).toEqual([
    200,
    report,
  ])
  report.ready = false
  report.checks.datastore.ok = false
  expect(await app.inject('/readyz').then((answer) => [answer.statusCode, answer.json()])).toEqual([
    503,
    report,
  ])
})

test('a readiness check that throws is not ready, and its words stay in the log', async () => {
  const { app, lines } = server({
    readiness: () => Promise.reject(new Error('mongodb://user:pass@host')),
  })
  const answer = await app.inject('/readyz')
  expect(answer.statusCode).toBe(503)
  expect(answer.body).not.toContain('pass')
  expect(JSON.stringify(lines)).toContain('readiness check failed')
})

test('while draining, what is under way is served, /readyz is 503, and the listener is closed', async () => {
  const { app } = server()
  const release = Promise.withResolvers<string>()
  const arrived = Promise.withResolvers<void>()
  app.get('/slow', () => {
    arrived.resolve()
    return release.promise
  })
  const port = await listen(app, { host: '127.0.0.1', port: 0 })
  const slow = send(`http://127.0.0.1:${port}/slow`)
  await arrived.promise
  // A request whose head is not complete yet keeps its connection open, as a slow client's does.
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  socket.write('GET /readyz HTTP/1.1\r\nhost: localhost\r\n')
  await vi.waitFor(async () => expect(await promisify(app.server.getConnections.bind(app.server))()).toBe(2))
  const closed = app.close()
  await sleep(0)
  await expect(send(`http://127.0.0.1:${port}/healthz`)).rejects.toThrow(/ECONNREFUSED/)
  socket.write('\r\n')
  const ready = (await socket.toArray()).join('')
  expect(ready).toMatch(/^HTTP\/1.1 503 /)
  expect(ready).toContain('"draining"')
  release.resolve('served')
  const answer = await slow
  expect([answer.statusCode, answer.headers.connection, await answer.body.text()]).toEqual([
    200,
    'close',
    'served',
  ])
  await closed
})

test('a stream that began before the drain ends in full, and its connection does not hold the close up', async () => {
  const { app } = server()
  const body = new PassThrough()
  app.get('/stream', (_request, reply) => reply.type('text/plain').send(body))
  const port = await listen(app, { host: '127.0.0.1', port: 0 })
  const streaming = send(`http://127.0.0.1:${port}/stream`)
  body.write('first ')
  const answer = await streaming
  const closed = app.close()
  await sleep(0)
  body.end('last')
  expect(await answer.body.text()).toBe('first last')
  await closed
})

const json = { 'content-type': 'application/json' }

test.each([
  ['malformed JSON', { payload: '{"a":', headers: json }, 400, 'BAD_REQUEST'],
  ['no body under a JSON type', { payload: '', headers: json }, 400, 'BAD_REQUEST'],
  ['a forged prototype', { payload: '{"__proto__":{"a":1}}', headers: json }, 400, 'BAD_REQUEST'],
  [
    'a body above the limit',
    { payload: JSON.stringify('x'.repeat(2_000)), headers: json },
    413,
    'PAYLOAD_TOO_LARGE',
  ],
  [
    'an unknown media type',
    { payload: '<a/>', headers: { 'content-type': 'text/xml' } },
    415,
    'UNSUPPORTED_MEDIA_TYPE',
  ],
  [
    'JSON under the type of plain text',
    { payload: '{}', headers: { 'content-type': 'text/plain' } },
    415,
    'UNSUPPORTED_MEDIA_TYPE',
  ],
] as const)('%s is refused with its own status and a typed body', async (_name, request, status, code) => {
  const { app, lines } = server({ bodyLimit: 1_000 })
  const answer = await app.inject({ method: 'POST', url: '/echo/1', ...request })
  expect(answer.statusCode).toBe(status)
  const requestId = answer.headers['x-request-id']
  const details = status === 413 ? { details: expect.any(Object) } : {}
  expect(answer.json()).toEqual({
    error: { code, message: expect.any(String), retryable: false, requestId, ...details },
  })
  expect(lines).toEqual([])
})

test('an unknown path, a malformed one and a wrong method are typed too', async () => {
  const { app } = server()
  for (const url of ['/nowhere', '/healthz/x']) {
    const answer = await app.inject(url)
    expect([answer.statusCode, answer.json().error.code]).toEqual([404, 'NOT_FOUND'])
  }
  const malformed = await app.inject('/%zz')
  expect([malformed.statusCode, malformed.json().error.code]).toEqual([400, 'BAD_REQUEST'])
  expect((await app.inject({ method: 'DELETE', url: '/healthz' })).statusCode).toBe(404)
})

test('a sender of 10 MB gets the 413 every time, not a broken pipe', async () => {
  const { app } = server()
  const port = await listen(app, { host: '127.0.0.1', port: 0 })
  // The sender is another process: in one process the two would take turns, and never write at the same time.
  const sender = `
    const headers = { 'content-type': 'application/json' }
    const body = 'x'.repeat(10 * 1024 * 1024)
    for (let round = 0; round < 20; round += 1) {
      const answer = await fetch('http://127.0.0.1:${port}/echo/1', { method: 'POST', headers, body })
      console.log(answer.status)
      await answer.text()
    }`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', sender])
  expect(stdout.trim().split('\n')).toEqual(Array(20).fill('413'))
})

test('the refusal of a large body names the limit and the size', async () => {
  const { app } = server({ bodyLimit: 1_000 })
  const payload = JSON.stringify('x'.repeat(2_000))
  const answer = await app.inject({ method: 'POST', url: '/echo/1', payload, headers: json })
  expect(answer.json().error).toMatchObject({
    message: 'The body of 2002 bytes exceeds the limit of 1000.',
    details: { limit: { name: 'body', max: 1_000, measured: 2_002 } },
  })
})

test('a 10 MB body over a real socket is answered 413, and the service stays up', async () => {
  const { app } = server()
  const port = await listen(app, { host: '127.0.0.1', port: 0 })
  const answer = await send(`http://127.0.0.1:${port}/echo/1`, {
    method: 'POST',
    headers: json,
    body: JSON.stringify('x'.repeat(10_000_000)),
  })
  expect(answer.statusCode).toBe(413)
  expect(await answer.body.json()).toMatchObject({ error: { code: 'PAYLOAD_TOO_LARGE' } })
  expect((await send(`http://127.0.0.1:${port}/healthz`)).statusCode).toBe(200)
})

test('a defect is masked and logged once, under the id that the caller got', async () => {
  const { app, lines } = server()
  const answer = await app.inject('/bug')
  const requestId = answer.headers['x-request-id']
  expect(answer.statusCode).toBe(500)
  expect(answer.json().error).toEqual({
    code: 'INTERNAL',
    message: `Internal error; quote request id ${requestId}`,
    retryable: true,
    requestId,
  })
  expect(answer.body).not.toContain('internals')
  expect(lines).toEqual([expect.objectContaining({ level: 'error', requestId })])
  expect(JSON.stringify(lines)).toContain('secret internals')
})

test('a service error keeps its code, status, details and whether a retry can help', async () => {
  const { app } = server()
  const answer = await app.inject('/refusal')
  expect(answer.statusCode).toBe(503)
  expect(answer.json().error).toMatchObject({
    code: 'DATASTORE_UNAVAILABLE',
    message: 'try later',
    retryable: true,
    details: { queue: 3 },
  })
})

test('requests are counted by route pattern, so that paths cannot grow the metrics', async () => {
  const { app, metrics } = server()
  for (const id of ['1', '2', '3']) await app.inject({ method: 'POST', url: `/echo/${id}`, payload: {} })
  for (const path of ['/a', '/b', '/c']) await app.inject(path)
  await app.inject('/healthz')
  const text = await metrics.registry.metrics()
  expect(text).toContain(
    'bulkhead_http_requests_total{route="/echo/:id",method="POST",status="200",service="test"} 3',
  )
  expect(text).toContain(
    'bulkhead_http_requests_total{route="unmatched",method="any",status="404",service="test"} 3',
  )
  expect(text).toMatch(/bulkhead_http_request_duration_seconds_count\{.*route="\/healthz".*\} 1/)
  expect((await app.inject('/metrics')).headers['content-type']).toContain('text/plain')
})

test('a refused caller cannot make the server read its body', async () => {
  const { app } = server()
  app.post(
    '/private',
    { onRequest: requireBearer(createSecretCheck(['a-secret-of-some-length'])) },
    () => 'in',
  )
  const refused = await app.inject({ method: 'POST', url: '/private', payload: '{"a":', headers: json })
  expect([refused.statusCode, refused.json().error.code]).toEqual([401, 'UNAUTHENTICATED'])
})

test('a taken port is one clear line', async () => {
  const { app: first } = server()
  const port = await listen(first, { host: '127.0.0.1', port: 0 })
  const { app: second } = server()
  await expect(listen(second, { host: '127.0.0.1', port })).rejects.toMatchObject({
    name: 'StartupError',
    message: `PORT ${port} is taken: stop what listens there or set PORT`,
  })
})

test('Fastify does not log where it listens, but failures of requests are logged', async () => {
  const { app, lines } = server()
  await listen(app, { host: '127.0.0.1', port: 0 })
  expect(lines).toEqual([])
  await app.inject('/bug')
  expect(lines).toHaveLength(1)
})

test('a silent log stays silent', async () => {
  const { log, lines } = captureLog()
  log.level = 'silent'
  const { app } = server({ log })
  await listen(app, { host: '127.0.0.1', port: 0 })
  await app.inject('/bug')
  expect(lines).toEqual([])
})

test('a client that leaves before the first byte of a stream is no defect', async () => {
  const { app, lines } = server()
  app.get('/left', () => {
    throw Object.assign(new Error('Premature close'), { code: 'ERR_STREAM_PREMATURE_CLOSE' })
  })
  await app.inject('/left')
  expect(lines.filter(({ level }) => level === 'error')).toEqual([])
  await app.inject('/bug')
  expect(lines.filter(({ level }) => level === 'error')).toHaveLength(1)
})
