import type { PersonalizationStore } from '../../datastore/port.ts'
import type { CanaryCounts } from '../../domain/canary/canary-counts.ts'
import { type CanaryReport, canaryReportOf } from '../../domain/canary/canary-report.ts'

/** The report of each version, over all replicas; null where it was never in a canary. One round trip. */
export async function canaryReports(
  store: Pick<PersonalizationStore, 'canaryOf'>,
  versionIds: readonly string[],
): Promise<(CanaryReport | null)[]> {
  const parts = new Map<string, CanaryCounts[]>(versionIds.map((id) => [id, []]))
  for (const { versionId, counts } of await store.canaryOf(versionIds)) parts.get(versionId)?.push(counts)
  return versionIds.map((id) => canaryReportOf(parts.get(id) ?? []))
}
