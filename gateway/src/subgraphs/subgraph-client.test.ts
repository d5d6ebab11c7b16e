import type { RequestListener } from 'node:http'
import { expect, test, vi } from 'vitest'
import type { SubgraphClient } from './subgraph-client.ts'
import { connect, listen, SECRET, sampleRequest, spawnSubgraph } from './testing/test-client.ts'

const REQUEST = sampleRequest()

function answer(status: number, body: string): RequestListener {
  return (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(body)
  }
}

test('sends the body as it is, with the request id, the authorization and the secret', async () => {
  let seen: { headers: Record<string, unknown>; body: string; url: string | undefined } | undefined
  const { client } = await listen(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    seen = { headers: request.headers, body, url: request.url }
    response.end('{"data":{"a":1}}')
  })
  const body = '{"query":"query A { a }","variables":{"x":"é"},"operationName":"A"}'
  expect(await client.fetch({ ...REQUEST, body, authorization: 'Bearer token' })).toEqual({
    type: 'answered',
    response: { data: { a: 1 } },
  })
  expect([seen?.body, seen?.url]).toEqual([body, '/graphql'])
  expect(seen?.headers).toMatchObject({
    'content-type': 'application/json',
    'accept-encoding': 'gzip, deflate, br',
    'x-request-id': 'request-1',
    authorization: 'Bearer token',
    'x-bulkhead-gateway-secret': SECRET,
  })
})

test('a subgraph that is not ours gets no secret, and an anonymous request no authorization', async () => {
  let seen: Record<string, unknown> = {}
  const { client } = await listen(
    (request, response) => {
      seen = request.headers
      response.end('{"data":{"a":1}}')
    },
    { secret: null },
  )
  expect(await client.fetch(REQUEST)).toMatchObject({ type: 'answered' })
  expect(Object.keys(seen)).not.toContain('x-bulkhead-gateway-secret')
  expect(Object.keys(seen)).not.toContain('authorization')
})

test('a subgraph that accepts but never answers costs the deadline and no more', async () => {
  const { client } = await listen(() => undefined)
  expect(await client.fetch({ ...REQUEST, deadlineMs: 50 })).toEqual({ type: 'deadline' })
})

test('an answer that trickles in past the deadline is given up', async () => {
  const { client } = await listen((_request, response) => {
    response.writeHead(200).write('{"data":')
  })
  expect(await client.fetch({ ...REQUEST, deadlineMs: 50 })).toEqual({ type: 'deadline' })
})

test('a refused connection is an unavailable subgraph', async () => {
  const { server, client } = await listen(answer(200, '{}'))
  await new Promise((resolve) => server.close(resolve))
  expect(await client.fetch(REQUEST)).toMatchObject({ type: 'unavailable' })
})

test.each([500, 503, 401])('HTTP %i is an unavailable subgraph', async (status) => {
  const { client } = await listen(answer(status, '{"errors":[{"message":"no"}]}'))
  expect(await client.fetch(REQUEST)).toEqual({ type: 'unavailable', detail: `HTTP ${status}` })
})

test('HTTP 400 with GraphQL errors is an answer', async () => {
  const { client } = await listen(answer(400, '{"errors":[{"message":"no"}]}'))
  expect(await client.fetch(REQUEST)).toEqual({ type: 'answered', response: { errors: [{ message: 'no' }] } })
})

test.each(['<html>', '[]', '{}', '{"data":[]}', '{"errors":{}}'])('%s is no GraphQL answer', async (body) => {
  const { client } = await listen(answer(200, body))
  expect(await client.fetch(REQUEST)).toMatchObject({ type: 'invalid' })
})

test('an answer beyond the size limit is cut off, not buffered', async () => {
  const { client } = await listen((_request, response) => {
    const mebibyte = Buffer.alloc(1024 * 1024, 0x20)
    function write(): void {
      while (!response.destroyed && response.write(mebibyte));
      if (!response.destroyed) response.once('drain', write)
    }
    write()
  })
  expect(await client.fetch({ ...REQUEST, deadlineMs: 20_000 })).toEqual({
    type: 'invalid',
    detail: 'answer is over 16777216 bytes',
  })
})

/** What the machine itself may add when its cores are busy; without a deadline of its own a fetch took 10 s and more. */
const SLACK_MS = 1_000

async function timed(client: SubgraphClient, deadlineMs: number) {
  const start = performance.now()
  const { type } = await client.fetch({ ...REQUEST, effectFree: false, deadlineMs })
  return { type, ms: performance.now() - start }
}

test('every fetch to a frozen subgraph settles within its deadline, also when it accepts no connection any more', async () => {
  const { child, port } = await spawnSubgraph()
  child.kill('SIGSTOP')
  const slow: unknown[] = []
  // The kernel keeps about 512 connections that nobody accepts; the fetches after them cannot even connect. Each
  // client makes few enough for its circuit breaker to be closed until all are under way.
  const clients = Array.from({ length: 7 }, () => connect(port))
  for (const { client } of clients) {
    const fetched = await Promise.all(Array.from({ length: 100 }, () => timed(client, 50)))
    slow.push(...fetched.filter(({ type, ms }) => type !== 'deadline' || ms > 50 + SLACK_MS))
  }
  expect(slow).toEqual([])
  child.kill('SIGCONT')
  for (const { client, underWay } of clients) {
    await vi.waitFor(async () => expect(await client.fetch(REQUEST)).toMatchObject({ type: 'answered' }), {
      timeout: 10_000,
    })
    await vi.waitFor(async () => expect(await underWay()).toBe(0), { timeout: 10_000 })
  }
})

test('a frozen subgraph holds a bounded number of requests; those beyond it are refused at once', async () => {
  const { child, client, underWay, waiting } = await spawnSubgraph({ maxQueued: 44 })
  child.kill('SIGSTOP')
  const fetches = Array.from({ length: 1_000 }, () => timed(client, 200))
  expect([await underWay(), await waiting()]).toEqual([256, 44])
  expect(await client.fetch(REQUEST)).toEqual({
    type: 'unavailable',
    detail: 'too many requests under way and waiting',
  })
  const fetched = await Promise.all(fetches)
  expect(Math.max(...fetched.map(({ ms }) => ms))).toBeLessThan(200 + SLACK_MS)
  expect(Object.groupBy(fetched, ({ type }) => type).unavailable).toHaveLength(1_000 - 300)
  expect(await waiting()).toBe(0)
})

test('closing with requests at a frozen subgraph takes a moment, not for ever', async () => {
  const { child, client } = await spawnSubgraph({ maxInFlight: 50, maxQueued: 50 })
  child.kill('SIGSTOP')
  const fetches = Array.from({ length: 100 }, () => timed(client, 20_000))
  const start = performance.now()
  await client.close()
  expect(performance.now() - start).toBeLessThan(1_000 + SLACK_MS)
  expect(new Set((await Promise.all(fetches)).map(({ type }) => type))).toEqual(new Set(['unavailable']))
  expect(await client.fetch(REQUEST)).toMatchObject({ type: 'unavailable' })
})
