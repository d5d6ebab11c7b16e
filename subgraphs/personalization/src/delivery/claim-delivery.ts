import { MAX_EVENTS_PER_BATCH } from '@bulkhead/contracts'
import type { Clock } from '@bulkhead/service/clock'
import type { Logger } from '@bulkhead/service/logging'
import type { OutboxClaim, PersonalizationStore } from '../datastore/port.ts'
import { packEvents } from '../domain/pack-events.ts'
import { type OpenEntry, openEntries, settleEvents } from '../domain/settle-claim.ts'
import type { ServedLedger } from '../state/served-ledger.ts'
import { type DeliveryOutcome, deliverEvents, type Interruption } from './event-delivery.ts'
import type { ExperimentationClient } from './experimentation-client.ts'
import type { RelayMetrics } from './relay-metrics.ts'

const PACKING = {
  maxEvents: MAX_EVENTS_PER_BATCH,
  /** Below the mebibyte that ingest reads, with room for the envelope. */
  maxBytes: 900_000,
}

type ClaimDelivery = {
  /** What stays in the outbox, for the caller to release. */
  readonly open: readonly OpenEntry[]
  /** Null where every batch was answered: the receiver may take later what is left. */
  readonly interruption: Interruption | null
}

/**
 * Delivers claims, batch after batch, until one is interrupted. Entries leave the outbox with the batch that settles the
 * last of their events, and after their dead letters are durable.
 */
export function createClaimDelivery(options: {
  readonly store: Pick<PersonalizationStore, 'completeOutbox' | 'addDeadLetters'>
  readonly client: Pick<ExperimentationClient, 'sendEvents'>
  readonly ledger: Pick<ServedLedger, 'drop'>
  readonly producer: string
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: RelayMetrics
  readonly requestTimeoutMs: number
}) {
  const { store, client, ledger, producer, clock, log, metrics, requestTimeoutMs } = options

  async function keepDeadLetters(letters: DeliveryOutcome['letters']): Promise<void> {
    if (letters.length === 0) return
    await store.addDeadLetters(letters)
    ledger.drop(letters.length)
    for (const { code } of letters) metrics.deadLetters.inc({ code })
    log.warn({ events: letters.length, code: letters[0]?.code }, 'events refused, kept as dead letters')
  }

  function countAnswered({ settled, letters, postponed }: DeliveryOutcome): void {
    metrics.delivered.inc(settled.length - letters.length)
    if (postponed.length === 0) return
    metrics.retries.inc(postponed.length)
    log.warn({ events: postponed.length }, 'events that experimentation does not take yet stay in the outbox')
  }

  /** @param leaseEnd epoch milliseconds */
  return async function deliver(
    claim: OutboxClaim,
    leaseEnd: number,
    signal: AbortSignal,
  ): Promise<ClaimDelivery> {
    // A request that outlives the lease would race whoever claims the entries next.
    const hasTime = () => clock.now() + requestTimeoutMs <= leaseEnd
    let open: readonly OpenEntry[] = openEntries(claim.entries)
    for (const batch of packEvents(claim.entries, PACKING)) {
      const outcome = await deliverEvents(batch, { producer, client, clock, signal, hasTime })
      await keepDeadLetters(outcome.letters)
      countAnswered(outcome)
      const settlement = settleEvents(open, outcome.settled)
      if (settlement.completed.length > 0) await store.completeOutbox(claim.token, settlement.completed)
      open = settlement.open
      if (outcome.interruption !== null) return { open, interruption: outcome.interruption }
    }
    return { open, interruption: null }
  }
}
