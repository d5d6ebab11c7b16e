import { MAX_EVENTS_PER_BATCH } from '@bulkhead/contracts'

/** @throws RangeError for more events than a batch of the contract holds, which is a bug of the caller */
export function assertBatchSize(items: readonly unknown[]): void {
  if (items.length > MAX_EVENTS_PER_BATCH) {
    throw new RangeError(`at most ${MAX_EVENTS_PER_BATCH} events a call, got ${items.length}`)
  }
}
