import { LEAST_INCREMENT } from '@bulkhead/statistics/crossing'
import type { AnalysisPlan } from '../domain/plan/analysis-plan.ts'
import type { CompletedCounts } from '../read-model/port.ts'
import type { PlannedMetric } from './role-tests.ts'

const HOUR_MS = 3_600_000

/** An interim analysis of a group sequential plan. */
export type Look = {
  /** Start of a UTC day, epoch milliseconds: what occurred from then on does not count in it. */
  readonly cutoff: number
  /** Units whose windows were over, of all metrics. */
  readonly units: number
  /** The information: these units divided by the planned ones. */
  readonly fraction: number
}

/** When a unit of a group sequential plan is complete: all metrics are then about the same units, with the same information. */
export function longestWindowMs(metrics: readonly PlannedMetric[]): number {
  return Math.max(0, ...metrics.map(({ definition }) => definition.windowHours)) * HOUR_MS
}

/**
 * The looks up to a cutoff. A look is due each time another 1 / `looks` of the planned sample is complete, and is taken at
 * the first start of a UTC day at which it is. So data and cutoff decide when a look is, and not who asks when. A day that
 * reaches two of them is one look. A look with less than a ten-thousandth of new information waits for the next day. The
 * look that reaches the planned sample is the last one, whatever more it has: the rest of alpha is spent at it.
 */
export function findLooks(
  completed: readonly CompletedCounts[],
  { looks, plannedSampleSize }: Pick<AnalysisPlan, 'looks' | 'plannedSampleSize'>,
): readonly Look[] {
  if (looks === null || plannedSampleSize === null) return []
  const found: Look[] = []
  let complete = 0n
  let taken = 0
  for (const { day, units: added } of completed) {
    complete += added
    const units = Number(complete)
    const fraction = units / plannedSampleSize
    const due = Math.min(looks, Math.floor((units * looks) / plannedSampleSize))
    const increment = fraction - (found.at(-1)?.fraction ?? 0)
    if (due <= taken || increment < LEAST_INCREMENT * fraction) continue
    found.push({ cutoff: day, units, fraction })
    taken = due
  }
  return found
}
