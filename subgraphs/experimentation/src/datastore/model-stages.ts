import type { ModelStageChangedEvent } from '@bulkhead/contracts'

/** When the event says that its version was rolled back, epoch milliseconds; null where it says something else. */
export function rollbackTime({
  to,
  reason,
  occurredAt,
}: Pick<ModelStageChangedEvent, 'to' | 'reason' | 'occurredAt'>): number | null {
  return to === 'RETIRED' && reason === 'rolled-back' ? Date.parse(occurredAt) : null
}
