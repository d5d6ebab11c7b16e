import type { AssignmentSnapshot } from '@bulkhead/contracts'
import type {
  ExperimentationStore,
  ExposureCount,
  ExposureGroup,
  ExposureRecord,
  MetricVersions,
} from '../datastore/port.ts'
import type { Experiment } from '../domain/experiment.ts'
import { isListed } from '../domain/publishing.ts'
import {
  type Holdout,
  type Layer,
  type SavedGroup,
  type TargetingKind,
  toTargeting,
} from '../domain/targeting/definitions.ts'
import { type LayerAllocation, layerAllocations } from '../domain/targeting/layer-ranges.ts'
import type { SnapshotService } from './snapshot-service.ts'

/**
 * Reads for the resolvers. Reads by key make one datastore round trip a batch. They answer in the order of the keys,
 * with null or an empty list for a key that has nothing. All reject with `DatastoreUnavailableError`.
 */
export type Reader = Pick<
  ExperimentationStore,
  'findExperiments' | 'countExperiments' | 'findDecided' | 'countDecided' | 'findAuditEntries' | 'findMetrics'
> & {
  experiments(keys: readonly string[]): Promise<(Experiment | null)[]>
  /** Everything of one kind, by key. */
  layers(): Promise<readonly Layer[]>
  holdouts(): Promise<readonly Holdout[]>
  savedGroups(): Promise<readonly SavedGroup[]>
  /** What the listed experiments hold of each of these layers. */
  layerAllocations(layers: readonly string[]): Promise<LayerAllocation[][]>
  snapshots(versions: readonly number[]): Promise<(AssignmentSnapshot | null)[]>
  metrics(keys: readonly string[]): Promise<(MetricVersions | null)[]>
  exposureRecords(eventIds: readonly string[]): Promise<(ExposureRecord | null)[]>
  exposureCounts(
    experimentKeys: readonly string[],
    groupBy: readonly ExposureGroup[],
  ): Promise<(readonly ExposureCount[])[]>
}

export function createReader(options: {
  readonly store: Pick<
    ExperimentationStore,
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
    | 'exposureRecords'
    | 'exposureCounts'
  >
  readonly snapshots: Pick<SnapshotService, 'byVersions'>
}): Reader {
  const { store, snapshots } = options
  const targetingOf = async (kind: TargetingKind) => toTargeting(await store.targetingDefinitions([kind]))
  return {
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
    async metrics(keys) {
      const found = await store.metricsByKeys(keys)
      const byKey = new Map(found.map((metric) => [metric.key, metric]))
      return keys.map((key) => byKey.get(key) ?? null)
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
