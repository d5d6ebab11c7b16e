import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { createSubgraphClient, type SubgraphClient } from './subgraph-client.ts'

const SECRET = 'a-secret-of-the-gateway'
const cleanups: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

const listen = async (listener: RequestListener): Promise<{ server: Server; client: SubgraphClient }> => {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const client = createSubgraphClient({
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`,
    secret: SECRET,
  })
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

const answer =
  (status: number, body: string): RequestListener =>
  (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(body)
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
    const write = (): void => {
      while (!response.destroyed && response.write(mebibyte));
      if (!response.destroyed) response.once('drain', write)
    }
    write()
  })
  expect(await client.fetch({ ...REQUEST, deadlineMs: 20_000 })).toMatchObject({ type: 'invalid' })
})
