import type { ExposureEvent } from '@bulkhead/contracts'
import { isRunningAt } from './intervals.ts'

type Timed = Pick<ExposureEvent, 'occurredAt'>

/**
 * When an exposure counts as having occurred, epoch milliseconds: one that claims to be later than its arrival occurred
 * at its arrival.
 * @param recordedAt when ingest received it, epoch milliseconds
 */
export function exposureTime(event: Timed, recordedAt: number): number {
  return Math.min(Date.parse(event.occurredAt), recordedAt)
}

/**
 * Whether an exposure counts: it is not forced, and it occurred while its experiment was running. When it arrived, and
 * what arrived before it, does not matter.
 */
export function isCounted(
  event: Timed & Pick<ExposureEvent, 'forced'>,
  recordedAt: number,
  experiment: Parameters<typeof isRunningAt>[0],
): boolean {
  if (event.forced) return false
  return isRunningAt(experiment, exposureTime(event, recordedAt))
}
