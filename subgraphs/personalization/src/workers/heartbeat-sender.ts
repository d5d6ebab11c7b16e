import { derivedEventId, type HeartbeatEvent } from '@bulkhead/contracts'
import type { Clock } from '@bulkhead/service/clock'
import { toServiceError } from '@bulkhead/service/errors'
import type { Logger } from '@bulkhead/service/logging'
import type { Metrics } from '@bulkhead/service/metrics'
import type { Random } from '@bulkhead/service/random'
import { createPeriodicWorker, type Worker } from '@bulkhead/service/worker'
import type { PersonalizationStore } from '../datastore/port.ts'
import type { ExperimentationClient } from '../delivery/experimentation-client.ts'
import type { ServedLedger } from '../state/served-ledger.ts'

const JITTER = 0.1

type HeartbeatSenderOptions = {
  readonly store: Pick<PersonalizationStore, 'outboxState'>
  readonly client: Pick<ExperimentationClient, 'sendEvents'>
  readonly ledger: Pick<ServedLedger, 'counts' | 'dropped' | 'uncounted' | 'oldestInFlight'>
  /** Names this process; no other process ever has the same name. */
  readonly producer: string
  readonly clock: Clock
  readonly random: Pick<Random, 'next'>
  readonly log: Logger
  readonly metrics: Metrics
  readonly intervalMs: number
}

/**
 * Tells experimentation what this process has served and how far its events have been delivered. Sent directly, not
 * through the outbox: counts are cumulative and each heartbeat replaces the ones before it, so nothing is lost with a
 * heartbeat that does not arrive.
 */
export function createHeartbeatSender(options: HeartbeatSenderOptions): Worker {
  const { store, client, ledger, producer, clock, random, log } = options
  const failures = options.metrics.counter({
    name: 'bulkhead_heartbeat_failures_total',
    help: 'Heartbeats that experimentation did not accept; the next one includes their counts',
  })
  options.metrics.gauge({
    name: 'bulkhead_served_uncounted',
    help: 'Served exposures missing from heartbeats, because the limit on distinct counts is reached',
    collect() {
      this.set(ledger.uncounted())
    },
  })
  let sequence = 0
  /** What the last heartbeat said. It stays true, and is sent again while the datastore is unreachable. */
  let deliveredThrough: number | null = null

  return createPeriodicWorker({
    name: 'heartbeat-sender',
    intervalMs: options.intervalMs,
    jitter: JITTER,
    log,
    random,
    async run(signal) {
      const reached = await readDeliveredThrough({ store, ledger, clock })
      if (reached !== null) deliveredThrough = Math.max(reached, deliveredThrough ?? 0)
      if (deliveredThrough === null) return
      sequence += 1
      const heartbeat: HeartbeatEvent = {
        kind: 'heartbeat',
        eventId: derivedEventId('heartbeat', producer, String(sequence)),
        producer,
        sequence,
        deliveredThrough: new Date(deliveredThrough).toISOString(),
        served: ledger.counts(),
        dropped: ledger.dropped(),
        occurredAt: new Date(clock.now()).toISOString(),
      }
      const answer = await client.sendEvents({ producer, events: [heartbeat] }, signal)
      if (answer.type === 'received' && answer.rejected.length === 0) return
      if (signal.aborted) return
      failures.inc()
      // The relay logs outages. A refusal means that the two services disagree about the contract.
      if (answer.type === 'refused' || answer.type === 'received') {
        const code = answer.type === 'refused' ? answer.code : answer.rejected[0]?.code
        log.warn({ code }, 'heartbeat refused')
      }
    },
  })
}

/**
 * The last millisecond up to which every event of this process is delivered or dropped; null while the datastore is
 * unreachable. Writes in flight must be read before the outbox: a write that finishes in between is then in the outbox.
 * In the other order it would be missed.
 */
export async function readDeliveredThrough(options: {
  readonly store: Pick<PersonalizationStore, 'outboxState'>
  readonly ledger: Pick<ServedLedger, 'oldestInFlight'>
  readonly clock: Clock
}): Promise<number | null> {
  const { store, ledger, clock } = options
  const now = clock.now()
  const oldestInFlight = ledger.oldestInFlight()
  try {
    const { oldest } = await store.outboxState()
    return Math.max(0, Math.min(now, oldestInFlight ?? now, oldest ?? now) - 1)
  } catch (error) {
    if (toServiceError(error) === undefined) throw error
    return null
  }
}
