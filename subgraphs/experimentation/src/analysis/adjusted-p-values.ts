import { holm } from '@bulkhead/statistics/corrections'
import { isRefusal } from '@bulkhead/statistics/result'
import type { MetricResult, Unadjusted } from './metric-result.ts'

/** Adds p-values by Holm, over all of these results. */
export function withAdjustedPValues(results: readonly Unadjusted[]): readonly MetricResult[] {
  const adjusted = holm(results.map(({ pValue }) => pValue))
  if (isRefusal(adjusted)) throw new Error(`p-values cannot be adjusted: ${adjusted.refused}`)
  return results.map((result, index) => ({ ...result, adjustedPValue: adjusted[index] ?? 1 }))
}

/**
 * The same, role by role: tests for deterioration are made of the same metrics as those for a success, and ask the opposite.
 * In the order given.
 */
export function adjustedByRole(results: readonly Unadjusted[]): readonly MetricResult[] {
  const byRole = new Map(
    [...Map.groupBy(results, ({ role }) => role)].map(([role, same]) => [
      role,
      withAdjustedPValues(same).values(),
    ]),
  )
  return results.flatMap(({ role }) => byRole.get(role)?.next().value ?? [])
}
