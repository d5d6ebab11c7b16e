import type { Clock } from '@bulkhead/service/clock'
import { createFailureLog } from '@bulkhead/service/failure-log'
import type { Logger } from '@bulkhead/service/logging'
import {
  type CircuitBreakerPolicy,
  CircuitState,
  circuitBreaker,
  handleWhenResult,
  isBrokenCircuitError,
  SamplingBreaker,
} from 'cockatiel'
import { CIRCUIT_OPEN, type SubgraphOutcome, TOO_MANY } from './subgraph-outcome.ts'

/** Opens when more than half of the fetches of the last five seconds failed, and they were twenty or more. */
const SAMPLING = { threshold: 0.5, duration: 5_000, minimumRps: 4 }
/** After so long one fetch is let through as a probe. */
const PROBE_AFTER_MS = 1_000

/** A `probe` must run to its end even when its client has gone, since its outcome decides for all. */
type Attempt = (probe: boolean) => Promise<SubgraphOutcome>

type CircuitBreaker = {
  /** Makes the attempt, or gives `unavailable` at once while the circuit is open or a probe is under way. */
  guard(attempt: Attempt): Promise<SubgraphOutcome>
  state(): 'closed' | 'half-open' | 'open'
}

function isOutage(outcome: unknown): boolean {
  const { type } = outcome as SubgraphOutcome
  return type === 'unavailable' || type === 'deadline'
}

const STATES = {
  [CircuitState.Closed]: 'closed',
  [CircuitState.HalfOpen]: 'half-open',
  [CircuitState.Open]: 'open',
  [CircuitState.Isolated]: 'open',
} as const

function createCircuitBreaker(options: { readonly log: Logger; readonly clock: Clock }): CircuitBreaker {
  const failures = createFailureLog({
    log: options.log,
    clock: options.clock,
    what: 'most subgraph fetches',
    meanwhile: 'the circuit breaker is open, fetches are refused until a probe succeeds',
  })
  const sampling = new SamplingBreaker(SAMPLING)
  const policy: CircuitBreakerPolicy = circuitBreaker(handleWhenResult(isOutage), {
    halfOpenAfter: PROBE_AFTER_MS,
    breaker: sampling,
  })
  policy.onBreak(() => failures.failed('CIRCUIT_OPEN'))
  policy.onReset(() => failures.succeeded())

  /** What says nothing about the subgraph is not counted: clients that left, and the gateway's own limit. */
  function count(outcome: SubgraphOutcome): void {
    if (policy.state !== CircuitState.Closed || outcome.type === 'cancelled' || outcome === TOO_MANY) return
    if (isOutage(outcome)) void policy.execute(() => outcome)
    // What the policy would do too, but with four promises for each fetch.
    else sampling.success(CircuitState.Closed)
  }

  async function probe(attempt: Attempt): Promise<SubgraphOutcome> {
    try {
      return await policy.execute(() => attempt(true))
    } catch (error) {
      if (isBrokenCircuitError(error)) return CIRCUIT_OPEN
      throw error
    }
  }

  return {
    guard(attempt) {
      // With a probe under way the policy would let further fetches wait for its outcome.
      if (policy.state === CircuitState.HalfOpen) return Promise.resolve(CIRCUIT_OPEN)
      if (policy.state !== CircuitState.Closed) return probe(attempt)
      const outcome = attempt(false)
      void outcome.then(count)
      return outcome
    },
    state: () => STATES[policy.state],
  }
}

/**
 * The breakers of one subgraph. Fetches whose deadlines are within a factor of two share one: a subgraph that is too
 * slow for those that may take 150 ms can still be in time for deferred parts, which must not be refused then.
 */
export type CircuitBreakers = {
  of(deadlineMs: number): CircuitBreaker
  states(): Iterable<readonly [deadlines: string, state: ReturnType<CircuitBreaker['state']>]>
}

/** @param options.log with the subgraph's name */
export function createCircuitBreakers(options: {
  readonly log: Logger
  readonly clock: Clock
}): CircuitBreakers {
  /** By the number of binary digits of their deadlines. */
  const breakers = new Map<number, CircuitBreaker>()
  const nameOf = (digits: number) => `${2 ** (digits - 1)} to ${2 ** digits - 1} ms`
  return {
    of(deadlineMs) {
      const digits = 32 - Math.clz32(deadlineMs)
      let breaker = breakers.get(digits)
      if (!breaker) {
        const log = options.log.child({ deadlines: nameOf(digits) })
        breaker = createCircuitBreaker({ log, clock: options.clock })
        breakers.set(digits, breaker)
      }
      return breaker
    },
    *states() {
      for (const [digits, breaker] of breakers) yield [nameOf(digits), breaker.state()]
    },
  }
}
