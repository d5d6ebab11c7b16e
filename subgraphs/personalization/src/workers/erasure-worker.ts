import type { Clock } from '@bulkhead/service/clock'
import type { Logger } from '@bulkhead/service/logging'
import type { Metrics } from '@bulkhead/service/metrics'
import type { Random } from '@bulkhead/service/random'
import { createPeriodicWorker, type Worker } from '@bulkhead/service/worker'
import type { OpenErasure } from '../domain/erasure.ts'
import type { ErasureService } from '../services/erasure-service.ts'

const INTERVAL_MS = 5_000
const JITTER = 0.2

/**
 * Carries on erasures until nothing of the user is left, and finishes them. Any replica goes on with those of any
 * other; one that is killed in the middle loses nothing but the step under way.
 */
export function createErasureWorker(options: {
  readonly erasures: Pick<ErasureService, 'carryOn'>
  readonly clock: Clock
  readonly random: Pick<Random, 'next'>
  readonly log: Logger
  readonly metrics: Metrics
}): Worker {
  const { erasures, clock } = options
  let open: readonly OpenErasure[] = []
  options.metrics.gauge({
    name: 'bulkhead_erasure_oldest_open_seconds',
    help: 'Age of the oldest erasure of a user that is not finished, at most 100 of them; 0 where there is none',
    collect() {
      const [oldest] = open
      this.set(oldest === undefined ? 0 : Math.max(0, clock.now() - oldest.at) / 1_000)
    },
  })
  return createPeriodicWorker({
    name: 'erasure-worker',
    intervalMs: INTERVAL_MS,
    jitter: JITTER,
    async run(signal) {
      open = await erasures.carryOn(signal)
    },
    log: options.log,
    random: options.random,
  })
}
