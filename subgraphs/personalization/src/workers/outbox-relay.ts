import { type IngestEvent, MAX_EVENTS_PER_BATCH } from '@bulkhead/contracts'
import type { Clock } from '@bulkhead/service/clock'
import { toServiceError } from '@bulkhead/service/errors'
import type { Logger } from '@bulkhead/service/logging'
import type { Metrics } from '@bulkhead/service/metrics'
import { createPeriodicWorker, type PeriodicWorker } from '@bulkhead/service/worker'
import type { OutboxClaim, OutboxEntry, PersonalizationStore } from '../datastore/port.ts'
import { type DeliveryOutcome, deliverEvents } from '../delivery/event-delivery.ts'
import type { ExperimentationClient } from '../delivery/experimentation-client.ts'
import { packEvents } from '../domain/pack-events.ts'
import { createBackoff, jitteredDelay } from '../services/backoff.ts'
import { createOutageLog } from '../services/outage-log.ts'
import type { Random } from '../services/random.ts'
import type { OutboxGate } from '../state/outbox-gate.ts'
import type { ServedLedger } from '../state/served-ledger.ts'

/** Below the mebibyte that ingest reads, with room for the envelope. */
const MAX_BATCH_BYTES = 900_000
/** Entries that a probe claims: little to hold back if the receiver is still away, and soon answered if it is not. */
const PROBE_ENTRIES = 10
const BASE_BACKOFF_MS = 200
/** Counting a large outbox is not free; between counts the gate knows what was added. */
const MEASURE_INTERVAL_MS = 1_000
const JITTER = 0.2

type RelayStore = Pick<
  PersonalizationStore,
  'claimOutbox' | 'completeOutbox' | 'retryOutbox' | 'outboxState' | 'addDeadLetters'
>

export type OutboxRelayOptions = {
  readonly store: RelayStore
  readonly client: Pick<ExperimentationClient, 'sendEvents'>
  readonly gate: OutboxGate
  readonly ledger: Pick<ServedLedger, 'drop'>
  /** Names this process in its batches. */
  readonly producer: string
  readonly clock: Clock
  readonly random: Random
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
 * Carries the outbox to experimentation's ingest.
 *
 * Guarantee: at least once. An entry leaves the outbox only after the receiver has acknowledged each of its events,
 * which it does after its own durable write, or after the event is durable in the dead-letter store; the receiver
 * drops repetitions by event id. An outage, however long, makes no dead letters: entries wait, and while it lasts one
 * small batch is tried per backoff. Replicas claim by lease and do not disturb each other; what a killed one had
 * claimed is due again when its lease runs out. `stop` gives back what it has claimed.
 */
export function createOutboxRelay(options: OutboxRelayOptions): PeriodicWorker {
  const { store, client, gate, ledger, clock, random, log, batchSize, leaseMs } = options
  const backoffLimits = { baseMs: BASE_BACKOFF_MS, maxMs: options.maxBackoffMs }
  const receiver = createBackoff({ ...backoffLimits, clock, random })
  const datastore = createBackoff({ ...backoffLimits, clock, random })
  const receiverLog = createOutageLog(log, 'delivery of events')
  const datastoreLog = createOutageLog(log, 'reading the outbox')
  let oldest: number | null = null
  const meters = createMeters(options.metrics, {
    size: () => gate.size(),
    oldestSeconds: () => (oldest === null ? 0 : Math.max(0, clock.now() - oldest) / 1_000),
  })
  let measuredAt = Number.NEGATIVE_INFINITY

  async function measureIfDue(): Promise<void> {
    if (clock.now() - measuredAt >= MEASURE_INTERVAL_MS) await measure()
  }

  async function measure(): Promise<void> {
    const state = await gate.measure(() => store.outboxState())
    oldest = state.oldest
    measuredAt = clock.now()
  }

  async function turn(signal: AbortSignal): Promise<void> {
    await measureIfDue()
    let delivered = false
    while (!signal.aborted && !receiver.isWaiting()) {
      const limit = receiver.isFailing() ? Math.min(PROBE_ENTRIES, batchSize) : batchSize
      const claimedAt = clock.now()
      const claim = await store.claimOutbox({ now: claimedAt, leaseMs, limit })
      if (claim.entries.length === 0) break
      const worked = await deliver(claim, claimedAt + leaseMs, signal)
      delivered ||= worked
      if (!worked || claim.entries.length < limit) break
      // A long drain makes room long before it ends.
      await measureIfDue()
    }
    if (delivered) await measure()
  }

  /** Delivers a claim and settles it; false where an outage, or the stop, has left some of it undelivered. */
  async function deliver(claim: OutboxClaim, leaseEnd: number, signal: AbortSignal): Promise<boolean> {
    const open = new Set<IngestEvent>(claim.entries.flatMap((entry) => entry.events))
    const batches = packEvents(claim.entries, { maxEvents: MAX_EVENTS_PER_BATCH, maxBytes: MAX_BATCH_BYTES })
    let outage: DeliveryOutcome['outage'] = null
    let tried: ReadonlySet<IngestEvent> = new Set()
    for (const events of batches) {
      const outcome = await deliverEvents(
        { producer: options.producer, events },
        {
          client,
          signal,
          // A request that outlives the lease would race whoever claims the entries next.
          mayGoOn: () => clock.now() + options.requestTimeoutMs <= leaseEnd,
          now: () => clock.now(),
        },
      )
      await settle(claim, events, outcome, open)
      outage = outcome.outage
      tried = new Set(outcome.unsettled)
      if (outage !== null) break
    }
    if (outage === null) {
      receiver.worked()
      receiverLog.worked()
      // What is left is ahead of the receiver's clock: no hurry helps there.
      await giveBack(claim, open, () => clock.now() + options.maxBackoffMs)
      return true
    }
    if (outage.reason === 'STOPPED') {
      await giveBack(claim, open, () => clock.now())
      return false
    }
    const nextTry = receiver.failed(outage.retryAfterMs)
    receiverLog.failed(outage.reason)
    meters.retries.inc(tried.size)
    // One roll for all: entries that have failed as often stay together, and are given back in one write.
    const roll = random.next()
    // What was tried waits for longer than the relay does: if it is these events that the receiver breaks at, the
    // next try is of others, and succeeds.
    await giveBack(claim, open, (entry) =>
      entry.events.some((event) => tried.has(event))
        ? nextTry + jitteredDelay(entry.attempts, backoffLimits, { next: () => roll })
        : nextTry,
    )
    return false
  }

  /** Dead letters are durable before their entries go; entries go when all of their events are settled. */
  async function settle(
    claim: OutboxClaim,
    events: readonly IngestEvent[],
    outcome: DeliveryOutcome,
    open: Set<IngestEvent>,
  ): Promise<void> {
    if (outcome.letters.length > 0) {
      await store.addDeadLetters(outcome.letters)
      ledger.drop(outcome.letters.length)
      for (const { code } of outcome.letters) meters.deadLetters.inc({ code })
      log.warn(
        { events: outcome.letters.length, code: outcome.letters[0]?.code },
        'events were refused for good and are in the dead-letter store',
      )
    }
    meters.delivered.inc(outcome.accepted)
    if (outcome.tooEarly.length > 0) {
      meters.retries.inc(outcome.tooEarly.length)
      log.warn(
        { events: outcome.tooEarly.length },
        'events are ahead of the clock of experimentation; retrying',
      )
    }
    const unsettled = new Set([...outcome.unsettled, ...outcome.tooEarly])
    const closing = new Set(events.filter((event) => !unsettled.has(event)))
    for (const event of closing) open.delete(event)
    const done = claim.entries.filter(
      (entry) =>
        entry.events.some((event) => closing.has(event)) && !entry.events.some((event) => open.has(event)),
    )
    if (done.length > 0) await store.completeOutbox(claim.token, ids(done))
  }

  async function giveBack(
    claim: OutboxClaim,
    open: ReadonlySet<IngestEvent>,
    dueAt: (entry: OutboxEntry) => number,
  ): Promise<void> {
    const left = claim.entries.filter((entry) => entry.events.some((event) => open.has(event)))
    for (const [due, entries] of Map.groupBy(left, dueAt)) {
      await store.retryOutbox(claim.token, ids(entries), due)
    }
  }

  return createPeriodicWorker({
    name: 'outbox-relay',
    intervalMs: options.intervalMs,
    jitter: JITTER,
    log,
    random: () => random.next(),
    async run(signal) {
      if (datastore.isWaiting()) return
      try {
        await turn(signal)
        datastore.worked()
        datastoreLog.worked()
      } catch (error) {
        const known = toServiceError(error)
        if (known === undefined) throw error
        datastore.failed(null)
        datastoreLog.failed(known.code, error)
      }
    },
  })
}

function ids(entries: readonly { readonly id: string }[]): string[] {
  return entries.map((entry) => entry.id)
}

/** Gauges are read when they are asked for: a turn that waits for a frozen receiver must not freeze them too. */
function createMeters(metrics: Metrics, outbox: { size(): number; oldestSeconds(): number }) {
  metrics.gauge({
    name: 'bulkhead_outbox_size',
    help: 'Outbox entries that are not delivered: as last measured, and what this replica has added since',
    collect() {
      this.set(outbox.size())
    },
  })
  metrics.gauge({
    name: 'bulkhead_outbox_oldest_seconds',
    help: 'Age of the oldest event in the outbox when it was last measured; 0 where it was empty',
    collect() {
      this.set(outbox.oldestSeconds())
    },
  })
  return {
    delivered: metrics.counter({
      name: 'bulkhead_outbox_delivered_total',
      help: 'Events that experimentation has acknowledged, repetitions included',
    }),
    retries: metrics.counter({
      name: 'bulkhead_outbox_retries_total',
      help: 'Events that were sent, or about to be, and that experimentation could not take',
    }),
    deadLetters: metrics.counter({
      name: 'bulkhead_dead_letters_total',
      help: 'Events kept in the dead-letter store, by the reason for which they were refused',
      labelNames: ['code'],
    }),
  }
}
