import { withDeadline } from '@bulkhead/service/deadline'
import { REQUEST_ID_HEADER } from '@bulkhead/service/http-server'
import type { Gauge } from '@bulkhead/service/metrics'
import { readBounded } from '@bulkhead/service/read-bounded'
import { GATEWAY_SECRET_HEADER } from '@bulkhead/service/secrets'
import { Pool } from 'undici'
import { parseResponse, type SubgraphResponse } from './subgraph-response.ts'

/** What a fetch came to. `detail` is for the log: it may name hosts, and never reaches a client. */
export type SubgraphOutcome =
  | { readonly type: 'answered'; readonly response: SubgraphResponse }
  | { readonly type: 'deadline' }
  | { readonly type: 'unavailable'; readonly detail: string }
  | { readonly type: 'invalid'; readonly detail: string }

export type SubgraphRequest = {
  readonly query: string
  readonly variables: Readonly<Record<string, unknown>> | undefined
  readonly operationName: string | undefined
  readonly requestId: string
  readonly deadlineMs: number
}

export type SubgraphClient = {
  /**
   * Posts one operation. Never rejects and never takes longer than the deadline, whatever the subgraph does; with too
   * many requests under way it answers `unavailable` at once.
   */
  fetch(request: SubgraphRequest): Promise<SubgraphOutcome>
  /** Lets what is under way end for a moment, then cuts it off. */
  close(): Promise<void>
}

const MAX_RESPONSE_BYTES = 16 * 1024 * 1024
const MAX_CONNECTIONS = 64
/** A subgraph is near; who needs longer to accept a connection does not accept any. */
const CONNECT_TIMEOUT_MS = 1_000
const CLOSE_GRACE_MS = 1_000

/** One pooled connection set a subgraph, so that a frozen subgraph can only exhaust its own. */
export function createSubgraphClient(options: {
  readonly subgraph: string
  readonly url: string
  readonly secret: string
  readonly maxInFlight: number
  /** Labelled by subgraph. */
  readonly inFlight: Gauge<'subgraph'>
}): SubgraphClient {
  const { origin, pathname, search } = new URL(options.url)
  const pool = new Pool(origin, {
    connections: MAX_CONNECTIONS,
    pipelining: 1,
    connectTimeout: CONNECT_TIMEOUT_MS,
  })
  const gauge = options.inFlight.labels({ subgraph: options.subgraph })
  let inFlight = 0
  function count(change: 1 | -1): void {
    inFlight += change
    gauge.set(inFlight)
  }
  gauge.set(0)

  async function exchange(request: SubgraphRequest, signal: AbortSignal): Promise<SubgraphOutcome> {
    const { query, variables, operationName, requestId } = request
    const { statusCode, body } = await pool.request({
      method: 'POST',
      path: pathname + search,
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        [REQUEST_ID_HEADER]: requestId,
        [GATEWAY_SECRET_HEADER]: options.secret,
      },
      body: JSON.stringify({ query, variables, operationName }),
      signal,
    })
    const text = await readBounded(body, MAX_RESPONSE_BYTES)
    if (text === null) return { type: 'invalid', detail: `answer is over ${MAX_RESPONSE_BYTES} bytes` }
    if (statusCode >= 500 || statusCode === 401) return { type: 'unavailable', detail: `HTTP ${statusCode}` }
    const response = parseResponse(text)
    if (response) return { type: 'answered', response }
    return { type: 'invalid', detail: `HTTP ${statusCode} without a GraphQL answer` }
  }

  return {
    async fetch(request) {
      if (inFlight >= options.maxInFlight) {
        return { type: 'unavailable', detail: 'too many requests under way' }
      }
      count(1)
      try {
        // undici heeds the signal only once it has a connection for the request: the wait for one ends by the race,
        // while the request itself stays counted until undici lets go of it.
        return await withDeadline<SubgraphOutcome>(
          (signal) => exchange(request, signal).finally(() => count(-1)),
          request.deadlineMs,
          () => ({ type: 'deadline' }),
        )
      } catch (error) {
        return { type: 'unavailable', detail: error instanceof Error ? error.message : String(error) }
      }
    },
    async close() {
      if (pool.destroyed) return
      await withDeadline(pool.close(), CLOSE_GRACE_MS, () => pool.destroy())
    },
  }
}
