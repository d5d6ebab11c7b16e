import type { PersonalizationStore } from '../../datastore/port.ts'
import type { CanaryCounts } from '../../domain/canary/canary-counts.ts'
import { type CanaryReport, canaryReportOf } from '../../domain/canary/canary-report.ts'

/**
 * The report of each version beside the champion of now, over all replicas; where there is none, as once the version serves
 * itself, the one of most lists beside another champion, and null where it was never in a canary. Two round trips.
 */
export async function canaryReports(
  store: Pick<PersonalizationStore, 'canaryOf' | 'productionModelVersion'>,
  versionIds: readonly string[],
): Promise<(CanaryReport | null)[]> {
  const [production, found] = await Promise.all([store.productionModelVersion(), store.canaryOf(versionIds)])
  const parts = Map.groupBy(found, ({ versionId }) => versionId)
  return versionIds.map((id) => {
    const counts = (parts.get(id) ?? []).map((part) => part.counts)
    return reportOf(counts, production?.id ?? null)
  })
}

function reportOf(parts: readonly CanaryCounts[], championId: string | null): CanaryReport | null {
  const champions = new Set(parts.map((part) => part.championId))
  const reports = [...champions].flatMap((champion) => canaryReportOf(parts, champion) ?? [])
  const mostFirst = reports.toSorted((one, other) => listsOf(other) - listsOf(one))
  return mostFirst.find((report) => report.championId === championId) ?? mostFirst[0] ?? null
}

function listsOf({ canary, champion }: CanaryReport): number {
  return canary.lists + champion.lists
}
