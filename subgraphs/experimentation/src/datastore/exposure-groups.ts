import type { ExposureCount } from './port.ts'

function compare(a: string | number | null, b: string | number | null): number {
  if (a === b) return 0
  if (a === null) return -1
  if (b === null) return 1
  return a < b ? -1 : 1
}

/** The order of counts in both datastores: by variant, then day, then surface, then rung. */
export function compareCounts(a: ExposureCount, b: ExposureCount): number {
  return (
    compare(a.variantKey, b.variantKey) ||
    compare(a.day, b.day) ||
    compare(a.surface, b.surface) ||
    compare(a.rung, b.rung)
  )
}

/** Groups the counts by experiment. An experiment without any gets an empty list. */
export function groupCounts(
  experimentKeys: readonly string[],
  rows: Iterable<readonly [experimentKey: string, count: ExposureCount]>,
): Map<string, ExposureCount[]> {
  const counts = new Map<string, ExposureCount[]>(experimentKeys.map((key) => [key, []]))
  for (const [key, count] of rows) counts.get(key)?.push(count)
  for (const list of counts.values()) list.sort(compareCounts)
  return counts
}
