import type { Logger } from '@bulkhead/service/logging'
import type { Random } from '@bulkhead/service/random'
import { createPeriodicWorker, type Worker } from '@bulkhead/service/worker'
import type { SnapshotService } from '../services/snapshot-service.ts'

const JITTER = 0.2

/** Takes over what other replicas publish. While the datastore is away, the last snapshot goes on being served. */
export function createSnapshotRefresher(options: {
  snapshots: Pick<SnapshotService, 'refresh'>
  intervalMs: number
  log: Logger
  random: Pick<Random, 'next'>
}): Worker {
  const { snapshots, intervalMs, log, random } = options
  return createPeriodicWorker({
    name: 'snapshot-refresher',
    intervalMs,
    jitter: JITTER,
    log,
    random,
    run: () => snapshots.refresh(),
  })
}
