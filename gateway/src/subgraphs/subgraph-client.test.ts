import type { RequestListener, ServerResponse } from 'node:http'
import { setImmediate, setTimeout } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Cancellation } from './cancellation.ts'
import type { SubgraphClient } from './subgraph-client.ts'
import { connect, listen, SECRET, sampleCaller, sampleRequest, spawnSubgraph } from './testing/test-client.ts'

const REQUEST = sampleRequest()

function answer(status: number, body: string): RequestListener {
  return (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(body)
  }
}

test('sends the body as it is, with the request id, the trace, the signed identity and the secret', async () => {
  let seen: { headers: Record<string, unknown>; body: string; url: string | undefined } | undefined
  const { client } = await listen(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    seen = { headers: request.headers, body, url: request.url }
    response.end('{"data":{"a":1}}')
  })
  const body = '{"query":"query A { a }","variables":{"x":"é"},"operationName":"A"}'
  expect(
    await client.fetch({ ...REQUEST, body, trace: ['traceparent', '00-1'], caller: sampleCaller('ann') }),
  ).toEqual({
    type: 'answered',
    response: { data: { a: 1 } },
  })
  expect([seen?.body, seen?.url]).toEqual([body, '/graphql'])
  expect(seen?.headers).toMatchObject({
    'content-type': 'application/json',
    'accept-encoding': 'gzip, deflate, br',
    'x-request-id': 'request-1',
    traceparent: '00-1',
    'x-bulkhead-identity': 'signed-ann',
    'x-bulkhead-gateway-secret': SECRET,
  })
})

test('a subgraph that is not ours gets neither the secret nor the identity', async () => {
  let seen: Record<string, unknown> = {}
  const { client } = await listen(
    (request, response) => {
      seen = request.headers
      response.end('{"data":{"a":1}}')
    },
    { secret: null },
  )
  expect(await client.fetch({ ...REQUEST, caller: sampleCaller('ann') })).toMatchObject({ type: 'answered' })
  expect(Object.keys(seen).filter((name) => name.startsWith('x-'))).toEqual(['x-request-id'])
  expect(Object.keys(seen)).not.toContain('authorization')
})

test('nobody is named for an anonymous request', async () => {
  let seen: Record<string, unknown> = {}
  const { client } = await listen((request, response) => {
    seen = request.headers
    response.end('{"data":{"a":1}}')
  })
  expect(await client.fetch(REQUEST)).toMatchObject({ type: 'answered' })
  expect(Object.keys(seen)).not.toContain('x-bulkhead-identity')
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

describe('with an open circuit', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: Date.now() }))
  afterEach(() => void vi.useRealTimers())

  /** A subgraph that is down until it is told to answer, and whose client has opened the circuit. */
  async function openCircuit() {
    let listener: RequestListener = answer(500, '')
    let requests = 0
    const connected = await listen((request, response) => {
      requests += 1
      listener(request, response)
    })
    for (let index = 0; index < 20; index += 1) await connected.client.fetch(REQUEST)
    await vi.waitFor(async () => expect(await connected.metric('bulkhead_subgraph_breaker_state')).toBe(2))
    return {
      ...connected,
      requests: () => requests,
      recover(recovered: RequestListener) {
        listener = recovered
      },
    }
  }

  test('a fetch is refused at once and reaches no subgraph', async () => {
    const { client, requests } = await openCircuit()
    expect(await client.fetch(REQUEST)).toEqual({
      type: 'unavailable',
      detail: 'the circuit breaker is open',
    })
    expect(requests()).toBe(20)
  })

  test('the first fetch after a second closes it when the subgraph answers', async () => {
    const { client, recover, metric } = await openCircuit()
    recover(answer(200, '{"data":{"a":1}}'))
    vi.advanceTimersByTime(1_000)
    expect(await client.fetch(REQUEST)).toMatchObject({ type: 'answered' })
    expect(await metric('bulkhead_subgraph_breaker_state')).toBe(0)
    expect(await client.fetch(REQUEST)).toMatchObject({ type: 'answered' })
  })

  test('a probe whose client leaves decides all the same', async () => {
    const { client, recover, metric } = await openCircuit()
    const responses: ServerResponse[] = []
    recover((_request, response) => void responses.push(response))
    vi.advanceTimersByTime(1_000)
    const cancellation = new Cancellation()
    const probe = client.fetch({ ...REQUEST, cancellation })
    await vi.waitFor(() => expect(responses).toHaveLength(1))
    cancellation.cancel()
    expect(await client.fetch(REQUEST)).toMatchObject({ detail: 'the circuit breaker is open' })
    responses[0]?.end('{"data":{"a":1}}')
    expect(await probe).toMatchObject({ type: 'answered' })
    expect(await metric('bulkhead_subgraph_breaker_state')).toBe(0)
  })
})

/**
 * The outcomes that are there when a timer of the same length as the deadline fires, which is set after all fetches. So
 * a busy machine cannot make them late: without a deadline of its own a fetch took 10 s and more.
 */
async function settledAtDeadline(client: SubgraphClient, count: number, deadlineMs: number) {
  const settled: string[] = []
  for (let index = 0; index < count; index += 1) {
    void client.fetch({ ...REQUEST, effectFree: false, deadlineMs }).then(({ type }) => settled.push(type))
  }
  await setTimeout(deadlineMs)
  await setImmediate()
  return Object.fromEntries(
    Object.entries(Object.groupBy(settled, (type) => type)).map(([type, all]) => [type, all?.length]),
  )
}

test('every fetch to a frozen subgraph settles within its deadline, also when it accepts no connection any more', async () => {
  const { child, port } = await spawnSubgraph()
  child.kill('SIGSTOP')
  // The kernel keeps about 512 connections that nobody accepts; the fetches after them cannot even connect. Each
  // client makes few enough for its circuit breaker to be closed until all are under way.
  const clients = Array.from({ length: 7 }, () => connect(port))
  for (const { client } of clients)
    expect(await settledAtDeadline(client, 100, 50)).toEqual({ deadline: 100 })
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
  const settled = settledAtDeadline(client, 1_000, 200)
  expect([await underWay(), await waiting()]).toEqual([256, 44])
  expect(await client.fetch(REQUEST)).toEqual({
    type: 'unavailable',
    detail: 'too many requests under way and waiting',
  })
  expect(await settled).toEqual({ unavailable: 700, deadline: 300 })
  expect(await waiting()).toBe(0)
})

test('closing with requests at a frozen subgraph takes a moment, not for ever', async () => {
  const { child, client } = await spawnSubgraph({ maxInFlight: 50, maxQueued: 50 })
  child.kill('SIGSTOP')
  const fetches = Array.from({ length: 100 }, () =>
    client.fetch({ ...REQUEST, effectFree: false, deadlineMs: 60_000 }),
  )
  await client.close()
  expect(new Set((await Promise.all(fetches)).map(({ type }) => type))).toEqual(new Set(['unavailable']))
  expect(await client.fetch(REQUEST)).toMatchObject({ type: 'unavailable' })
})

test('the metrics show a client until it is closed', async () => {
  const { client, metric } = await listen(answer(200, '{"data":{"a":1}}'))
  await client.fetch(REQUEST)
  const labels = { subgraph: 'experimentation' }
  const gauges = ['fetches_in_flight', 'fetches_queued', 'breaker_state'] as const
  for (const gauge of gauges) expect(await metric(`bulkhead_subgraph_${gauge}`, labels)).toBe(0)
  await client.close()
  for (const gauge of gauges) expect(await metric(`bulkhead_subgraph_${gauge}`, labels)).toBeUndefined()
})
