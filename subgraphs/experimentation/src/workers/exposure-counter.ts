import type { Logger } from '@bulkhead/service/logging'
import type { Random } from '@bulkhead/service/random'
import { createPeriodicWorker, type Worker } from '@bulkhead/service/worker'
import type { ExposureCounting } from '../services/exposure-counting.ts'

const JITTER = 0.2

/** Counts exposures until none is left, then pauses. Every replica runs one; a step of another replica is never repeated. */
export function createExposureCounter(options: {
  readonly counting: ExposureCounting
  readonly intervalMs: number
  readonly random: Pick<Random, 'next'>
  readonly log: Logger
}): Worker {
  const { counting, intervalMs, random, log } = options
  return createPeriodicWorker({
    name: 'exposure-counter',
    intervalMs,
    jitter: JITTER,
    async run(signal) {
      while (!signal.aborted && (await counting.step())) {
        // A call of SQLite does not yield to the event loop, and requests go first.
        await new Promise(setImmediate)
      }
    },
    log,
    random,
  })
}
