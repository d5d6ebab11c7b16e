import { createDurations, type Metrics } from '@bulkhead/service/metrics'
import type { SubgraphOutcome } from './subgraph-outcome.ts'

/** What a client shows of itself. It is read when the metrics are, so that no fetch pays for it. */
export type ClientState = {
  inFlight(): number
  queued(): number
  /** By the deadlines that a breaker is for, such as "128 to 255 ms". */
  breakers(): Iterable<readonly [deadlines: string, state: 'closed' | 'half-open' | 'open']>
}

export type SubgraphMetrics = {
  /** Shows the state of this client until the returned function is called. */
  watch(subgraph: string, state: ClientState): () => void
  /** For the client of a subgraph. */
  of(subgraph: string): { retried(): void; shared(): void }
  /** Counts fetches from a subgraph. Made once for each. */
  tally(subgraph: string): { add(outcome: SubgraphOutcome['type'], seconds: number): void }
}

const BREAKER_VALUES = { closed: 0, 'half-open': 1, open: 2 } as const

/** Seconds. From an answer out of a cache on the same machine to the longest deadline. */
const DURATION_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

export function createSubgraphMetrics(metrics: Metrics): SubgraphMetrics {
  /** During a reload a subgraph can have two clients, the old one with its last requests. */
  const watched = new Set<{ readonly subgraph: string; readonly state: ClientState }>()
  metrics.gauge({
    name: 'bulkhead_subgraph_fetches_in_flight',
    help: 'Fetches to subgraphs that are under way, by subgraph; at most MAX_FETCHES_IN_FLIGHT',
    labelNames: ['subgraph'],
    collect() {
      this.reset()
      for (const { subgraph, state } of watched) this.inc({ subgraph }, state.inFlight())
    },
  })
  metrics.gauge({
    name: 'bulkhead_subgraph_fetches_queued',
    help: 'Fetches to subgraphs that wait for their turn, by subgraph; at most MAX_QUEUED_FETCHES',
    labelNames: ['subgraph'],
    collect() {
      this.reset()
      for (const { subgraph, state } of watched) this.inc({ subgraph }, state.queued())
    },
  })
  metrics.gauge({
    name: 'bulkhead_subgraph_breaker_state',
    help: 'Circuit breakers, by subgraph and the deadlines that they are for: 0 closed, 1 half-open, 2 open',
    labelNames: ['subgraph', 'deadlines'],
    collect() {
      this.reset()
      for (const { subgraph, state } of watched) {
        for (const [deadlines, circuit] of state.breakers()) {
          this.set({ subgraph, deadlines }, BREAKER_VALUES[circuit])
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

  const durations = createDurations(metrics, {
    name: 'bulkhead_subgraph_fetch_seconds',
    help: 'How long fetches to subgraphs took, retries included, by subgraph',
    labelNames: ['subgraph'],
    buckets: DURATION_BUCKETS,
  })
  const tallies: { publish(): void }[] = []
  const fetches = metrics.counter({
    name: 'bulkhead_subgraph_fetches_total',
    help: 'Fetches to subgraphs, by subgraph and outcome',
    labelNames: ['subgraph', 'outcome'],
    collect() {
      for (const tally of tallies) tally.publish()
    },
  })

  /** Keeps its counts until somebody reads the metrics, as `durations` does. */
  function createTally(subgraph: string) {
    const outcomes = new Map<SubgraphOutcome['type'], number>()
    const took = durations({ subgraph })
    return {
      add(outcome: SubgraphOutcome['type'], seconds: number): void {
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
        took(seconds)
      },
      publish(): void {
        for (const [outcome, count] of outcomes) fetches.inc({ subgraph, outcome }, count)
        outcomes.clear()
      },
    }
  }

  return {
    watch(subgraph, state) {
      const entry = { subgraph, state }
      watched.add(entry)
      return () => watched.delete(entry)
    },
    of(subgraph) {
      const retried = retries.labels({ subgraph })
      const shared = sharedFetches.labels({ subgraph })
      // Shown from the start, so that the first one is an increase.
      retried.inc(0)
      shared.inc(0)
      return { retried: () => retried.inc(), shared: () => shared.inc() }
    },
    tally(subgraph) {
      const tally = createTally(subgraph)
      tallies.push(tally)
      return tally
    },
  }
}
