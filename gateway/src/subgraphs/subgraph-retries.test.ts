import { once } from 'node:events'
import type { RequestListener } from 'node:http'
import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { createExchanges } from './exchanges.ts'
import { connect, listen, portOf, sampleRequest } from './testing/test-client.ts'

const RETRIES = 'bulkhead_subgraph_retries_total'

/** Answers requests with these, in this order; the last one again and again. */
function inTurn(...listeners: readonly RequestListener[]) {
  let requests = 0
  const listener: RequestListener = (request, response) => {
    const turn = listeners[Math.min(requests, listeners.length - 1)]
    requests += 1
    turn?.(request, response)
  }
  return { listener, requests: () => requests }
}

const good: RequestListener = (_request, response) => void response.end('{"data":{"a":1}}')
const reset: RequestListener = (request) => void request.socket.resetAndDestroy()
const closed: RequestListener = (request) => void request.socket.end()
function status(code: number): RequestListener {
  return (_request, response) => void response.writeHead(code).end('<html>')
}

/** Exchanges with a subgraph that cannot be reached, without a circuit breaker before them. */
function unreachable({ randomNext = 0 } = {}) {
  let posts = 0
  let retries = 0
  const exchanges = createExchanges({
    maxInFlight: 1_000,
    maxQueued: 0,
    post(_request, onEnd) {
      posts += 1
      queueMicrotask(() => onEnd({ type: 'broken', unanswered: true, detail: 'ECONNREFUSED' }))
      return { abort: () => undefined }
    },
    clock: { now: () => 0 },
    random: { next: () => randomNext },
    metrics: { retried: () => (retries += 1), shared: () => undefined },
  })
  return { exchanges, posts: () => posts, retries: () => retries }
}

test.each([
  ['reset before an answer', reset],
  ['closed before an answer', closed],
  ['HTTP 502', status(502)],
  ['HTTP 503', status(503)],
  ['HTTP 504', status(504)],
])('an effect-free request is sent again after: %s', async (_name, failure) => {
  const { listener, requests } = inTurn(failure, failure, good)
  const { client, metric } = await listen(listener)
  expect(await client.fetch(sampleRequest())).toMatchObject({ type: 'answered' })
  expect(requests()).toBe(3)
  expect(await metric(RETRIES)).toBe(2)
})

test('after two retries it has failed', async () => {
  const { listener, requests } = inTurn(status(503))
  const { client } = await listen(listener)
  expect(await client.fetch(sampleRequest())).toEqual({ type: 'unavailable', detail: 'HTTP 503' })
  expect(requests()).toBe(3)
})

test.each([
  ['reset before an answer', reset],
  ['closed before an answer', closed],
  ['HTTP 503', status(503)],
])('a request with effects is sent once, also after: %s', async (_name, failure) => {
  const { listener, requests } = inTurn(failure, good)
  const { client, metric } = await listen(listener)
  expect(await client.fetch(sampleRequest({ effectFree: false }))).toMatchObject({ type: 'unavailable' })
  expect(requests()).toBe(1)
  expect(await metric(RETRIES)).toBe(0)
})

test.each([
  ['HTTP 500', status(500)],
  ['HTTP 401', status(401)],
  ['HTTP 200 with HTML', status(200)],
  [
    'a reset in the middle of the answer',
    (request, response) => {
      response.writeHead(200).write('{"data":')
      setTimeout(() => request.socket.resetAndDestroy(), 5)
    },
  ],
] satisfies [string, RequestListener][])(
  'what a subgraph has answered is not asked again: %s',
  async (_name, answer) => {
    const { listener, requests } = inTurn(answer, good)
    const { client } = await listen(listener)
    expect((await client.fetch(sampleRequest())).type).not.toBe('answered')
    expect(requests()).toBe(1)
  },
)

test('a subgraph that is not there is tried three times', async () => {
  const server = createServer()
  const port = await portOf(server)
  server.close()
  await once(server, 'close')
  const { client, metric } = connect(port)
  expect(await client.fetch(sampleRequest())).toMatchObject({ type: 'unavailable' })
  expect(await metric(RETRIES)).toBe(2)
})

test('a retry that would come too late is not made: the failure is told at once', async () => {
  const { exchanges, posts } = unreachable({ randomNext: 0.9 })
  // The pause before the retry would be 18 ms.
  expect(await exchanges.ask(sampleRequest({ deadlineMs: 10 }), null)).toMatchObject({
    detail: 'ECONNREFUSED',
  })
  expect(posts()).toBe(1)
})

test('the deadline holds across retries', async () => {
  const { listener } = inTurn(status(503), () => undefined)
  const { client } = await listen(listener)
  expect(await client.fetch(sampleRequest({ deadlineMs: 60 }))).toEqual({ type: 'deadline' })
})

test('an outage gets a fifth more requests, and a few, not three times as many', async () => {
  const { exchanges, posts, retries } = unreachable()
  const requests = Array.from({ length: 1_000 }, (_, n) => sampleRequest({ body: `{"query":"{ a${n} }"}` }))
  const outcomes = await Promise.all(requests.map((request) => exchanges.ask(request, null)))
  expect(new Set(outcomes.map(({ type }) => type))).toEqual(new Set(['unavailable']))
  expect(posts()).toBe(1_000 + retries())
  expect(retries()).toBeGreaterThan(0)
  expect(retries()).toBeLessThanOrEqual(1_000 / 5 + 10)
  expect([exchanges.inFlight(), exchanges.queued()]).toEqual([0, 0])
})

test('a server that closes its connections between requests is no error for effect-free requests', async () => {
  const server = createServer((socket) => {
    socket.once('data', () => {
      socket.write('HTTP/1.1 200 OK\r\nconnection: keep-alive\r\ncontent-length: 16\r\n\r\n{"data":{"a":1}}')
      // As a server does whose keep-alive timeout ends just when the next request is on its way.
      socket.once('data', () => socket.resetAndDestroy())
    })
    socket.on('error', () => undefined)
  })
  const { client, metric } = connect(await portOf(server))
  for (let index = 0; index < 10; index += 1) {
    expect(await client.fetch(sampleRequest())).toMatchObject({ type: 'answered' })
  }
  expect(await metric(RETRIES)).toBeGreaterThan(0)
})
