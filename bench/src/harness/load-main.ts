import { Pool } from 'undici'
import { isExpected, type LoadOrder, type LoadResult, unitOf } from './load.ts'
import { readAnswer } from './read-answer.ts'
import { percentile } from './statistics.ts'

/**
 * The process that drives the load, so that sending requests takes no time from what is measured. It runs one order after the
 * other.
 */
const REQUEST_TIMEOUT_MS = 30_000
const EXAMPLE_LENGTH = 500

/** How many units each series of orders has had. */
const unitsOf = new Map<string, number>()

function nextUnit({ series = '' }: LoadOrder): string {
  const number = unitsOf.get(series) ?? 0
  unitsOf.set(series, number + 1)
  return unitOf(number)
}

process.on('message', (order: LoadOrder) => {
  void run(order).then((result) => process.send?.(result))
})
// The one that gave the orders has ended.
process.on('disconnect', () => process.exit())

async function run(order: LoadOrder): Promise<LoadResult> {
  const { origin, pathname } = new URL(order.url)
  const pool = new Pool(origin, {
    // Streams that are still open when the next request goes out need connections beside it.
    connections: order.reading === 'first-part-then-stay' ? null : order.connections,
    pipelining: 1,
    headersTimeout: REQUEST_TIMEOUT_MS,
    bodyTimeout: REQUEST_TIMEOUT_MS,
  })
  const latencies = new Float64Array(order.requests)
  const failures: { count: number; example: string | null } = { count: 0, example: null }
  let sent = 0
  let answered = 0
  const start = performance.now()

  async function exchange(): Promise<void> {
    const unit = nextUnit(order)
    const begin = performance.now()
    const problem = await ask(unit).catch((error: unknown) => String(error))
    latencies[answered++] = performance.now() - begin
    if (problem === null) return
    failures.count++
    failures.example ??= problem.slice(0, EXAMPLE_LENGTH)
  }

  async function ask(unit: string): Promise<string | null> {
    const answer = await pool.request({
      method: 'POST',
      path: pathname,
      headers: order.headers,
      body: order.body.join(unit),
    })
    const text = await readAnswer(answer, order.reading)
    const { statusCode } = answer
    return statusCode === 200 && isExpected(text, order.expected, unit) ? null : `HTTP ${statusCode} ${text}`
  }

  async function loop(): Promise<void> {
    while (sent < order.requests && performance.now() - start < order.maxMs) {
      sent++
      await exchange()
    }
  }

  await Promise.all(Array.from({ length: order.connections }, loop))
  const elapsedMs = performance.now() - start
  await pool.destroy()
  const sorted = latencies.subarray(0, answered).sort()
  const { withinMs = Number.POSITIVE_INFINITY } = order
  return {
    requests: answered,
    elapsedMs,
    p50Ms: percentile(sorted, 50),
    p99Ms: percentile(sorted, 99),
    maxMs: percentile(sorted, 100),
    shareWithin: sorted.filter((latency) => latency <= withinMs).length / answered,
    failures,
  }
}
