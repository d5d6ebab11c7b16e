import { createBackoff, jitteredDelay } from '@bulkhead/service/backoff'
import type { Clock } from '@bulkhead/service/clock'
import { toServiceError } from '@bulkhead/service/errors'
import { createFailureLog } from '@bulkhead/service/failure-log'
import type { Logger } from '@bulkhead/service/logging'
import type { Metrics } from '@bulkhead/service/metrics'
import type { Random } from '@bulkhead/service/random'
import { createPeriodicWorker, type Worker } from '@bulkhead/service/worker'
import type { PersonalizationStore } from '../datastore/port.ts'
import { createClaimDelivery } from '../delivery/claim-delivery.ts'
import type { Interruption } from '../delivery/event-delivery.ts'
import type { ExperimentationClient } from '../delivery/experimentation-client.ts'
import { createRelayMetrics } from '../delivery/relay-metrics.ts'
import { type ReleaseTimes, releaseEntries } from '../domain/settle-claim.ts'
import type { OutboxGate } from '../state/outbox-gate.ts'
import type { ServedLedger } from '../state/served-ledger.ts'

/** Entries that are tried while the receiver is failing: few, so that few have to wait if it fails again. */
const PROBE_ENTRIES = 10
const BASE_BACKOFF_MS = 200
/** Counting a large outbox is expensive. Between two counts the gate adds up what is written. */
const MEASURE_INTERVAL_MS = 1_000
const JITTER = 0.2

export type OutboxRelayOptions = {
  readonly store: Pick<
    PersonalizationStore,
    'claimOutbox' | 'completeOutbox' | 'retryOutbox' | 'outboxState' | 'addDeadLetters'
  >
  readonly client: Pick<ExperimentationClient, 'sendEvents'>
  readonly gate: Pick<OutboxGate, 'measure' | 'size'>
  readonly ledger: Pick<ServedLedger, 'drop'>
  /** Names this process in its batches. */
  readonly producer: string
  readonly clock: Clock
  readonly random: Pick<Random, 'next'>
  readonly log: Logger
  readonly metrics: Metrics
  readonly intervalMs: number
  /** Entries of one claim. */
  readonly batchSize: number
  /** Longer than a request can take. */
  readonly leaseMs: number
  readonly requestTimeoutMs: number
  readonly maxBackoffMs: number
}

/**
 * Delivers the outbox to experimentation: measures it, claims the entries that are due, sends their events in batches,
 * removes the entries that were answered, and releases the others.
 *
 * Guarantee: at least once. An entry leaves the outbox only after the receiver has acknowledged each of its events,
 * which it does after its own durable write, or after the event is durable in the dead-letter store; the receiver drops
 * repetitions by event id. An outage never makes dead letters, however long it lasts: entries wait, and one small batch
 * is tried after each backoff. Replicas never claim the same entry at the same time; what a killed one had claimed is
 * due again when its lease ends. `stop` releases what is claimed.
 */
export function createOutboxRelay(options: OutboxRelayOptions): Worker {
  const { store, gate, clock, random, log, batchSize, leaseMs } = options
  const backoffLimits = { baseMs: BASE_BACKOFF_MS, maxMs: options.maxBackoffMs }
  const receiver = createBackoff({ ...backoffLimits, clock, random })
  const datastore = createBackoff({ ...backoffLimits, clock, random })
  const receiverLog = createFailureLog({ log, clock, what: 'delivery of events' })
  const datastoreLog = createFailureLog({ log, clock, what: 'reading the outbox' })
  let oldest: number | null = null
  let measuredAt = Number.NEGATIVE_INFINITY
  const metrics = createRelayMetrics(options.metrics, {
    size: () => gate.size(),
    oldestSeconds: () => (oldest === null ? 0 : Math.max(0, clock.now() - oldest) / 1_000),
  })
  const deliver = createClaimDelivery({ ...options, metrics })

  async function relay(signal: AbortSignal): Promise<void> {
    await measureIfDue()
    let delivered = false
    while (!signal.aborted && !receiver.isWaiting()) {
      const limit = receiver.isFailing() ? Math.min(PROBE_ENTRIES, batchSize) : batchSize
      const claimedAt = clock.now()
      const claim = await store.claimOutbox({ now: claimedAt, leaseMs, limit })
      if (claim.entries.length === 0) break
      const { open, interruption } = await deliver(claim, claimedAt + leaseMs, signal)
      for (const { entryIds, dueAt } of releaseEntries(open, conclude(interruption))) {
        await store.retryOutbox(claim.token, entryIds, dueAt)
      }
      if (interruption !== null) break
      delivered = true
      if (claim.entries.length < limit) break
      // Delivering a long outbox makes room in it long before the end, and the gate should know.
      await measureIfDue()
    }
    if (delivered) await measure()
  }

  async function measureIfDue(): Promise<void> {
    if (clock.now() - measuredAt >= MEASURE_INTERVAL_MS) await measure()
  }

  async function measure(): Promise<void> {
    const state = await gate.measure(() => store.outboxState())
    oldest = state.oldest
    measuredAt = clock.now()
  }

  /** Records whether the receiver failed, and says when the entries that are left are due again. */
  function conclude(interruption: Interruption | null): ReleaseTimes {
    const allAt = (dueAt: number): ReleaseTimes => ({ dueAt, tried: [], pauseMs: () => 0 })
    if (interruption === null) {
      receiver.succeeded()
      receiverLog.succeeded()
      // Only events that the receiver does not take yet are left, and trying them soon would not help.
      return allAt(clock.now() + options.maxBackoffMs)
    }
    const { cause, unsettled } = interruption
    if (cause.reason === 'STOPPED') return allAt(clock.now())
    receiverLog.failed(cause.reason)
    metrics.retries.inc(unsettled.length)
    const dueAt = receiver.failed(cause.retryAfterMs)
    // One random number for all, so that entries with the same number of attempts are released in one write.
    const drawn = random.next()
    const pauseMs = (attempts: number) => jitteredDelay(attempts, backoffLimits, { next: () => drawn })
    return { dueAt, tried: unsettled, pauseMs }
  }

  return createPeriodicWorker({
    name: 'outbox-relay',
    intervalMs: options.intervalMs,
    jitter: JITTER,
    log,
    random,
    async run(signal) {
      if (datastore.isWaiting()) return
      try {
        await relay(signal)
        datastore.succeeded()
        datastoreLog.succeeded()
      } catch (error) {
        const known = toServiceError(error)
        if (known === undefined) throw error
        datastore.failed(null)
        datastoreLog.failed(known.code, { err: error })
      }
    },
  })
}
