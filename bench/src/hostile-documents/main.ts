/** The process that is measured: `node main.ts REQUESTS SEED`, started by the bench with an IPC channel. */

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { startApp } from '@bulkhead/gateway/app'
import { loadConfig } from '@bulkhead/gateway/config'
import { type HostileRequest, hostileRequests } from '@bulkhead/gateway/testing/hostile-documents'
import { REQUIRED_SETTINGS } from '@bulkhead/gateway/testing/settings'
import { systemClock } from '@bulkhead/service/clock'
import { createLogger } from '@bulkhead/service/logging'
import { createMetrics } from '@bulkhead/service/metrics'
import { type HostileResults, type KindResult, MAX_CPU_MS } from './measurement.ts'

/** A request that took longer than this is sent again, since the work of V8 and of the garbage collector varies. */
const SUSPICIOUS_MS = 25
const ATTEMPTS = 5
/** A gateway runs for days, and V8 compiles for the first seconds. */
const WARM_UP_REQUESTS = 1_000
const MICROSECONDS_PER_MS = 1_000
const ACCEPT = 'multipart/mixed;deferSpec=20220824, application/json'

const [requests = 0, seed = 0] = process.argv.slice(2).map(Number)

const subgraph = createServer((request, response) => {
  request.resume()
  request.once('end', () => response.end('{"data":{}}'))
})
await new Promise<void>((resolve) => subgraph.listen(0, '127.0.0.1', resolve))
const url = `http://127.0.0.1:${(subgraph.address() as AddressInfo).port}/graphql`
const app = await startApp({
  config: loadConfig({
    ...REQUIRED_SETTINGS,
    // Somebody with every scope, since a gateway plans nothing that the caller may not see.
    NODE_ENV: 'development',
    DEV_IDENTITY: 'bench',
    INTROSPECTION: 'off',
    GRAPHIQL: 'off',
    PERSONALIZATION_URL: url,
    EXPERIMENTATION_URL: url,
    RATE_LIMIT_PER_SECOND: '0',
  }),
  clock: systemClock,
  log: createLogger({ service: 'bench', level: 'silent' }),
  metrics: createMetrics({ service: 'bench' }),
})

type Measured = { readonly ms: number; readonly code: string; readonly bytes: number }

let sent = 0

/** Sends it twice, because some work is left for an operation that is asked again; the dearer one counts. */
async function send({ body }: HostileRequest): Promise<Measured> {
  // A line of its own makes each document a new one, which no cache knows.
  sent += 1
  const payload = JSON.stringify({ ...body, query: `${body.query}\n#${sent}` })
  const first = await post(payload)
  const again = await post(payload)
  return isDefect(first) || (first.ms > again.ms && !isDefect(again)) ? first : again
}

function isDefect({ code }: Measured): boolean {
  return code === 'INTERNAL' || /^5/.test(code)
}

async function post(payload: string): Promise<Measured> {
  const before = process.cpuUsage()
  const answer = await app.http.inject({
    method: 'POST',
    url: '/graphql',
    payload,
    headers: { 'content-type': 'application/json', accept: ACCEPT },
  })
  const { user, system } = process.cpuUsage(before)
  const code = /"code":"(\w+)"/.exec(answer.body)?.[1] ?? String(answer.statusCode)
  return { ms: (user + system) / MICROSECONDS_PER_MS, code, bytes: payload.length }
}

/** The least of several attempts, if the first took suspiciously long. */
async function measure(request: HostileRequest): Promise<Measured> {
  let best = await send(request)
  for (let attempt = 1; attempt < ATTEMPTS && best.ms > SUSPICIOUS_MS && !isDefect(best); attempt += 1) {
    const again = await send(request)
    if (isDefect(again)) return again
    if (again.ms < best.ms) best = again
  }
  return best
}

function memory() {
  globalThis.gc?.()
  const { heapUsed, rss } = process.memoryUsage()
  return { heap: heapUsed, resident: rss }
}

const kinds = new Map<string, KindResult>()

function record(kind: string, measured: Measured): void {
  const { ms, code, bytes } = measured
  const before = kinds.get(kind) ?? {
    kind,
    requests: 0,
    worstMs: 0,
    worstCode: '',
    worstBytes: 0,
    codes: {},
    crashes: 0,
  }
  const worst = ms > before.worstMs ? { worstMs: ms, worstCode: code, worstBytes: bytes } : {}
  kinds.set(kind, {
    ...before,
    ...worst,
    requests: before.requests + 1,
    codes: { ...before.codes, [code]: (before.codes[code] ?? 0) + 1 },
    crashes: before.crashes + (isDefect(measured) ? 1 : 0),
  })
}

for (const request of hostileRequests(WARM_UP_REQUESTS, seed + 1)) await send(request)
const samples: ReturnType<typeof memory>[] = []
/** Measured again at the end: another machine on the same processor slows all attempts of a moment. */
const tooLong: HostileRequest[] = []
let done = 0
for (const request of hostileRequests(requests, seed)) {
  const measured = await measure(request)
  if (measured.ms > MAX_CPU_MS && !isDefect(measured)) tooLong.push(request)
  else record(request.kind, measured)
  done += 1
  if (done === Math.ceil(requests / 2) || done === requests) samples.push(memory())
  if (done % 1_000 === 0) process.stderr.write(`${done} requests\n`)
}
for (const request of tooLong) record(request.kind, await measure(request))
const results: HostileResults = { kinds: [...kinds.values()], memory: samples }
process.send?.(results, () => process.exit(0))
