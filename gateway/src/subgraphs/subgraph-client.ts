import { withDeadline } from '@bulkhead/service/deadline'
import { REQUEST_ID_HEADER } from '@bulkhead/service/http-server'
import type { Gauge } from '@bulkhead/service/metrics'
import { readBounded } from '@bulkhead/service/read-bounded'
import { GATEWAY_SECRET_HEADER } from '@bulkhead/service/secrets'
import { Pool } from 'undici'
import { parseResponse, type SubgraphResponse } from './subgraph-response.ts'

/** How a fetch ended. `detail` is for the log alone, since it may name hosts. */
export type SubgraphOutcome =
  | { readonly type: 'answered'; readonly response: SubgraphResponse }
  | { readonly type: 'deadline' }
  | { readonly type: 'unavailable'; readonly detail: string }
  | { readonly type: 'invalid'; readonly detail: string }
  | { readonly type: 'cancelled' }

export type SubgraphRequest = {
  readonly body: string
  readonly requestId: string
  readonly deadlineMs: number
  readonly effectFree: boolean
  readonly authorization: string | undefined
  readonly signal: AbortSignal | undefined
}

export type SubgraphClient = {
  /**
   * Posts one operation. Never rejects, and never takes longer than the deadline, whatever the subgraph does. With too
   * many requests under way the answer is `unavailable` at once.
   */
  fetch(request: SubgraphRequest): Promise<SubgraphOutcome>
  /** Gives requests under way a second to end, then cuts them off. */
  close(): Promise<void>
}

const MAX_RESPONSE_BYTES = 16 * 1024 * 1024
const MAX_CONNECTIONS = 64
/** Subgraphs are nearby: one that takes longer to accept a connection is down. */
const CONNECT_TIMEOUT_MS = 1_000
const CLOSE_GRACE_MS = 1_000

/** Each subgraph has a pool of connections of its own, so that a frozen one cannot use up those of the others. */
export function createSubgraphClient(options: {
  readonly subgraph: string
  readonly url: string
  /** Null for a subgraph that is not one of ours. */
  readonly secret: string | null
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
    const { requestId } = request
    const { statusCode, body } = await pool.request({
      method: 'POST',
      path: pathname + search,
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        [REQUEST_ID_HEADER]: requestId,
        ...(options.secret === null ? {} : { [GATEWAY_SECRET_HEADER]: options.secret }),
      },
      body: request.body,
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
        // undici looks at the signal only once it has a connection. A request that waits for one is answered at the
        // deadline all the same, but counts as under way until undici has dropped it.
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
