import type { Clock } from '@bulkhead/service/clock'
import type { Logger } from '@bulkhead/service/logging'
import type { Metrics } from '@bulkhead/service/metrics'
import type { Random } from '@bulkhead/service/random'
import { createPeriodicWorker, type Worker } from '@bulkhead/service/worker'
import type { ExperimentationStore } from '../datastore/port.ts'
import type { UnitErasing } from '../services/unit-erasure.ts'

const INTERVAL_MS = 1_000
const JITTER = 0.2
const FORGET_INTERVAL_MS = 3_600_000

/** Longer than any call of ingest takes after it has judged how old an event is. */
const MARGIN_MS = 86_400_000

/**
 * Erases units until none waits, then pauses. Every replica runs one. An erasure that is done is remembered for as long as
 * ingest takes in events from before it, and until the archive has applied it.
 */
export function createUnitEraser(options: {
  readonly erasing: UnitErasing
  readonly store: Pick<ExperimentationStore, 'archive' | 'forgetErasures' | 'waitingErasures'>
  /** The export that has to apply erasures before they are forgotten; null for none. */
  readonly archive: string | null
  readonly eventMaxAgeMs: number
  readonly intervalMs?: number
  readonly clock: Clock
  readonly random: Pick<Random, 'next'>
  readonly log: Logger
  readonly metrics: Metrics
}): Worker {
  const {
    erasing,
    store,
    archive,
    eventMaxAgeMs,
    intervalMs = INTERVAL_MS,
    clock,
    random,
    log,
    metrics,
  } = options
  const units = metrics.counter({
    name: 'bulkhead_erasure_units_total',
    help: 'Units that were erased everywhere',
  })
  const events = metrics.counter({
    name: 'bulkhead_erasure_events_total',
    help: 'Events that were erased with their units',
  })
  const oldest = metrics.gauge({
    name: 'bulkhead_erasure_oldest_waiting_seconds',
    help: 'How long the oldest erasure has been waiting to be carried out everywhere; 0 where none waits',
  })

  /** Before which instant erasures may be forgotten. */
  async function forgettable(now: number): Promise<number> {
    const late = now - eventMaxAgeMs - MARGIN_MS
    if (archive === null) return late
    return Math.min(late, (await store.archive(archive))?.erasuresFrom ?? 0)
  }

  let forgotAt = Number.NEGATIVE_INFINITY

  async function look(): Promise<void> {
    const [first] = await store.waitingErasures(1)
    oldest.set(first === undefined ? 0 : Math.max(clock.now() - first.recordedAt, 0) / 1000)
  }

  return createPeriodicWorker({
    name: 'unit-eraser',
    intervalMs,
    jitter: JITTER,
    async run(signal) {
      await look()
      for (let more = true; more && !signal.aborted; ) {
        const step = await erasing.step()
        units.inc(step.units)
        events.inc(step.events)
        more = step.more
        // A call of SQLite does not yield to the event loop, and requests go first.
        await new Promise(setImmediate)
      }
      await look()
      const now = clock.now()
      if (now - forgotAt < FORGET_INTERVAL_MS) return
      await store.forgetErasures(await forgettable(now))
      forgotAt = now
    },
    log,
    random,
  })
}
