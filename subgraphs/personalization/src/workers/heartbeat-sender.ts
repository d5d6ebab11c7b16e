import { derivedEventId, type GoodbyeEvent, type HeartbeatEvent } from '@bulkhead/contracts'
import type { Clock } from '@bulkhead/service/clock'
import { withDeadline } from '@bulkhead/service/deadline'
import { toServiceError } from '@bulkhead/service/errors'
import type { Logger } from '@bulkhead/service/logging'
import type { Metrics } from '@bulkhead/service/metrics'
import type { Random } from '@bulkhead/service/random'
import { createPeriodicWorker, type Worker } from '@bulkhead/service/worker'
import type { PersonalizationStore } from '../datastore/port.ts'
import type { ExperimentationClient } from '../delivery/experimentation-client.ts'
import type { ServedLedger } from '../state/served-ledger.ts'

const JITTER = 0.1
/** A process that stops does not wait longer for its goodbye: others can take over from it all the same. */
const GOODBYE_DEADLINE_MS = 1_000

type HeartbeatSenderOptions = {
  readonly store: Pick<PersonalizationStore, 'outboxState'>
  readonly client: Pick<ExperimentationClient, 'sendEvents'>
  readonly ledger: Pick<ServedLedger, 'report' | 'acknowledge' | 'uncounted' | 'oldestInFlight'>
  /** Names this process; no other process ever has the same name. */
  readonly producer: string
  /** Names the outbox that this process shares with its replicas. */
  readonly outbox: string
  readonly clock: Clock
  readonly random: Pick<Random, 'next'>
  readonly log: Logger
  readonly metrics: Metrics
  readonly intervalMs: number
}

/**
 * Tells experimentation what this process has served and how far its events have been delivered. Sent directly, not
 * through the outbox: an hour is told again until it was acknowledged, so nothing is lost with a heartbeat that does not
 * arrive. The last one, when the worker stops, is a goodbye: stop it after whatever still serves or delivers.
 */
export function createHeartbeatSender(options: HeartbeatSenderOptions): Worker {
  const { store, client, ledger, producer, outbox, clock, random, log } = options
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

  async function tell(kind: 'heartbeat' | 'goodbye', signal: AbortSignal): Promise<void> {
    // Before the outbox is read: the report is about this instant, and a goodbye has nothing to say of a later one.
    const now = clock.now()
    const reached = await readDeliveredThrough({ store, ledger, now })
    if (reached !== null) deliveredThrough = Math.max(reached, deliveredThrough ?? 0)
    if (deliveredThrough === null) return
    sequence += 1
    const report = ledger.report(now)
    const event: HeartbeatEvent | GoodbyeEvent = {
      kind,
      eventId: derivedEventId('heartbeat', producer, String(sequence)),
      producer,
      outbox,
      sequence,
      deliveredThrough: new Date(deliveredThrough).toISOString(),
      served: report.served,
      dropped: report.dropped,
      uncounted: report.uncounted,
      occurredAt: new Date(now).toISOString(),
    }
    const answer = await client.sendEvents({ producer, events: [event] }, signal)
    if (answer.type === 'received' && answer.rejected.length === 0) return ledger.acknowledge(report)
    if (signal.aborted) return
    failures.inc()
    // The relay logs outages. A refusal means that the two services disagree about the contract.
    if (answer.type === 'refused' || answer.type === 'received') {
      const code = answer.type === 'refused' ? answer.code : answer.rejected[0]?.code
      log.warn({ code }, `${kind} refused`)
    }
  }

  const worker = createPeriodicWorker({
    name: 'heartbeat-sender',
    intervalMs: options.intervalMs,
    jitter: JITTER,
    log,
    random,
    run: (signal) => tell('heartbeat', signal),
  })
  return {
    ...worker,
    async stop() {
      await worker.stop()
      // Nobody knows a producer that has not sent a heartbeat.
      if (sequence === 0) return
      const sent = withDeadline(
        (signal) => tell('goodbye', signal),
        GOODBYE_DEADLINE_MS,
        () => undefined,
      )
      await sent.catch((error: unknown) => log.warn({ err: error }, 'no goodbye was sent'))
    },
  }
}

/**
 * The last millisecond up to which every event that this process has recorded is delivered or dropped; null while the
 * datastore is unreachable. Writes in flight must be read before the outbox: a write that finishes in between is then in the outbox.
 * In the other order it would be missed.
 */
export async function readDeliveredThrough(options: {
  readonly store: Pick<PersonalizationStore, 'outboxState'>
  readonly ledger: Pick<ServedLedger, 'oldestInFlight'>
  /** Epoch milliseconds. */
  readonly now: number
}): Promise<number | null> {
  const { store, ledger, now } = options
  const oldestInFlight = ledger.oldestInFlight()
  try {
    const { oldest } = await store.outboxState()
    return Math.max(0, Math.min(now, oldestInFlight ?? now, oldest ?? now) - 1)
  } catch (error) {
    if (toServiceError(error) === undefined) throw error
    return null
  }
}
