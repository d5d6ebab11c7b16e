import type { PersonalizationStore, ShadowPart } from '../datastore/port.ts'
import { type ShadowReport, shadowReportOf } from '../domain/shadow/shadow-report.ts'

type Part = Omit<ShadowPart, 'source'>

/**
 * The report of each version beside the champion of now, over all replicas; where there is none, the one of most requests
 * beside another champion, and null where it was never in shadow. Two round trips.
 */
export async function shadowReports(
  store: Pick<PersonalizationStore, 'shadowOf' | 'productionModelVersion'>,
  versionIds: readonly string[],
): Promise<(ShadowReport | null)[]> {
  const [production, found] = await Promise.all([store.productionModelVersion(), store.shadowOf(versionIds)])
  const parts = Map.groupBy(found, ({ versionId }) => versionId)
  return versionIds.map((id) => reportOf(parts.get(id) ?? [], production?.id ?? null))
}

/** Comparisons with two champions say nothing together. */
function reportOf(parts: readonly Part[], championId: string | null): ShadowReport | null {
  const reports = [...Map.groupBy(parts, (part) => part.championId)].flatMap(
    ([champion, of]) =>
      shadowReportOf(
        of.map(({ counts }) => counts),
        champion,
      ) ?? [],
  )
  const mostFirst = reports.toSorted((one, other) => other.requests - one.requests)
  return mostFirst.find((report) => report.championId === championId) ?? mostFirst[0] ?? null
}
