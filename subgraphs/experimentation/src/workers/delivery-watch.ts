import type { Clock } from '@bulkhead/service/clock'
import type { Logger } from '@bulkhead/service/logging'
import type { Metrics } from '@bulkhead/service/metrics'
import type { Random } from '@bulkhead/service/random'
import { createPeriodicWorker, type Worker } from '@bulkhead/service/worker'
import type { ExperimentationStore } from '../datastore/port.ts'
import { allDeliveredThrough, type Producers, withReport } from '../domain/producers.ts'
import { readReports } from '../services/producer-reports.ts'

const INTERVAL_MS = 5_000
const JITTER = 0.2
/** How many events before the head a replica begins at its start. Producers that said nothing since are not shown. */
const FIRST_LOOK = 100_000

/**
 * Shows operators how far behind the slowest producer is, from its heartbeats in the order of their positions. It only
 * looks: what analyses rest on is read from the log itself.
 */
export function createDeliveryWatch(options: {
  readonly store: Pick<ExperimentationStore, 'head' | 'eventsBetween'>
  readonly clock: Clock
  readonly intervalMs?: number
  readonly random: Pick<Random, 'next'>
  readonly log: Logger
  readonly metrics: Metrics
}): Worker {
  const { store, clock, intervalMs = INTERVAL_MS, random, log, metrics } = options
  let producers: Producers = new Map()
  let after: number | null = null
  metrics.gauge({
    name: 'bulkhead_producers',
    help: 'Processes that have reported what they served, gone ones included',
    collect() {
      this.set(producers.size)
    },
  })
  metrics.gauge({
    name: 'bulkhead_delivery_lag_seconds',
    help: 'Age of the instant up to which every producer has delivered all its events; 0 before the first report',
    collect() {
      const through = allDeliveredThrough(producers)
      this.set(through === null ? 0 : Math.max(0, clock.now() - through) / 1_000)
    },
  })

  return createPeriodicWorker({
    name: 'delivery-watch',
    intervalMs,
    jitter: JITTER,
    async run(signal) {
      const upTo = await store.head()
      after ??= Math.max(0, upTo - FIRST_LOOK)
      for await (const { reports, through } of readReports(store, { after, upTo })) {
        for (const report of reports) producers = withReport(producers, report)
        after = through
        if (signal.aborted) return
      }
    },
    log,
    random,
  })
}
