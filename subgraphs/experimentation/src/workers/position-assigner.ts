import type { Logger } from '@bulkhead/service/logging'
import type { Metrics } from '@bulkhead/service/metrics'
import type { Random } from '@bulkhead/service/random'
import { createPeriodicWorker, type Worker } from '@bulkhead/service/worker'
import type { ExperimentationStore } from '../datastore/port.ts'

export type PositionAssignerOptions = {
  readonly store: Pick<ExperimentationStore, 'assignPositions' | 'head' | 'unpositioned'>
  readonly intervalMs: number
  readonly random: Pick<Random, 'next'>
  readonly log: Logger
  readonly metrics: Metrics
}

/** Calls of ingest. Between two calls of this worker, stopping it is possible. */
const MAX_PER_CALL = 1_000
const JITTER = 0.2

export type PositionAssigner = Worker & {
  /** How many events had no position when it was last looked. */
  unpositioned(): number
}

/**
 * Gives ingested events their positions until none is left, then pauses. Every replica runs one. The datastore keeps
 * positions unique and without gaps, so if a replica dies or freezes, the others continue.
 */
export function createPositionAssigner(options: PositionAssignerOptions): PositionAssigner {
  const { store, intervalMs, random, log, metrics } = options
  const headGauge = metrics.gauge({
    name: 'bulkhead_ingest_head',
    help: 'Highest ingest position that can be read',
  })
  const unpositionedGauge = metrics.gauge({
    name: 'bulkhead_ingest_unpositioned',
    help: 'Stored events that wait for their ingest positions',
  })
  let unpositioned = 0

  async function look(): Promise<void> {
    unpositioned = (await store.unpositioned()).events
    unpositionedGauge.set(unpositioned)
  }

  const worker = createPeriodicWorker({
    name: 'position-assigner',
    intervalMs,
    jitter: JITTER,
    async run(signal) {
      // Before as well, because giving positions is what may take long or fail.
      await look()
      while (!signal.aborted && (await store.assignPositions(MAX_PER_CALL)) > 0) await look()
      headGauge.set(await store.head())
    },
    log,
    random,
  })
  return { ...worker, unpositioned: () => unpositioned }
}
