import type { IngestEvent } from '@bulkhead/contracts'

/** An outbox entry as its delivery sees it. It has at least one event: the stores make no entry without. */
export type ClaimedEntry = {
  /** Unique within a claim. */
  readonly id: string
  readonly events: readonly IngestEvent[]
  /** Deliveries tried before this one. */
  readonly attempts: number
}

/** One event of a claim, and the entry that it belongs to. */
export type ClaimedEvent = { readonly entryId: string; readonly event: IngestEvent }

export type PackingLimits = {
  readonly maxEvents: number
  /** Bytes of the events' JSON. A larger event is sent alone. */
  readonly maxBytes: number
}

/**
 * Packs the events of outbox entries, in their order, into batches. The more often an entry has failed, the smaller its
 * batch: an event that makes the receiver fail is finally sent alone, and the others are delivered.
 */
export function packEvents(entries: readonly ClaimedEntry[], limits: PackingLimits): ClaimedEvent[][] {
  const batches: ClaimedEvent[][] = []
  let batch: ClaimedEvent[] = []
  let bytes = 0
  let allowed = limits.maxEvents
  for (const { id, events, attempts } of entries) {
    const allowance = Math.max(1, Math.floor(limits.maxEvents / 2 ** attempts))
    for (const event of events) {
      const size = Buffer.byteLength(JSON.stringify(event)) + 1
      const full = batch.length >= Math.min(allowed, allowance) || bytes + size > limits.maxBytes
      if (batch.length > 0 && full) {
        batches.push(batch)
        batch = []
        bytes = 0
        allowed = limits.maxEvents
      }
      batch.push({ entryId: id, event })
      bytes += size
      allowed = Math.min(allowed, allowance)
    }
  }
  if (batch.length > 0) batches.push(batch)
  return batches
}
