import { Client } from 'undici'
import { type Expected, type LoadOrder, type LoadResult, unitOf } from './load.ts'
import { percentile } from './statistics.ts'

/**
 * The process that drives the load, so that sending requests takes no time from what is measured. It runs one order
 * after the other; the unit's number goes on from order to order.
 */
const REQUEST_TIMEOUT_MS = 30_000
const EXAMPLE_LENGTH = 500

let units = 0

process.on('message', (order: LoadOrder) => {
  void run(order).then((result) => process.send?.(result))
})
// The one that gave the orders has ended.
process.on('disconnect', () => process.exit())

async function run(order: LoadOrder): Promise<LoadResult> {
  const { origin, pathname } = new URL(order.url)
  const latencies = new Float64Array(order.requests)
  const failures: { count: number; example: string | null } = { count: 0, example: null }
  let sent = 0
  let answered = 0
  const start = performance.now()

  async function exchange(client: Client): Promise<void> {
    const unit = unitOf(units++)
    const begin = performance.now()
    const problem = await ask(client, unit).catch((error: unknown) => String(error))
    latencies[answered++] = performance.now() - begin
    if (problem === null) return
    failures.count++
    failures.example ??= problem.slice(0, EXAMPLE_LENGTH)
  }

  async function ask(client: Client, unit: string): Promise<string | null> {
    const { statusCode, body } = await client.request({
      method: 'POST',
      path: pathname,
      headers: order.headers,
      body: order.body.join(unit),
    })
    const text = await body.text()
    return statusCode === 200 && isExpected(text, order.expected, unit) ? null : `HTTP ${statusCode} ${text}`
  }

  async function connection(): Promise<void> {
    const client = new Client(origin, {
      pipelining: 1,
      headersTimeout: REQUEST_TIMEOUT_MS,
      bodyTimeout: REQUEST_TIMEOUT_MS,
    })
    while (sent < order.requests && performance.now() - start < order.maxMs) {
      sent++
      await exchange(client)
    }
    await client.close()
  }

  await Promise.all(Array.from({ length: order.connections }, connection))
  const sorted = latencies.subarray(0, answered).sort()
  return {
    requests: answered,
    elapsedMs: performance.now() - start,
    p50Ms: percentile(sorted, 50),
    p99Ms: percentile(sorted, 99),
    maxMs: percentile(sorted, 100),
    failures,
  }
}

function isExpected(text: string, expected: Expected, unit: string): boolean {
  if (expected.type === 'text') return text === expected.parts.join(unit)
  return text.length >= expected.minLength && !expected.without.some((part) => text.includes(part))
}
