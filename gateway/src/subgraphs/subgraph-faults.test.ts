import { createServer as createHttpServer, type RequestListener, type ServerResponse } from 'node:http'
import { createServer, type Socket } from 'node:net'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { afterEach, expect, test, vi } from 'vitest'
import { Cancellation } from './cancellation.ts'
import type { SubgraphClient } from './subgraph-client.ts'
import { gzipBomb } from './testing/gzip-bomb.ts'
import { connect, listen, portOf, sampleRequest } from './testing/test-client.ts'
import { writeGigabyte } from './testing/write-gigabyte.ts'

const MIB = 1024 * 1024
const ANSWER = '{"data":{"a":"é"}}'
const rejections: unknown[] = []
process.on('unhandledRejection', (reason) => rejections.push(reason))

afterEach(() => {
  expect(rejections).toEqual([])
})

function answer(body: string | Buffer, headers: Record<string, string> = {}): RequestListener {
  return (_request, response) => void response.writeHead(200, headers).end(body)
}

/** How much more memory the process takes at its highest until the work is done. */
async function growthDuring(work: Promise<unknown>): Promise<number> {
  const before = process.memoryUsage.rss()
  let highest = before
  const timer = setInterval(() => {
    highest = Math.max(highest, process.memoryUsage.rss())
  }, 5)
  await work
  clearInterval(timer)
  return highest - before
}

test.each([
  ['gzip', gzipSync],
  ['deflate', deflateSync],
  ['br', brotliCompressSync],
])('an answer in %s is read', async (encoding, compress) => {
  const { client } = await listen(answer(compress(ANSWER), { 'content-encoding': encoding }))
  expect(await client.fetch(sampleRequest())).toEqual({ type: 'answered', response: { data: { a: 'é' } } })
})

test.each([
  ['truncated JSON', ANSWER.slice(0, -2), {}],
  ['HTML', '<html>', { 'content-type': 'text/html' }],
  ['JSON that claims to be HTML', ANSWER, { 'content-type': 'text/html; charset=utf-8' }],
  ['nothing', '', { 'content-type': 'application/json' }],
  ['truncated gzip', gzipSync(ANSWER).subarray(0, 15), { 'content-encoding': 'gzip' }],
  ['what is not gzip', ANSWER, { 'content-encoding': 'gzip' }],
  ['an encoding that was not asked for', ANSWER, { 'content-encoding': 'zstd' }],
  ['a list', '[]', {}],
  ['a string', '"data"', {}],
  ['null', 'null', {}],
  ['neither data nor errors', '{}', {}],
  ['data that is a list', '{"data":[]}', {}],
  ['data that is a number', '{"data":1}', {}],
  ['errors that are no list', '{"data":{},"errors":{}}', {}],
] as [string, string | Buffer, Record<string, string>][])('%s is invalid', async (_name, body, headers) => {
  const { client, underWay } = await listen(answer(body, headers))
  expect(await client.fetch(sampleRequest())).toMatchObject({ type: 'invalid' })
  expect(await underWay()).toBe(0)
})

test.each([['application/graphql-response+json'], ['application/json; charset=utf-8']])(
  'an answer of the type %s is read',
  async (type) => {
    const { client } = await listen(answer(ANSWER, { 'content-type': type }))
    expect(await client.fetch(sampleRequest())).toMatchObject({ type: 'answered' })
  },
)

test('an answer in many pieces, also in the middle of a character, is read', async () => {
  const { client } = await listen(async (_request, response) => {
    for (const byte of Buffer.from(ANSWER)) {
      response.write(Buffer.of(byte))
      await new Promise((resolve) => setImmediate(resolve))
    }
    response.end()
  })
  expect(await client.fetch(sampleRequest())).toEqual({ type: 'answered', response: { data: { a: 'é' } } })
})

test('a connection that is reset in the middle of an answer is an unavailable subgraph', async () => {
  const { client, underWay } = await listen((request, response) => {
    response.writeHead(200, { 'content-length': '100' }).write('{"data":')
    setTimeout(() => request.socket.resetAndDestroy(), 5)
  })
  expect(await client.fetch(sampleRequest())).toMatchObject({ type: 'unavailable' })
  expect(await underWay()).toBe(0)
})

test.each([
  ['nothing at all', ''],
  ['half a status line', 'HTTP/1.1 2'],
  ['headers without end', 'HTTP/1.1 200 OK\r\ncontent-type: '],
])('a socket that accepts and then sends %s costs the deadline and no more', async (_name, sent) => {
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    sockets.push(socket.on('error', () => undefined))
    socket.once('data', () => socket.write(sent))
  })
  const { client, underWay } = connect(await portOf(server))
  expect(await client.fetch(sampleRequest({ deadlineMs: 50 }))).toEqual({ type: 'deadline' })
  await vi.waitFor(async () => expect(await underWay()).toBe(0))
  for (const socket of sockets) socket.destroy()
})

test('what is not HTTP is an unavailable subgraph', async () => {
  const server = createServer(
    (socket) =>
      void socket
        .on('error', () => undefined)
        .resume()
        .end('SSH-2.0-OpenSSH_9.9\r\n'),
  )
  const { client } = connect(await portOf(server))
  expect(await client.fetch(sampleRequest())).toMatchObject({ type: 'unavailable' })
})

/** Four different requests at once, so that none shares another's answer. */
async function expectFourInvalid(client: SubgraphClient): Promise<void> {
  const outcomes = await Promise.all(
    Array.from({ length: 4 }, (_, n) =>
      client.fetch(sampleRequest({ body: `{"query":"{ a${n} }"}`, deadlineMs: 20_000 })),
    ),
  )
  for (const outcome of outcomes) expect(outcome).toMatchObject({ type: 'invalid' })
}

test.each([
  ['sent as it comes', (response: ServerResponse) => writeGigabyte(response)],
  [
    'announced by its length',
    (response: ServerResponse) => {
      response.setHeader('content-length', String(1_024 * MIB))
      writeGigabyte(response)
    },
  ],
])('answers of a gigabyte, %s, are given up without taking the memory', async (_name, write) => {
  const { client, underWay } = await listen((_request, response) => write(response))
  const growth = await growthDuring(expectFourInvalid(client))
  expect(growth).toBeLessThan(250 * MIB)
  expect(await underWay()).toBe(0)
})

test('a small gzip answer that expands to a gigabyte is given up without taking the memory', async () => {
  const bomb = gzipBomb(1_024)
  expect(bomb.length).toBeLessThan(2 * MIB)
  const { client } = await listen(answer(bomb, { 'content-encoding': 'gzip' }))
  const growth = await growthDuring(expectFourInvalid(client))
  expect(growth).toBeLessThan(300 * MIB)
})

/** Each with whether it ends by itself. */
const FAULTS: readonly { readonly listener: RequestListener; readonly ends: boolean }[] = [
  { ends: true, listener: answer(ANSWER) },
  { ends: true, listener: answer('<html>', { 'content-type': 'text/html' }) },
  { ends: true, listener: answer('{"data":') },
  { ends: true, listener: (_request, response) => void response.writeHead(500).end() },
  { ends: true, listener: (_request, response) => void response.writeHead(503).end() },
  { ends: true, listener: (request) => void request.socket.resetAndDestroy() },
  { ends: true, listener: (request) => void request.socket.end() },
  {
    ends: true,
    listener: (request, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('{"data":')
      setImmediate(() => request.socket.resetAndDestroy())
    },
  },
  { ends: false, listener: () => undefined },
  { ends: false, listener: (_request, response) => void response.writeHead(200).write('{"data":') },
]

test('2,000 requests under faults of every kind all settle, and leave nothing behind', async () => {
  const server = createHttpServer((request, response) => {
    FAULTS[Number(request.headers['x-request-id'])]?.listener(request, response)
  })
  const port = await portOf(server)
  // Each client's requests begin at the same time, while its circuit breaker is closed.
  const clients = Array.from({ length: 10 }, () => connect(port, { maxInFlight: 32, maxQueued: 168 }))
  const types = new Set<string>()
  for (const { client, underWay, waiting } of clients) {
    await Promise.all(
      Array.from({ length: 200 }, async (_, n) => {
        const fault = n % FAULTS.length
        const cancellation = new Cancellation()
        const fetched = client.fetch(
          sampleRequest({
            body: `{"query":"{ a${n % 60} }"}`,
            requestId: `${fault}`,
            effectFree: n % 3 > 0,
            deadlineMs: FAULTS[fault]?.ends ? 20_000 : 100,
            cancellation,
          }),
        )
        if (n % 13 === 0) setTimeout(() => cancellation.cancel(), n / 10)
        types.add((await fetched).type)
      }),
    )
    await vi.waitFor(async () => expect([await underWay(), await waiting()]).toEqual([0, 0]), {
      timeout: 10_000,
    })
  }
  expect([...types].sort()).toEqual(['answered', 'cancelled', 'deadline', 'invalid', 'unavailable'])
  server.closeAllConnections()
})
