import type { Metrics } from '@bulkhead/service/metrics'
import type { SubgraphOutcome } from './subgraph-outcome.ts'

/** What a client shows of itself. It is read when the metrics are, so that no fetch pays for it. */
export type ClientState = {
  inFlight(): number
  queued(): number
  /** By the deadlines that a breaker is for, such as "under 256 ms". */
  breakers(): Iterable<readonly [deadlines: string, state: 'closed' | 'half-open' | 'open']>
}

export type SubgraphMetrics = {
  /** Shows the state of this subgraph's client until the returned function is called. */
  watch(subgraph: string, state: ClientState): () => void
  /** Made once for each subgraph: looking up the labels for each fetch would cost more than counting it. */
  of(subgraph: string): {
    retried(): void
    shared(): void
    fetched(outcome: SubgraphOutcome['type'], seconds: number): void
  }
}

const BREAKER_VALUES = { closed: 0, 'half-open': 1, open: 2 } as const

/** Seconds. From an answer out of a cache on the same machine to the longest deadline. */
const DURATION_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

export function createSubgraphMetrics(metrics: Metrics): SubgraphMetrics {
  const watched = new Map<string, ClientState>()
  metrics.gauge({
    name: 'bulkhead_subgraph_fetches_in_flight',
    help: 'Fetches to subgraphs that are under way, by subgraph; at most MAX_FETCHES_IN_FLIGHT',
    labelNames: ['subgraph'],
    collect() {
      this.reset()
      for (const [subgraph, state] of watched) this.set({ subgraph }, state.inFlight())
    },
  })
  metrics.gauge({
    name: 'bulkhead_subgraph_fetches_queued',
    help: 'Fetches to subgraphs that wait for their turn, by subgraph; at most MAX_QUEUED_FETCHES',
    labelNames: ['subgraph'],
    collect() {
      this.reset()
      for (const [subgraph, state] of watched) this.set({ subgraph }, state.queued())
    },
  })
  metrics.gauge({
    name: 'bulkhead_subgraph_breaker_state',
    help: 'Circuit breakers, by subgraph and the deadlines that they are for: 0 closed, 1 half-open, 2 open',
    labelNames: ['subgraph', 'deadlines'],
    collect() {
      this.reset()
      for (const [subgraph, client] of watched) {
        for (const [deadlines, state] of client.breakers()) {
          this.set({ subgraph, deadlines }, BREAKER_VALUES[state])
        }
      }
    },
  })
  const retries = metrics.counter({
    name: 'bulkhead_subgraph_retries_total',
    help: 'Fetches to subgraphs that were sent again after a failure, by subgraph',
    labelNames: ['subgraph'],
  })
  const sharedFetches = metrics.counter({
    name: 'bulkhead_subgraph_shared_fetches_total',
    help: 'Fetches that shared the answer of an identical one under way, by subgraph',
    labelNames: ['subgraph'],
  })
  const fetches = metrics.counter({
    name: 'bulkhead_subgraph_fetches_total',
    help: 'Fetches to subgraphs, by subgraph and outcome',
    labelNames: ['subgraph', 'outcome'],
  })
  const durations = metrics.histogram({
    name: 'bulkhead_subgraph_fetch_seconds',
    help: 'How long fetches to subgraphs took, retries included, by subgraph',
    labelNames: ['subgraph'],
    buckets: DURATION_BUCKETS,
  })

  return {
    watch(subgraph, state) {
      watched.set(subgraph, state)
      return () => {
        // A client that has taken this one's place stays.
        if (watched.get(subgraph) === state) watched.delete(subgraph)
      }
    },
    of(subgraph) {
      const outcomes = new Map<SubgraphOutcome['type'], { inc(): void }>()
      const retried = retries.labels({ subgraph })
      const shared = sharedFetches.labels({ subgraph })
      const duration = durations.labels({ subgraph })
      return {
        retried: () => retried.inc(),
        shared: () => shared.inc(),
        fetched(outcome, seconds) {
          let fetched = outcomes.get(outcome)
          if (!fetched) {
            fetched = fetches.labels({ subgraph, outcome })
            outcomes.set(outcome, fetched)
          }
          fetched.inc()
          duration.observe(seconds)
        },
      }
    },
  }
}
