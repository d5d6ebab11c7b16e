import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { MAX_SNAPSHOT_BYTES } from '@bulkhead/contracts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { sampleInteractionEvent, sampleUuid } from '../testing/samples/interactions.ts'
import { createExperimentationClient, type ExperimentationClient } from './experimentation-client.ts'

const NEVER_ABORTED = new AbortController().signal
const BATCH = {
  producer: 'producer-1',
  events: [sampleInteractionEvent(sampleUuid(1)), sampleInteractionEvent(sampleUuid(2))],
}

let server: Server
let listener: RequestListener
let requests: {
  readonly line: string
  readonly headers: NodeJS.Dict<string | string[]>
  readonly body: string
}[]
let client: ExperimentationClient

beforeEach(async () => {
  requests = []
  server = createServer(async (request, response) => {
    const { method, url, headers } = request
    requests.push({ line: `${method} ${url}`, headers, body: await text(request) })
    listener(request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  client = createClient()
})

afterEach(async () => {
  await client.close()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

function createClient(timeoutMs = 10_000): ExperimentationClient {
  const { port } = server.address() as AddressInfo
  return createExperimentationClient({
    url: `http://127.0.0.1:${port}`,
    eventsToken: 'events-token',
    snapshotToken: 'snapshot-token',
    timeoutMs,
  })
}

function answer(status: number, body: unknown, headers: Record<string, string | string[]> = {}): void {
  listener = (_, response) => {
    response.writeHead(status, headers)
    response.end(typeof body === 'string' ? body : JSON.stringify(body))
  }
}

function sendEvents(signal = NEVER_ABORTED) {
  return client.sendEvents(BATCH, signal)
}

function fetchSnapshot(etag: string | null = null, signal = NEVER_ABORTED) {
  return client.fetchSnapshot({ etag, signal })
}

function unavailable(reason: string, retryAfterMs: number | null = null) {
  return {
    type: 'unavailable',
    reason,
    retryAfterMs,
  }
}

function rejection(index: unknown, code: unknown = 'UNKNOWN_EXPERIMENT') {
  return { index, eventId: null, code, message: 'no such experiment' }
}

describe('events', () => {
  test('are posted as JSON under their own credential', async () => {
    answer(200, { accepted: 2, rejected: [] })
    expect(await sendEvents()).toEqual({ type: 'received', rejected: [] })
    expect(requests.map(({ line, body }) => [line, JSON.parse(body)])).toEqual([['POST /v1/events', BATCH]])
    expect(requests[0]?.headers).toMatchObject({
      authorization: 'Bearer events-token',
      'content-type': 'application/json',
    })
  })

  test('that are rejected come back with their place in the batch and the reason', async () => {
    answer(200, { accepted: 1, rejected: [rejection(1)] })
    expect(await sendEvents()).toEqual({ type: 'received', rejected: [rejection(1)] })
  })

  test.each([
    ['too few', { accepted: 1, rejected: [] }],
    ['too many', { accepted: 2, rejected: [rejection(0)] }],
    ['one rejected twice', { accepted: 0, rejected: [rejection(0), rejection(0)] }],
    ['one that was not sent', { accepted: 1, rejected: [rejection(2)] }],
    ['one before the first', { accepted: 1, rejected: [rejection(-1)] }],
    ['half of one', { accepted: 1, rejected: [rejection(0.5)] }],
    ['a negative number', { accepted: -1, rejected: [] }],
    ['a refusal without a code', { accepted: 1, rejected: [rejection(0, null)] }],
    ['nothing', {}],
    ['another type of JSON', [2]],
    ['no JSON', '<html>all is well</html>'],
    ['no text', ''],
  ])('none is acknowledged by a receipt that accounts for %s', async (_, receipt) => {
    answer(200, receipt)
    expect(await sendEvents()).toEqual(unavailable('MALFORMED_ANSWER'))
  })

  test.each([
    [400, 'MALFORMED_BATCH'],
    [400, 'BAD_REQUEST'],
    [413, 'PAYLOAD_TOO_LARGE'],
  ])('are refused as a whole where ingest says so: %i %s', async (status, code) => {
    answer(status, { error: { code, message: 'no', retryable: false, requestId: 'r1' } })
    expect(await sendEvents()).toEqual({ type: 'refused', code, message: 'no' })
  })

  test.each([
    [400, '<html>use HTTPS</html>'],
    [413, '<html>too large</html>'],
    [400, { error: 'no' }],
    [400, { error: { code: 'CSRF_REFUSED', message: 'no' } }],
    [413, { error: { code: 'PAYLOAD_TOO_LARGE' } }],
    [422, { error: { code: 'MALFORMED_BATCH', message: 'no' } }],
    [500, { error: { code: 'BAD_REQUEST', message: 'no' } }],
  ])('are not refused by a %i that ingest did not write: %j', async (status, body) => {
    answer(status, body)
    expect(await sendEvents()).toEqual(unavailable(`HTTP_${status}`))
  })

  test.each([201, 204, 302, 401, 403, 404, 500])('are not acknowledged by a %i', async (status) => {
    answer(status, status === 204 ? '' : { accepted: 2, rejected: [] }, { location: '/v1/events' })
    expect(await sendEvents()).toEqual(unavailable(`HTTP_${status}`))
    expect(requests).toHaveLength(1)
  })

  test('an answer of more than a mebibyte is not read', async () => {
    answer(200, `{"accepted":2,"rejected":[]}${' '.repeat(1024 * 1024)}`)
    expect(await sendEvents()).toEqual(unavailable('ANSWER_TOO_LARGE'))
    answer(200, { accepted: 2, rejected: [] })
    expect(await sendEvents()).toMatchObject({ type: 'received' })
  })
})

describe('the pause that the receiver asks for', () => {
  test.each([
    ['0', 0],
    ['7', 7_000],
    ['301', 300_000],
    ['999999999', 300_000],
    ['1000000000', 300_000],
    ['9'.repeat(40), 300_000],
  ])('is respected up to five minutes: %s seconds', async (seconds, expected) => {
    for (const status of [429, 503]) {
      answer(status, {}, { 'retry-after': seconds })
      expect(await sendEvents()).toEqual(unavailable(`HTTP_${status}`, expected))
      expect(await fetchSnapshot()).toEqual(unavailable(`HTTP_${status}`, expected))
    }
  })

  test.each([
    ["a date by the receiver's clock", 'Wed, 21 Oct 2026 07:28:00 GMT'],
    ['a negative number', '-5'],
    ['a fraction', '1.5'],
    ['another notation', '1e3'],
    ['no number', 'soon'],
    ['nothing', ''],
  ])('is ignored where it is %s', async (_, value) => {
    answer(503, {}, { 'retry-after': value })
    expect(await sendEvents()).toEqual(unavailable('HTTP_503'))
  })

  test('is ignored where the header comes twice', async () => {
    answer(503, {}, { 'retry-after': ['5', '10'] })
    expect(await sendEvents()).toEqual(unavailable('HTTP_503'))
  })
})

describe('a snapshot', () => {
  test('is asked for under its own credential, and without a tag at first', async () => {
    answer(200, { version: 3 }, { etag: '"v3"' })
    expect(await fetchSnapshot()).toEqual({ type: 'snapshot', raw: { version: 3 }, etag: '"v3"' })
    const [request] = requests
    expect(request?.line).toBe('GET /v1/snapshot')
    expect(request?.headers.authorization).toBe('Bearer snapshot-token')
    expect(request?.headers).not.toHaveProperty('if-none-match')
  })

  test('that is held is not sent again', async () => {
    answer(304, '')
    expect(await fetchSnapshot('"v3"')).toEqual({ type: 'unchanged' })
    expect(requests[0]?.headers['if-none-match']).toBe('"v3"')
  })

  test('is not unchanged where none is held', async () => {
    answer(304, '')
    expect(await fetchSnapshot()).toEqual(unavailable('HTTP_304'))
  })

  test('needs no tag', async () => {
    answer(200, { version: 3 })
    expect(await fetchSnapshot('"v2"')).toEqual({ type: 'snapshot', raw: { version: 3 }, etag: null })
  })

  test('that is not JSON is an outage', async () => {
    answer(200, '{"version":')
    expect(await fetchSnapshot()).toEqual(unavailable('MALFORMED_ANSWER'))
  })

  test('may be larger than other answers, up to its own limit', async () => {
    answer(200, `"${'x'.repeat(MAX_SNAPSHOT_BYTES - 2)}"`)
    expect(await fetchSnapshot()).toMatchObject({ type: 'snapshot' })
    answer(200, `"${'x'.repeat(MAX_SNAPSHOT_BYTES - 1)}"`)
    expect(await fetchSnapshot()).toEqual(unavailable('ANSWER_TOO_LARGE'))
  })
})

describe('no method rejects', () => {
  const both = () => Promise.all([sendEvents(), fetchSnapshot()])
  const twice = (reason: string) => [unavailable(reason), unavailable(reason)]

  test('where nobody listens', async () => {
    await new Promise((resolve) => server.close(resolve))
    expect(await both()).toEqual(twice('NETWORK'))
  })

  test.each([
    ['before an answer', ''],
    ['in the middle of a header', 'HTTP/1.1 200 OK\r\ncontent-le'],
    ['in the middle of a body', 'HTTP/1.1 200 OK\r\ncontent-length: 28\r\n\r\n{"accepted":2,'],
    ['in the middle of a chunk', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1c\r\n{"accepted":2,'],
  ])('where the connection is reset %s', async (_, start) => {
    listener = ({ socket }) => socket.write(start, () => socket.resetAndDestroy())
    expect(await both()).toEqual(twice('NETWORK'))
  })

  test('where the answer is not HTTP', async () => {
    listener = ({ socket }) => socket.end('220 smtp ready\r\n')
    expect(await both()).toEqual(twice('NETWORK'))
  })

  test.each([
    ['headers', () => undefined],
    ['the rest of a body', (response) => response.write('{"accepted":2,')],
  ] satisfies [string, (response: Parameters<RequestListener>[1]) => unknown][])(
    'where %s never come',
    async (_, begin) => {
      listener = (__, response) => void begin(response)
      await client.close()
      client = createClient(100)
      expect(await both()).toEqual(twice('TIMEOUT'))
    },
  )

  test('where a body comes so slowly that each octet is in time and the whole is not', async () => {
    listener = (_, response) => {
      const dripping = setInterval(() => response.write(' '), 10)
      response.on('close', () => clearInterval(dripping))
    }
    await client.close()
    client = createClient(100)
    expect(await both()).toEqual(twice('TIMEOUT'))
  })

  test('where it is stopped before it begins, and then nothing is sent', async () => {
    answer(200, {})
    const stopped = AbortSignal.abort()
    expect(await Promise.all([sendEvents(stopped), fetchSnapshot(null, stopped)])).toEqual(twice('STOPPED'))
    expect(requests).toEqual([])
  })

  test.each([
    ['headers', () => undefined],
    ['a body', (response) => response.write('{"accepted":2,')],
  ] satisfies [string, (response: Parameters<RequestListener>[1]) => unknown][])(
    'where it is stopped while it waits for %s',
    async (_, begin) => {
      const stop = new AbortController()
      let waiting = 0
      listener = (__, response) => {
        begin(response)
        if (++waiting === 2) setImmediate(() => stop.abort())
      }
      expect(await Promise.all([sendEvents(stop.signal), fetchSnapshot(null, stop.signal)])).toEqual(
        twice('STOPPED'),
      )
    },
  )

  test('where the client is closed meanwhile, or was closed before', async () => {
    const arrived = Promise.withResolvers<void>()
    listener = () => arrived.resolve()
    const underWay = sendEvents()
    await arrived.promise
    await client.close()
    expect(await underWay).toEqual(unavailable('NETWORK'))
    expect(await both()).toEqual(twice('NETWORK'))
  })
})
