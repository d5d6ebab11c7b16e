import type { PersonalizationStore } from '../datastore/port.ts'
import type { ShadowCounts } from '../domain/shadow/shadow-counts.ts'
import { type ShadowReport, shadowReportOf } from '../domain/shadow/shadow-report.ts'

/** The report of each version, over all replicas; null where it was never in shadow. One round trip. */
export async function shadowReports(
  store: Pick<PersonalizationStore, 'shadowOf'>,
  versionIds: readonly string[],
): Promise<(ShadowReport | null)[]> {
  const parts = new Map<string, ShadowCounts[]>(versionIds.map((id) => [id, []]))
  for (const { versionId, counts } of await store.shadowOf(versionIds)) parts.get(versionId)?.push(counts)
  return versionIds.map((id) => shadowReportOf(parts.get(id) ?? []))
}
