/** Subgraph clients and real loopback servers for them, all closed after each test. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo, Server as TcpServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { systemClock } from '@bulkhead/service/clock'
import { createMetrics } from '@bulkhead/service/metrics'
import { captureLog } from '@bulkhead/service/testing/captured-log'
import { afterEach } from 'vitest'
import type { Caller } from '../../identity/caller.ts'
import { createSubgraphClient } from '../subgraph-client.ts'
import { createSubgraphMetrics } from '../subgraph-metrics.ts'
import type { SubgraphRequest } from '../subgraph-request.ts'

export const SECRET = 'a-secret-of-the-gateway'
const cleanups: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

/** An effect-free query, unless told otherwise. */
export function sampleRequest(overrides: Partial<SubgraphRequest> = {}): SubgraphRequest {
  return {
    body: '{"query":"{ a }"}',
    requestId: 'request-1',
    deadlineMs: 2_000,
    effectFree: true,
    caller: null,
    cancellation: null,
    take: null,
    ...overrides,
  }
}

/** A caller whom the subgraph knows by `signed-NAME`. */
export function sampleCaller(name: string): Caller {
  return {
    identity: { subject: name, scopes: new Set() },
    forwarded: new Map([['experimentation', `signed-${name}`]]),
  }
}

type Overrides = {
  readonly maxInFlight?: number
  readonly maxQueued?: number
  readonly secret?: string | null
}

/** A client of a subgraph at this port, with its metrics and log lines. Retries have no pause. */
export function connect(port: number, overrides: Overrides = {}) {
  const metrics = createMetrics({ service: 'test' })
  const { log, lines } = captureLog()
  const client = createSubgraphClient({
    subgraph: 'experimentation',
    url: `http://127.0.0.1:${port}/graphql`,
    secret: overrides.secret === undefined ? SECRET : overrides.secret,
    maxInFlight: overrides.maxInFlight ?? 256,
    maxQueued: overrides.maxQueued ?? 0,
    clock: systemClock,
    random: { next: () => 0 },
    log,
    metrics: createSubgraphMetrics(metrics),
  })
  cleanups.push(() => client.close())
  /** The value of a metric; without labels the only one. */
  async function metric(name: `bulkhead_${string}`, labels: Record<string, string> = {}) {
    const { values } = (await metrics.registry.getSingleMetric(name)?.get()) ?? { values: [] }
    return values.find((value) =>
      Object.entries(labels).every(([label, text]) => value.labels[label as never] === text),
    )?.value
  }
  return {
    client,
    lines,
    metric,
    underWay: () => metric('bulkhead_subgraph_fetches_in_flight'),
    waiting: () => metric('bulkhead_subgraph_fetches_queued'),
  }
}

export async function portOf(server: TcpServer): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  cleanups.push(() => new Promise((resolve) => server.close(resolve)))
  return (server.address() as AddressInfo).port
}

/** A subgraph in this process, and a client of it. */
export async function listen(listener: RequestListener, overrides: Overrides = {}) {
  const server: Server = createServer(listener)
  const connected = connect(await portOf(server), overrides)
  cleanups.push(async () => server.closeAllConnections())
  return { server, ...connected }
}

/** A subgraph in a process of its own, which signals can freeze and kill. */
export async function spawnSubgraph(overrides: Overrides = {}) {
  const script = fileURLToPath(new URL('./fake-subgraph.ts', import.meta.url))
  const child = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] })
  cleanups.push(async () => child.kill('SIGKILL'))
  const [line] = await once(child.stdout, 'data')
  const port = Number(String(line))
  return { child, port, ...connect(port, overrides) }
}
