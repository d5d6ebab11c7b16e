import type { ServerResponse } from 'node:http'
import { expect, test, vi } from 'vitest'
import { Cancellation } from './cancellation.ts'
import { TOO_MANY } from './subgraph-outcome.ts'
import { listen, sampleCaller, sampleRequest } from './testing/test-client.ts'

/** A subgraph that answers only when it is told to; the bodies that it got, and how to answer each. */
async function patientSubgraph(overrides: Parameters<typeof listen>[1] = {}) {
  const requests: { body: string; response: ServerResponse }[] = []
  const connected = await listen(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    requests.push({ body, response })
  }, overrides)
  const arrived = (count: number) => vi.waitFor(() => expect(requests).toHaveLength(count), { interval: 5 })
  const answer = (index: number, data: unknown = { a: [index] }) =>
    requests[index]?.response.end(JSON.stringify({ data }))
  return { ...connected, requests, arrived, answer }
}

test('identical effect-free requests under way share one exchange, and each gets objects of its own', async () => {
  const { client, arrived, answer, requests, metric } = await patientSubgraph()
  const fetches = [1, 2, 3].map(() => client.fetch(sampleRequest()))
  await arrived(1)
  answer(0)
  const outcomes = await Promise.all(fetches)
  expect(requests).toHaveLength(1)
  expect(outcomes).toEqual(outcomes.map(() => ({ type: 'answered', response: { data: { a: [0] } } })))
  const lists = new Set(outcomes.map((outcome) => outcome.type === 'answered' && outcome.response?.data?.a))
  expect(lists.size).toBe(3)
  expect(await metric('bulkhead_subgraph_shared_fetches_total')).toBe(2)
})

test('of those who share an exchange, each takes the answer as it came or has it parsed', async () => {
  const { client, arrived, answer, requests } = await patientSubgraph()
  const given: string[] = []
  const taking = (takes: boolean) => (bytes: Buffer) => {
    given.push(bytes.toString())
    return takes
  }
  const fetches = [null, taking(true), taking(false)].map((take) => client.fetch(sampleRequest({ take })))
  await arrived(1)
  answer(0)
  const parsed = { type: 'answered', response: { data: { a: [0] } } }
  expect(await Promise.all(fetches)).toEqual([parsed, { type: 'answered', response: null }, parsed])
  expect(requests).toHaveLength(1)
  expect(given).toEqual(['{"data":{"a":[0]}}', '{"data":{"a":[0]}}'])
})

test.each([
  ['an error status', 500, 'application/json', '{"data":{"a":[0]}}'],
  ['a refusal', 400, 'application/json', '{"data":{"a":[0]}}'],
  ['another type', 200, 'text/html', '{"data":{"a":[0]}}'],
  ['bytes that are not UTF-8', 200, 'application/json', Buffer.from('{"data":{"a":["\xe9"]}}', 'latin1')],
])('an answer with %s is not there to be taken', async (_, status, type, body) => {
  const { client } = await listen((_request, response) => {
    response.writeHead(status, { 'content-type': type }).end(body)
  })
  const take = vi.fn(() => true)
  await client.fetch(sampleRequest({ take }))
  expect(take).not.toHaveBeenCalled()
})

test('once it is answered, an exchange is shared no more', async () => {
  const { client, arrived, answer } = await patientSubgraph()
  for (const index of [0, 1]) {
    const fetched = client.fetch(sampleRequest())
    await arrived(index + 1)
    answer(index)
    expect(await fetched).toEqual({ type: 'answered', response: { data: { a: [index] } } })
  }
})

test.each([
  ['requests with effects', { effectFree: false }, { effectFree: false }],
  ['an effect-free request and one with effects', {}, { effectFree: false }],
  ['a request with effects and an effect-free one', { effectFree: false }, {}],
  ['requests of two callers', { caller: sampleCaller('ann') }, { caller: sampleCaller('bob') }],
  ['an anonymous request and that of a caller', {}, { caller: sampleCaller('bob') }],
  ['requests with other bodies', {}, { body: '{"query":"{ b }"}' }],
])('%s share nothing', async (_name, one, other) => {
  const { client, arrived, answer } = await patientSubgraph()
  const fetches = [client.fetch(sampleRequest(one)), client.fetch(sampleRequest(other))]
  await arrived(2)
  answer(0)
  answer(1)
  expect(await Promise.all(fetches)).toHaveLength(2)
})

test('the client of one request leaves; the other still gets the answer', async () => {
  const { client, arrived, answer, requests } = await patientSubgraph()
  const cancellation = new Cancellation()
  const left = client.fetch(sampleRequest({ cancellation }))
  const stays = client.fetch(sampleRequest())
  await arrived(1)
  cancellation.cancel()
  expect(await left).toEqual({ type: 'cancelled' })
  answer(0)
  expect(await stays).toMatchObject({ type: 'answered' })
  expect(requests).toHaveLength(1)
})

test('an exchange is cut off when the last client that waits for it leaves', async () => {
  const { client, arrived, requests, underWay } = await patientSubgraph()
  const cancellations = [new Cancellation(), new Cancellation()]
  const fetches = cancellations.map((cancellation) => client.fetch(sampleRequest({ cancellation })))
  await arrived(1)
  let cut = false
  requests[0]?.response.on('close', () => {
    cut = true
  })
  cancellations[0]?.cancel()
  expect(await fetches[0]).toEqual({ type: 'cancelled' })
  expect(await underWay()).toBe(1)
  cancellations[1]?.cancel()
  expect(await fetches[1]).toEqual({ type: 'cancelled' })
  await vi.waitFor(() => expect(cut).toBe(true))
  await vi.waitFor(async () => expect(await underWay()).toBe(0))
})

test('requests that share an exchange keep their own deadlines', async () => {
  const { client, arrived, answer } = await patientSubgraph()
  const short = client.fetch(sampleRequest({ deadlineMs: 30 }))
  const long = client.fetch(sampleRequest({ deadlineMs: 20_000 }))
  await arrived(1)
  expect(await short).toEqual({ type: 'deadline' })
  answer(0)
  expect(await long).toMatchObject({ type: 'answered' })
})

test('a client that leaves after its request has ended changes nothing for those that shared the exchange', async () => {
  const { client, arrived, answer } = await patientSubgraph()
  const cancellation = new Cancellation()
  const short = client.fetch(sampleRequest({ deadlineMs: 30, cancellation }))
  const long = client.fetch(sampleRequest())
  await arrived(1)
  expect(await short).toEqual({ type: 'deadline' })
  cancellation.cancel()
  answer(0)
  expect(await long).toMatchObject({ type: 'answered' })
})

test('nobody joins an exchange that has cost somebody the deadline, since it may be stuck', async () => {
  const { client, arrived, answer } = await patientSubgraph()
  const first = client.fetch(sampleRequest({ deadlineMs: 30 }))
  const second = client.fetch(sampleRequest())
  expect(await first).toEqual({ type: 'deadline' })
  const third = client.fetch(sampleRequest())
  await arrived(2)
  answer(1)
  expect(await third).toEqual({ type: 'answered', response: { data: { a: [1] } } })
  answer(0)
  expect(await second).toEqual({ type: 'answered', response: { data: { a: [0] } } })
})

test('a read after a write does not join a read from before it', async () => {
  const { client, arrived, answer } = await patientSubgraph()
  const before = client.fetch(sampleRequest())
  await arrived(1)
  const write = client.fetch(sampleRequest({ effectFree: false, body: '{"query":"mutation { a }"}' }))
  await arrived(2)
  answer(1)
  await write
  const after = client.fetch(sampleRequest())
  await arrived(3)
  answer(0)
  answer(2)
  expect(await before).toMatchObject({ response: { data: { a: [0] } } })
  expect(await after).toMatchObject({ response: { data: { a: [2] } } })
})

test('a request that is cancelled already sends nothing', async () => {
  const { client, requests } = await patientSubgraph()
  const cancellation = new Cancellation()
  cancellation.cancel()
  expect(await client.fetch(sampleRequest({ cancellation }))).toEqual({ type: 'cancelled' })
  expect(requests).toEqual([])
})

test('a request that waits for its turn can be cancelled, and can miss its deadline', async () => {
  const requests: ServerResponse[] = []
  const { client, waiting, underWay } = await listen((_request, response) => void requests.push(response), {
    maxInFlight: 1,
    maxQueued: 3,
  })
  const bodies = ['{"query":"{ a }"}', '{"query":"{ b }"}', '{"query":"{ c }"}', '{"query":"{ d }"}']
  const [a = '', b = '', c = '', d = ''] = bodies
  const cancellation = new Cancellation()
  const first = client.fetch(sampleRequest({ body: a }))
  const cancelled = client.fetch(sampleRequest({ body: b, cancellation }))
  const late = client.fetch(sampleRequest({ body: c, deadlineMs: 30 }))
  const last = client.fetch(sampleRequest({ body: d }))
  expect([await underWay(), await waiting()]).toEqual([1, 3])
  cancellation.cancel()
  expect(await cancelled).toEqual({ type: 'cancelled' })
  expect(await late).toEqual({ type: 'deadline' })
  expect([await underWay(), await waiting()]).toEqual([1, 1])
  await vi.waitFor(() => expect(requests).toHaveLength(1))
  requests[0]?.end('{"data":{"a":1}}')
  expect(await first).toMatchObject({ type: 'answered' })
  await vi.waitFor(() => expect(requests).toHaveLength(2))
  requests[1]?.end('{"data":{"d":1}}')
  expect(await last).toMatchObject({ type: 'answered' })
  expect([await underWay(), await waiting()]).toEqual([0, 0])
})

test('requests that share an exchange count against the limit like the others', async () => {
  const { client, arrived, answer } = await patientSubgraph({ maxInFlight: 2, maxQueued: 3 })
  const fetches = Array.from({ length: 7 }, () => client.fetch(sampleRequest()))
  expect(await Promise.all(fetches.slice(5))).toEqual([TOO_MANY, TOO_MANY])
  await arrived(1)
  answer(0)
  expect((await Promise.all(fetches)).filter(({ type }) => type === 'answered')).toHaveLength(5)
  const next = client.fetch(sampleRequest())
  await arrived(2)
  answer(1)
  expect(await next).toMatchObject({ type: 'answered' })
})

test('closing ends at once what waits for its turn', async () => {
  const { client, arrived, answer } = await patientSubgraph({ maxInFlight: 1, maxQueued: 1 })
  const first = client.fetch(sampleRequest())
  await arrived(1)
  const waits = client.fetch(sampleRequest({ body: '{"query":"{ b }"}' }))
  const closed = client.close()
  expect(await waits).toEqual({ type: 'unavailable', detail: 'the client is closed' })
  answer(0)
  expect(await first).toMatchObject({ type: 'answered' })
  await closed
})
