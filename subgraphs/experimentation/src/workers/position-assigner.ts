import type { Logger } from '@bulkhead/service/logging'
import type { Metrics } from '@bulkhead/service/metrics'
import type { Random } from '@bulkhead/service/random'
import { createPeriodicWorker, type Worker } from '@bulkhead/service/worker'
import type { ExperimentationStore } from '../datastore/port.ts'

export type PositionAssignerOptions = {
  readonly store: Pick<ExperimentationStore, 'assignPositions' | 'head'>
  readonly intervalMs: number
  readonly random: Pick<Random, 'next'>
  readonly log: Logger
  readonly metrics: Metrics
}

const MAX_EVENTS_PER_CALL = 500
const JITTER = 0.2

/**
 * Gives ingested events their positions until none is left, then pauses. Every replica runs one. The datastore keeps
 * positions unique and without gaps, so if a replica dies or freezes, the others continue.
 */
export function createPositionAssigner(options: PositionAssignerOptions): Worker {
  const { store, intervalMs, random, log, metrics } = options
  const headGauge = metrics.gauge({
    name: 'bulkhead_ingest_head',
    help: 'Highest ingest position that can be read',
  })
  return createPeriodicWorker({
    name: 'position-assigner',
    intervalMs,
    jitter: JITTER,
    async run(signal) {
      while (!signal.aborted && (await store.assignPositions(MAX_EVENTS_PER_CALL)) > 0);
      headGauge.set(await store.head())
    },
    log,
    random,
  })
}
