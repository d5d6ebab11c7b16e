import { jitteredDelay } from '@bulkhead/service/backoff'
import type { Clock } from '@bulkhead/service/clock'
import type { Random } from '@bulkhead/service/random'
import { createBulkhead } from './bulkhead.ts'
import type { Cancellation } from './cancellation.ts'
import type { HttpResult } from './http1/http-result.ts'
import { createRetryBudget } from './retry-budget.ts'
import { CANCELLED, CLOSED, MISSED_DEADLINE, type SubgraphOutcome, TOO_MANY } from './subgraph-outcome.ts'
import type { SubgraphRequest } from './subgraph-request.ts'
import { readOutcome } from './subgraph-response.ts'

type Posted = { abort(): void }

/** One body on its way to the subgraph, for every request that waits for its answer. */
type Exchange = {
  readonly request: SubgraphRequest
  readonly waiters: Waiter[]
  retries: number
  /** Set while it is under way. */
  http: Posted | null
  /** Set between a failure and the retry. */
  retryTimer: NodeJS.Timeout | undefined
}

type Waiter = {
  readonly exchange: Exchange
  /** Its own, which is not the one of the exchange where it has joined one. */
  readonly request: SubgraphRequest
  readonly expiresAt: number
  readonly cancellation: Cancellation | null
  readonly resolve: (outcome: SubgraphOutcome) => void
  timer: NodeJS.Timeout | undefined
  onCancel: (() => void) | undefined
}

const MAX_RETRIES = 2
const RETRY_DELAY = { baseMs: 20, maxMs: 100 }
/** What a proxy answers for a subgraph that it cannot reach. */
const GATEWAY_STATUS: ReadonlySet<number> = new Set([502, 503, 504])

function cameBeforeAnswer(result: HttpResult): boolean {
  if (result.type === 'broken') return result.unanswered
  return result.type === 'response' && GATEWAY_STATUS.has(result.status)
}

/**
 * The requests to one subgraph that are under way or wait for their turn. Effect-free ones are retried, and share the
 * answer of an identical one; others are sent once each.
 */
export type Exchanges = {
  /** Never rejects, and never takes longer than the deadline. @param cancellation abandons the request */
  ask(request: SubgraphRequest, cancellation: Cancellation | null): Promise<SubgraphOutcome>
  inFlight(): number
  queued(): number
  /** Ends what waits for its turn, and retries nothing any more. */
  close(): void
}

/** @param options.post sends a request; its exchange ends exactly once, also when it is aborted */
export function createExchanges(options: {
  readonly maxInFlight: number
  readonly maxQueued: number
  readonly post: (request: SubgraphRequest, onEnd: (result: HttpResult) => void) => Posted
  readonly clock: Clock
  readonly random: Pick<Random, 'next'>
  readonly metrics: { retried(): void; shared(): void }
}): Exchanges {
  const { maxInFlight, maxQueued, post, clock, random, metrics } = options
  const bulkhead = createBulkhead<Exchange>({ maxInFlight, maxQueued, start: send })
  const budget = createRetryBudget(clock)
  /** What a request may join, by body. */
  const joinable = new Map<string, Exchange>()
  /** Requests that wait for an answer. Those that share one count too: they hold memory like the others. */
  let waiting = 0
  let closed = false

  function send(exchange: Exchange): void {
    exchange.http = post(exchange.request, (result) => {
      exchange.http = null
      // Who reads after a write must not get an answer from before it.
      if (!exchange.request.effectFree) joinable.clear()
      bulkhead.leave()
      if (!retry(exchange, result)) end(exchange, ({ take }) => readOutcome(result, take))
    })
  }

  /** @param read called for each who waits, since each changes the objects that it gets */
  function end(exchange: Exchange, read: (request: SubgraphRequest) => SubgraphOutcome): void {
    stopJoining(exchange)
    for (const waiter of exchange.waiters.splice(0)) settle(waiter, read(waiter.request))
  }

  /** Whether the exchange will be tried again. */
  function retry(exchange: Exchange, result: HttpResult): boolean {
    const { request, waiters } = exchange
    if (closed || waiters.length === 0 || exchange.retries === MAX_RETRIES) return false
    if (!request.effectFree || !cameBeforeAnswer(result)) return false
    const delayMs = jitteredDelay(exchange.retries, RETRY_DELAY, random)
    const latest = Math.max(...waiters.map(({ expiresAt }) => expiresAt))
    if (clock.now() + delayMs >= latest || !budget.spend()) return false
    exchange.retries += 1
    metrics.retried()
    exchange.retryTimer = setTimeout(() => {
      exchange.retryTimer = undefined
      if (closed) end(exchange, () => CLOSED)
      else enter(exchange)
    }, delayMs)
    return true
  }

  function enter(exchange: Exchange): void {
    if (!bulkhead.enter(exchange)) end(exchange, () => TOO_MANY)
  }

  function stopJoining(exchange: Exchange): void {
    const { body } = exchange.request
    if (joinable.get(body) === exchange) joinable.delete(body)
  }

  function begin(request: SubgraphRequest): Exchange {
    const exchange: Exchange = { request, waiters: [], retries: 0, http: null, retryTimer: undefined }
    if (request.effectFree) {
      budget.earn()
      joinable.set(request.body, exchange)
    }
    return exchange
  }

  function settle(waiter: Waiter, outcome: SubgraphOutcome): void {
    waiting -= 1
    clearTimeout(waiter.timer)
    if (waiter.onCancel) waiter.cancellation?.forget(waiter.onCancel)
    waiter.resolve(outcome)
  }

  /** One request waits no longer. Once nobody does, the exchange is given up. */
  function leave(waiter: Waiter, outcome: SubgraphOutcome): void {
    const { exchange } = waiter
    exchange.waiters.splice(exchange.waiters.indexOf(waiter), 1)
    // One that takes so long may be stuck; whoever joined it would be stuck too.
    if (outcome === MISSED_DEADLINE || exchange.waiters.length === 0) stopJoining(exchange)
    if (exchange.waiters.length === 0) {
      clearTimeout(exchange.retryTimer)
      if (!bulkhead.forget(exchange)) exchange.http?.abort()
    }
    settle(waiter, outcome)
  }

  function wait(
    exchange: Exchange,
    request: SubgraphRequest,
    cancellation: Cancellation | null,
  ): Promise<SubgraphOutcome> {
    const { deadlineMs } = request
    waiting += 1
    return new Promise((resolve) => {
      const expiresAt = clock.now() + deadlineMs
      const waiter: Waiter = {
        exchange,
        request,
        expiresAt,
        cancellation,
        resolve,
        timer: undefined,
        onCancel: undefined,
      }
      waiter.timer = setTimeout(() => leave(waiter, MISSED_DEADLINE), deadlineMs)
      if (cancellation) {
        waiter.onCancel = () => leave(waiter, CANCELLED)
        cancellation.onCancel(waiter.onCancel)
      }
      exchange.waiters.push(waiter)
    })
  }

  return {
    ask(request, cancellation) {
      if (cancellation?.cancelled) return Promise.resolve(CANCELLED)
      if (waiting >= maxInFlight + maxQueued) return Promise.resolve(TOO_MANY)
      const { body, caller, effectFree } = request
      const identical = effectFree ? joinable.get(body) : undefined
      if (identical && identical.request.caller === caller) {
        metrics.shared()
        return wait(identical, request, cancellation)
      }
      const exchange = begin(request)
      const outcome = wait(exchange, request, cancellation)
      enter(exchange)
      return outcome
    },
    inFlight: bulkhead.inFlight,
    queued: bulkhead.queued,
    close() {
      closed = true
      for (const exchange of bulkhead.clear()) end(exchange, () => CLOSED)
    },
  }
}
