import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from '@bulkhead/service/logging'
import type { Random } from '@bulkhead/service/random'
import { createPeriodicWorker, type Worker } from '@bulkhead/service/worker'
import type { ExposureCounting } from '../services/exposure-counting.ts'

const JITTER = 0.2

/** Counts exposures until none is left, then pauses. Whoever analyses runs one; a step of another process is never repeated. */
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
      for (;;) {
        const startedAt = performance.now()
        if (signal.aborted || !(await counting.step())) return
        // Ingest goes first: it has the datastore to itself for half of the time.
        await sleep(performance.now() - startedAt, undefined, { signal }).catch(() => undefined)
      }
    },
    log,
    random,
  })
}
