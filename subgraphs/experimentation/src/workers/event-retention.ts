import type { Clock } from '@bulkhead/service/clock'
import type { Logger } from '@bulkhead/service/logging'
import type { Metrics } from '@bulkhead/service/metrics'
import type { Random } from '@bulkhead/service/random'
import { createPeriodicWorker, type Worker } from '@bulkhead/service/worker'
import type { ExperimentationStore } from '../datastore/port.ts'

const INTERVAL_MS = 60_000
const JITTER = 0.2
const EVENTS_PER_CALL = 5_000

/**
 * Erases events of a certain age once they are counted, in the read model of whoever analyses, and in the archive, never
 * before. None of them can be counted twice: what is older than the retention is not taken in again, because ingest refuses
 * it for its age. Events that were refused go at the same age.
 */
export function createEventRetention(options: {
  readonly store: Pick<
    ExperimentationStore,
    'archive' | 'countedThrough' | 'eraseEvents' | 'eraseRejections' | 'lease'
  >
  /** Whether a process keeps a read model that follows the log; where none does, each analysis reads what is there. */
  readonly isFollowed: boolean
  /** The export that has to hold events before they are erased; null for none. */
  readonly archive: string | null
  readonly clock: Clock
  readonly retentionMs: number
  readonly intervalMs?: number
  readonly random: Pick<Random, 'next'>
  readonly log: Logger
  readonly metrics: Metrics
}): Worker {
  const { store, isFollowed, archive, clock, retentionMs, intervalMs = INTERVAL_MS } = options
  const { random, log, metrics } = options
  const erased = metrics.counter({
    name: 'bulkhead_ingest_erased_total',
    help: 'Events that were erased for their age',
  })
  return createPeriodicWorker({
    name: 'event-retention',
    intervalMs,
    jitter: JITTER,
    async run(signal) {
      const recordedBefore = clock.now() - retentionMs
      const { position: counted } = await store.countedThrough()
      // One that begins anew holds it back until it has caught up.
      const followed = isFollowed ? ((await store.lease())?.progress.through ?? 0) : counted
      const archived = archive === null ? counted : ((await store.archive(archive))?.through ?? 0)
      const upTo = Math.min(counted, followed, archived)
      await repeat(signal, async (limit) => {
        const count = await store.eraseEvents({ recordedBefore, upTo, limit })
        erased.inc(count)
        return count
      })
      await repeat(signal, (limit) => store.eraseRejections({ rejectedBefore: recordedBefore, limit }))
    },
    log,
    random,
  })
}

/** Erases in bounded calls, until one erases less than it may. */
async function repeat(signal: AbortSignal, erase: (limit: number) => Promise<number>): Promise<void> {
  while (!signal.aborted && (await erase(EVENTS_PER_CALL)) >= EVENTS_PER_CALL);
}
