import type { Clock } from '@bulkhead/service/clock'
import type { Logger } from '@bulkhead/service/logging'
import type { Metrics } from '@bulkhead/service/metrics'
import type { Random } from '@bulkhead/service/random'
import { createPeriodicWorker, type Worker } from '@bulkhead/service/worker'
import type { ExperimentationStore } from '../datastore/port.ts'

const INTERVAL_MS = 5_000
const JITTER = 0.2

/** Shows operators how far the read model is behind the log, and whether anybody analyses, from what the holder stores. */
export function createAnalystWatch(options: {
  readonly store: Pick<ExperimentationStore, 'head' | 'lease'>
  readonly clock: Clock
  readonly intervalMs?: number
  readonly random: Pick<Random, 'next'>
  readonly log: Logger
  readonly metrics: Metrics
}): Worker {
  const { store, clock, intervalMs = INTERVAL_MS, random, log, metrics } = options
  const positions = metrics.gauge({
    name: 'bulkhead_analysis_lag_positions',
    help: 'Ingest positions between the read model of analyses and the head',
  })
  const seconds = metrics.gauge({
    name: 'bulkhead_analysis_lag_seconds',
    help: 'Seconds since the read model of analyses had every event that could be read; 0 where it has, +Inf where it never did',
  })
  let beat: number | null = null
  let beatAt = clock.now()
  metrics.gauge({
    name: 'bulkhead_analyst_silent_seconds',
    help: 'Seconds since a process that analyses was heard of',
    collect() {
      this.set(Math.max(0, clock.now() - beatAt) / 1_000)
    },
  })

  return createPeriodicWorker({
    name: 'analyst-watch',
    intervalMs,
    jitter: JITTER,
    async run() {
      const lease = await store.lease()
      const head = await store.head()
      if (lease !== null && lease.beat !== beat) {
        beat = lease.beat
        beatAt = clock.now()
      }
      const { through = 0, caughtUpAt = 0 } = lease?.progress ?? {}
      const behind = Math.max(0, head - through)
      positions.set(behind)
      const since =
        caughtUpAt === 0 ? Number.POSITIVE_INFINITY : Math.max(0, clock.now() - caughtUpAt) / 1_000
      seconds.set(behind === 0 ? 0 : since)
    },
    log,
    random,
  })
}
