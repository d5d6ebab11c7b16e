import type { AssignmentSnapshot } from '@bulkhead/contracts'
import type {
  AnalysisLookup,
  AnalysisPosition,
  ExperimentationStore,
  ExposureCount,
  ExposureGroup,
  ExposureRecord,
  MetricVersions,
} from '../datastore/port.ts'
import type { Experiment } from '../domain/experiment.ts'
import type { Bootstrap } from '../domain/governance/bootstrap.ts'
import type { KnownModelVersion } from '../domain/governance/model-decisions.ts'
import { isListed } from '../domain/publishing.ts'
import {
  type Holdout,
  type Layer,
  type SavedGroup,
  type TargetingKind,
  toTargeting,
} from '../domain/targeting/definitions.ts'
import { type LayerAllocation, layerAllocations } from '../domain/targeting/layer-ranges.ts'
import { type AnalysisRecord, toRecord } from './analyses/recorded-analysis.ts'
import type { SnapshotService } from './snapshot-service.ts'

/** Names one stored analysis. */
export type AnalysisKey = { readonly id: string } | AnalysisLookup

export type AnalysisRecordPage = { readonly analyses: readonly AnalysisRecord[]; readonly hasMore: boolean }

/**
 * Reads for the resolvers. Reads by key make one datastore round trip a batch. They answer in the order of the keys,
 * with null or an empty list for a key that has nothing. All reject with `DatastoreUnavailableError`.
 */
export type Reader = Pick<
  ExperimentationStore,
  'findExperiments' | 'countExperiments' | 'findDecided' | 'countDecided' | 'findAuditEntries' | 'findMetrics'
> & {
  /** Those that can be read. */
  bootstraps(): Promise<readonly Bootstrap[]>
  experiments(keys: readonly string[]): Promise<(Experiment | null)[]>
  /** Everything of one kind, by key. */
  layers(): Promise<readonly Layer[]>
  holdouts(): Promise<readonly Holdout[]>
  savedGroups(): Promise<readonly SavedGroup[]>
  /** What the listed experiments hold of each of these layers. */
  layerAllocations(layers: readonly string[]): Promise<LayerAllocation[][]>
  snapshots(versions: readonly number[]): Promise<(AssignmentSnapshot | null)[]>
  modelVersions(ids: readonly string[]): Promise<(KnownModelVersion | null)[]>
  metrics(keys: readonly string[]): Promise<(MetricVersions | null)[]>
  analyses(keys: readonly AnalysisKey[]): Promise<(AnalysisRecord | null)[]>
  /** A page of each experiment's analyses, the newest first. */
  analysisPages(
    experimentKeys: readonly string[],
    limit: number,
    after: AnalysisPosition | null,
  ): Promise<AnalysisRecordPage[]>
  /** How many events up to each position were erased with their units. */
  erasedEvents(positions: readonly number[]): Promise<number[]>
  exposureRecords(eventIds: readonly string[]): Promise<(ExposureRecord | null)[]>
  exposureCounts(
    experimentKeys: readonly string[],
    groupBy: readonly ExposureGroup[],
  ): Promise<(readonly ExposureCount[])[]>
}

export function createReader(options: {
  readonly store: Pick<
    ExperimentationStore,
    | 'bootstrapRecords'
    | 'modelVersionsByIds'
    | 'experimentsByKeys'
    | 'assigningExperiments'
    | 'targetingDefinitions'
    | 'findExperiments'
    | 'countExperiments'
    | 'findDecided'
    | 'countDecided'
    | 'findAuditEntries'
    | 'findMetrics'
    | 'metricsByKeys'
    | 'findAnalyses'
    | 'analysisPages'
    | 'erasedEventsUpTo'
    | 'exposureRecords'
    | 'exposureCounts'
  >
  readonly snapshots: Pick<SnapshotService, 'byVersions'>
}): Reader {
  const { store, snapshots } = options
  const targetingOf = async (kind: TargetingKind) => toTargeting(await store.targetingDefinitions([kind]))
  return {
    bootstraps: async () => (await store.bootstrapRecords()).flatMap(({ value }) => value ?? []),
    findExperiments: (query) => store.findExperiments(query),
    countExperiments: (filter) => store.countExperiments(filter),
    findDecided: (query) => store.findDecided(query),
    countDecided: (filter) => store.countDecided(filter),
    findAuditEntries: (query) => store.findAuditEntries(query),
    findMetrics: (query) => store.findMetrics(query),
    async experiments(keys) {
      const found = await store.experimentsByKeys(keys)
      const byKey = new Map(found.map((experiment) => [experiment.key, experiment]))
      return keys.map((key) => byKey.get(key) ?? null)
    },
    layers: async () => [...(await targetingOf('layer')).layers.values()],
    holdouts: async () => [...(await targetingOf('holdout')).holdouts.values()],
    savedGroups: async () => [...(await targetingOf('savedGroup')).savedGroups.values()],
    async layerAllocations(layers) {
      const listed = (await store.assigningExperiments(layers)).filter(isListed)
      return layers.map((layer) => layerAllocations(layer, listed))
    },
    async snapshots(versions) {
      const found = await snapshots.byVersions(versions)
      return versions.map((version) => found.get(version)?.snapshot ?? null)
    },
    async modelVersions(ids) {
      const found = await store.modelVersionsByIds(ids)
      const byId = new Map(found.map((version) => [version.id, version]))
      return ids.map((id) => byId.get(id) ?? null)
    },
    async metrics(keys) {
      const found = await store.metricsByKeys(keys)
      const byKey = new Map(found.map((metric) => [metric.key, metric]))
      return keys.map((key) => byKey.get(key) ?? null)
    },
    async analyses(keys) {
      const ids = keys.flatMap((key) => ('id' in key ? key.id : []))
      const lookups = keys.flatMap((key) => ('id' in key ? [] : key))
      const { byId, newest } = await store.findAnalyses({ ids, newest: lookups })
      const byLookup = new Map(lookups.map((lookup, index) => [lookup, newest[index]]))
      return keys.map((key) => {
        const found = 'id' in key ? byId.get(key.id) : byLookup.get(key)
        return found == null ? null : toRecord(found)
      })
    },
    async analysisPages(experimentKeys, limit, after) {
      const pages = await store.analysisPages({ experimentKeys, limit, after })
      return experimentKeys.map((key) => {
        const { analyses, hasMore } = pages.get(key) ?? { analyses: [], hasMore: false }
        return { analyses: analyses.map(toRecord), hasMore }
      })
    },
    async erasedEvents(positions) {
      const counted = await store.erasedEventsUpTo(positions)
      return positions.map((position) => counted.get(position) ?? 0)
    },
    async exposureRecords(eventIds) {
      const found = await store.exposureRecords(eventIds)
      return eventIds.map((eventId) => found.get(eventId) ?? null)
    },
    async exposureCounts(experimentKeys, groupBy) {
      const found = await store.exposureCounts(experimentKeys, groupBy)
      return experimentKeys.map((key) => found.get(key) ?? [])
    },
  }
}
