import type { ExposureEvent } from '@bulkhead/contracts'
import { isRunningAt } from './intervals.ts'

/**
 * Whether an exposure counts: it is not forced, and it occurred while its experiment was running. When it arrived, and
 * what arrived before it, does not matter. The time of one that claims to be later than its arrival is its arrival.
 * @param recordedAt when ingest received it, epoch milliseconds
 */
export function isCounted(
  event: Pick<ExposureEvent, 'forced' | 'occurredAt'>,
  recordedAt: number,
  experiment: Parameters<typeof isRunningAt>[0],
): boolean {
  if (event.forced) return false
  return isRunningAt(experiment, Math.min(Date.parse(event.occurredAt), recordedAt))
}
