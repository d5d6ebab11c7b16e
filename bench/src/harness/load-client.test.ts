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

beforeEach(async () => {
  resources = new AsyncDisposableStack()
  seen = []
  wrong = new Set()
  const server = createServer(async (request, response) => {
    const [unit = ''] = (await request.setEncoding('utf8').toArray()) as string[]
    seen.push(unit)
    response.end(wrong.has(unit) ? 'something else' : `<${unit}>`)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  resources.defer(() => void server.close())
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port')
  load = startLoad(resources)
  order = {
    url: `http://127.0.0.1:${address.port}/`,
    headers: {},
    body: ['', ''],
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
