import { once } from 'node:events'
import { createServer } from 'node:http'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { LoadOrder } from './load.ts'
import { type LoadProcess, startLoad } from './load-client.ts'

let resources: AsyncDisposableStack
let load: LoadProcess
let order: LoadOrder
let seen: string[]
let wrong: ReadonlySet<string>
let open: number

beforeEach(async () => {
  resources = new AsyncDisposableStack()
  seen = []
  wrong = new Set()
  open = 0
  const server = createServer(async (request, response) => {
    const [unit = ''] = (await request.setEncoding('utf8').toArray()) as string[]
    seen.push(unit)
    if (request.url === '/parts') {
      open++
      response.on('close', () => open--)
      response.setHeader('content-type', 'multipart/mixed; boundary="-"; deferSpec=20220824')
      // The second part never comes.
      response.write(`\r\n---\r\nfirst `)
      setImmediate(() => response.write(`${unit}\r\n---\r\n`))
      return
    }
    response.end(wrong.has(unit) ? 'something else' : `<${unit}>`)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  resources.defer(() => void server.close().closeAllConnections())
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port')
  load = startLoad(resources)
  order = {
    url: `http://127.0.0.1:${address.port}/`,
    headers: {},
    body: ['', ''],
    reading: 'whole',
    expected: { type: 'text', parts: ['<', '>'] },
    connections: 4,
    requests: 100,
    maxMs: 20_000,
  }
})
afterEach(() => resources.disposeAsync())

test('every request is from another unit, over several orders, and every answer is compared', async () => {
  for (let run = 0; run < 2; run++) {
    expect(await load.run(order)).toMatchObject({ requests: 100, failures: { count: 0, example: null } })
  }
  expect(new Set(seen).size).toBe(200)
})

test('each series of orders has units of its own, from the first on', async () => {
  for (const series of ['a', 'b', 'a']) await load.run({ ...order, series })
  expect(seen.slice(0, 100).toSorted()).toEqual(seen.slice(100, 200).toSorted())
  expect(new Set(seen).size).toBe(200)
})

test('an answer that is not as expected is a failure, and the first one is shown', async () => {
  wrong = new Set(['unit-000000007'])
  const { failures } = await load.run(order)
  expect(failures).toEqual({ count: 1, example: 'HTTP 200 something else' })
})

test('where nothing answers, every request is a failure', async () => {
  const { failures } = await load.run({ ...order, url: 'http://127.0.0.1:1/' })
  expect(failures).toEqual({ count: 100, example: expect.stringContaining('ECONNREFUSED') })
})

test('an order ends when its time is over', async () => {
  const { requests } = await load.run({ ...order, requests: 1_000_000, maxMs: 200 })
  expect(requests).toBeLessThan(1_000_000)
  expect(requests).toBeGreaterThan(0)
})

test.each(['first-part-then-leave', 'first-part-then-stay'] as const)(
  'an answer in parts counts when its first part is there (%s)',
  async (reading) => {
    const { requests, failures } = await load.run({
      ...order,
      url: `${order.url}parts`,
      reading,
      expected: { type: 'text', parts: ['\r\n---\r\nfirst ', '\r\n---'] },
    })
    expect({ requests, failures }).toEqual({ requests: 100, failures: { count: 0, example: null } })
    await expect.poll(() => open).toBe(0)
  },
)

test('the share of answers in time is counted', async () => {
  expect(await load.run({ ...order, withinMs: 0 })).toMatchObject({ shareWithin: 0 })
  expect(await load.run({ ...order, withinMs: 20_000 })).toMatchObject({ shareWithin: 1 })
})

test('an answer that is only compared in part fails when it is short, lacks a text or has a wrong one', async () => {
  const like = { type: 'like', minLength: 16, includes: ['<unit-'], excludes: ['errors'] } as const
  const failed = async (expected: LoadOrder['expected']) =>
    (await load.run({ ...order, expected })).failures.count
  expect(await failed(like)).toBe(0)
  expect(await failed({ ...like, minLength: 17 })).toBe(100)
  expect(await failed({ ...like, includes: ['<unit-', 'exposures'] })).toBe(100)
  expect(await failed({ ...like, excludes: ['errors', '>'] })).toBe(100)
})
