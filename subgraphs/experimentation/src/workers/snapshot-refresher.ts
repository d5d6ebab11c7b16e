import type { Logger } from '@bulkhead/service/logging'
import type { Random } from '@bulkhead/service/random'
import { createPeriodicWorker, type Worker } from '@bulkhead/service/worker'
import type { SnapshotService } from '../services/snapshot-service.ts'

const JITTER = 0.2

/** Loads snapshots that other replicas publish. While the datastore is unavailable, the last one is still served. */
export function createSnapshotRefresher(options: {
  readonly snapshots: Pick<SnapshotService, 'refresh'>
  readonly intervalMs: number
  readonly random: Pick<Random, 'next'>
  readonly log: Logger
}): Worker {
  const { snapshots, intervalMs, random, log } = options
  return createPeriodicWorker({
    name: 'snapshot-refresher',
    intervalMs,
    jitter: JITTER,
    run: () => snapshots.refresh(),
    log,
    random,
  })
}
