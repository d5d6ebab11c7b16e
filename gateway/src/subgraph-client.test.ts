import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { createMetrics } from '@bulkhead/service/metrics'
import { afterEach, expect, test, vi } from 'vitest'
import { createSubgraphClient, type SubgraphClient } from './subgraph-client.ts'

const SECRET = 'a-secret-of-the-gateway'
const cleanups: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

function connect(port: number) {
  const inFlight = createMetrics({ service: 'test' }).gauge({
    name: 'bulkhead_subgraph_fetches_in_flight',
    help: 'under way',
    labelNames: ['subgraph'],
  })
  const client = createSubgraphClient({
    subgraph: 'experimentation',
    url: `http://127.0.0.1:${port}/graphql`,
    secret: SECRET,
    maxInFlight: 256,
    inFlight,
  })
  cleanups.push(() => client.close())
  return { client, underWay: async () => (await inFlight.get()).values[0]?.value }
}

async function listen(listener: RequestListener): Promise<{ server: Server; client: SubgraphClient }> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { client } = connect((server.address() as AddressInfo).port)
  cleanups.push(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  return { server, client }
}

const REQUEST = {
  query: '{ a }',
  variables: { x: 1 },
  operationName: 'A',
  requestId: 'request-1',
  deadlineMs: 2_000,
}

function answer(status: number, body: string): RequestListener {
  return (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(body)
  }
}

test('sends the operation with the request id and the secret', async () => {
  let seen: { headers: Record<string, unknown>; body: unknown } | undefined
  const { client } = await listen(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    seen = { headers: request.headers, body: JSON.parse(body) }
    response.end('{"data":{"a":1}}')
  })
  expect(await client.fetch(REQUEST)).toEqual({ type: 'answered', response: { data: { a: 1 } } })
  expect(seen?.body).toEqual({ query: '{ a }', variables: { x: 1 }, operationName: 'A' })
  expect(seen?.headers).toMatchObject({ 'x-request-id': 'request-1', 'x-bulkhead-gateway-secret': SECRET })
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
  expect(await client.fetch({ ...REQUEST, deadlineMs: 20_000 })).toMatchObject({ type: 'invalid' })
})

/** A subgraph in a process of its own, which signals can freeze. */
async function spawnSubgraph() {
  const script = fileURLToPath(new URL('./testing/fake-subgraph.ts', import.meta.url))
  const child = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] })
  cleanups.push(async () => child.kill('SIGKILL'))
  const [port] = await once(child.stdout, 'data')
  return { child, ...connect(Number(String(port))) }
}

/** What the machine itself may add when its cores are busy; without the race a fetch took 10 s and more. */
const SLACK_MS = 1_000

async function timed(client: SubgraphClient, deadlineMs: number) {
  const start = performance.now()
  const { type } = await client.fetch({ ...REQUEST, deadlineMs })
  return { type, ms: performance.now() - start }
}

test('every fetch to a frozen subgraph settles within its deadline, also when it accepts no connection any more', async () => {
  const { child, client, underWay } = await spawnSubgraph()
  expect(await client.fetch(REQUEST)).toMatchObject({ type: 'answered' })
  child.kill('SIGSTOP')
  // The kernel keeps about 512 connections that nobody accepts; the fetches after them cannot even connect.
  const slow: unknown[] = []
  for (let round = 0; round < 65; round += 1) {
    for (const fetched of await Promise.all(Array.from({ length: 10 }, () => timed(client, 20)))) {
      if (fetched.type === 'answered' || fetched.ms > 20 + SLACK_MS) slow.push({ round, ...fetched })
    }
  }
  expect(slow).toEqual([])
  child.kill('SIGCONT')
  await vi.waitFor(async () => expect(await client.fetch(REQUEST)).toMatchObject({ type: 'answered' }), {
    timeout: 10_000,
  })
  await vi.waitFor(async () => expect(await underWay()).toBe(0), { timeout: 10_000 })
})

test('a frozen subgraph holds a bounded number of requests; those beyond it are refused at once', async () => {
  const { child, client, underWay } = await spawnSubgraph()
  child.kill('SIGSTOP')
  const fetches = Array.from({ length: 1_000 }, () => timed(client, 200))
  expect(await underWay()).toBe(256)
  expect(await client.fetch(REQUEST)).toEqual({ type: 'unavailable', detail: 'too many requests under way' })
  const fetched = await Promise.all(fetches)
  expect(Math.max(...fetched.map(({ ms }) => ms))).toBeLessThan(200 + SLACK_MS)
  expect(Object.groupBy(fetched, ({ type }) => type).unavailable).toHaveLength(1_000 - 256)
})

test('closing with requests at a frozen subgraph takes a moment, not for ever', async () => {
  const { child, client } = await spawnSubgraph()
  child.kill('SIGSTOP')
  const fetches = Array.from({ length: 100 }, () => client.fetch({ ...REQUEST, deadlineMs: 20_000 }))
  const start = performance.now()
  await client.close()
  expect(performance.now() - start).toBeLessThan(1_000 + SLACK_MS)
  expect(new Set((await Promise.all(fetches)).map(({ type }) => type))).toEqual(new Set(['unavailable']))
  expect(await client.fetch(REQUEST)).toMatchObject({ type: 'unavailable' })
})
