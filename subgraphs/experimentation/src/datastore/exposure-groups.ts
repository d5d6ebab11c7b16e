import type { ExposureCount, ExposureGroup } from './port.ts'

/** Names of the grouped fields, the same in both datastores. */
export const GROUP_FIELDS = {
  VARIANT: 'variantKey',
  DAY: 'day',
  SURFACE: 'surface',
  RUNG: 'rung',
} as const satisfies Record<ExposureGroup, keyof ExposureCount>

function compare(a: string | number | null, b: string | number | null): number {
  if (a === b) return 0
  if (a === null) return -1
  if (b === null) return 1
  return a < b ? -1 : 1
}

/** The one order in which counts come back: by variant, then day, then surface, then rung. */
export function compareCounts(a: ExposureCount, b: ExposureCount): number {
  return (
    compare(a.variantKey, b.variantKey) ||
    compare(a.day, b.day) ||
    compare(a.surface, b.surface) ||
    compare(a.rung, b.rung)
  )
}

/** Rows of all experiments, sorted out by experiment; those without any get an empty list. */
export function groupCounts(
  experimentKeys: readonly string[],
  rows: Iterable<readonly [experimentKey: string, count: ExposureCount]>,
): Map<string, ExposureCount[]> {
  const counts = new Map<string, ExposureCount[]>(experimentKeys.map((key) => [key, []]))
  for (const [key, count] of rows) counts.get(key)?.push(count)
  for (const list of counts.values()) list.sort(compareCounts)
  return counts
}
