import type { Logger } from '@bulkhead/service/logging'
import type { Random } from '@bulkhead/service/random'
import { createPeriodicWorker, type Worker } from '@bulkhead/service/worker'
import type { SnapshotService } from '../services/snapshot-service.ts'

const JITTER = 0.2

/** Takes over what other replicas publish. While the datastore is away, the last snapshot goes on being served. */
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
