import type { ExposureEvent } from '@bulkhead/contracts'
import type { Experiment } from './experiment.ts'

/** Epoch milliseconds, both ends included; `to` is null while it lasts. */
type Interval = { readonly from: number; readonly to: number | null }

/** When the experiment was running, from its recorded starts, pauses, resumptions and stops. */
export function runningIntervals({ history }: Pick<Experiment, 'history'>): readonly Interval[] {
  const intervals: Interval[] = []
  let from: number | null = null
  for (const change of history) {
    if (change.to === 'RUNNING') from ??= change.at
    else if (from !== null) {
      intervals.push({ from, to: change.at })
      from = null
    }
  }
  if (from !== null) intervals.push({ from, to: null })
  return intervals
}

/**
 * Whether an exposure counts: it is not forced, and it occurred while its experiment was running. When it arrived, and
 * what arrived before it, does not matter. The time of one that claims to be later than its arrival is its arrival.
 * @param recordedAt when ingest received it, epoch milliseconds
 */
export function isCounted(
  event: Pick<ExposureEvent, 'forced' | 'occurredAt'>,
  recordedAt: number,
  intervals: readonly Interval[],
): boolean {
  if (event.forced) return false
  const at = Math.min(Date.parse(event.occurredAt), recordedAt)
  return intervals.some(({ from, to }) => from <= at && (to === null || at <= to))
}
