import type { Clock } from '@bulkhead/service/clock'
import { withDeadline } from '@bulkhead/service/deadline'
import { REQUEST_ID_HEADER } from '@bulkhead/service/http-server'
import { IDENTITY_HEADER } from '@bulkhead/service/identity/identity-token'
import type { Logger } from '@bulkhead/service/logging'
import type { Random } from '@bulkhead/service/random'
import { GATEWAY_SECRET_HEADER } from '@bulkhead/service/secrets'
import { createAnswerMemory } from './answer-buffer.ts'
import { createCircuitBreakers } from './circuit-breaker.ts'
import { ACCEPTED_ENCODINGS } from './decompress.ts'
import { createExchanges } from './exchanges.ts'
import { createConnectionPool } from './http1/connection-pool.ts'
import { HttpExchange } from './http1/http-exchange.ts'
import type { HttpResult } from './http1/http-result.ts'
import { originOf, postHead } from './http1/post-head.ts'
import type { SubgraphMetrics } from './subgraph-metrics.ts'
import type { SubgraphOutcome } from './subgraph-outcome.ts'
import type { SubgraphRequest } from './subgraph-request.ts'

export type SubgraphClient = {
  /**
   * Posts one operation. Never rejects, and never takes longer than the deadline, whatever the subgraph does. With too
   * many requests under way and waiting, or with an open circuit breaker, it fails at once.
   */
  fetch(request: SubgraphRequest): Promise<SubgraphOutcome>
  /** Gives requests under way a second to end, then cuts them off. */
  close(): Promise<void>
}

const MAX_RESPONSE_BYTES = 16 * 1024 * 1024
/** Of answers that are arriving: as many as eight of the largest. */
const MAX_HELD_BYTES = 8 * MAX_RESPONSE_BYTES
/** An answer below this size is never given up for what others hold. */
const SHARE_BYTES = 512 * 1024
/** Subgraphs are nearby: one that takes longer to accept a connection is down. */
const CONNECT_TIMEOUT_MS = 1_000
const CLOSE_GRACE_MS = 1_000

/** Each subgraph has connections and limits of its own, so that a frozen one cannot use up those of the others. */
export function createSubgraphClient(options: {
  readonly subgraph: string
  readonly url: string
  /** Null for subgraphs that are not ours: they get none. */
  readonly secret: string | null
  readonly maxInFlight: number
  /** How many more may wait for their turn; waiting counts against the deadline. */
  readonly maxQueued: number
  readonly clock: Clock
  readonly random: Pick<Random, 'next'>
  readonly log: Logger
  readonly metrics: SubgraphMetrics
}): SubgraphClient {
  const { subgraph, secret, maxInFlight, maxQueued, clock, random, metrics } = options
  const url = new URL(options.url)
  const head = postHead(url, [
    ...['content-type', 'application/json', 'accept', 'application/json'],
    ...['accept-encoding', ACCEPTED_ENCODINGS],
    ...(secret === null ? [] : [GATEWAY_SECRET_HEADER, secret]),
  ])
  const pool = createConnectionPool(originOf(url), {
    // One for each request in flight.
    maxConnections: maxInFlight,
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
  })
  const memory = createAnswerMemory({
    maxAnswerBytes: MAX_RESPONSE_BYTES,
    maxHeldBytes: MAX_HELD_BYTES,
    shareBytes: SHARE_BYTES,
  })

  function post(request: SubgraphRequest, onEnd: (result: HttpResult) => void): HttpExchange {
    const own = [REQUEST_ID_HEADER, request.requestId]
    // Other people's subgraphs get neither the secret nor the identity.
    const identity = secret === null ? undefined : request.caller?.forwarded.get(subgraph)
    if (identity !== undefined) own.push(IDENTITY_HEADER, identity)
    if (request.trace !== undefined) own.push(...request.trace)
    const exchange = new HttpExchange(head.withBody(own, request.body), memory, onEnd)
    pool.post(exchange)
    return exchange
  }

  const exchanges = createExchanges({
    maxInFlight,
    maxQueued,
    post,
    clock,
    random,
    metrics: metrics.of(subgraph),
  })
  const breakers = createCircuitBreakers({ log: options.log.child({ subgraph }), clock })
  const unwatch = metrics.watch(subgraph, {
    inFlight: exchanges.inFlight,
    queued: exchanges.queued,
    breakers: breakers.states,
  })

  return {
    fetch: (request) =>
      breakers
        .of(request.deadlineMs)
        // A probe runs to its end, since its outcome decides for everybody.
        .guard((probe) => exchanges.ask(request, probe ? null : request.cancellation)),
    async close() {
      if (pool.isClosed()) return
      unwatch()
      exchanges.close()
      await withDeadline(pool.close(), CLOSE_GRACE_MS, () => pool.destroy())
    },
  }
}
