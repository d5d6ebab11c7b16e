import type { AssignmentSnapshot } from '@bulkhead/contracts'
import DataLoader from 'dataloader'
import {
  EXPOSURE_GROUPS,
  type ExperimentationStore,
  type ExposureCount,
  type ExposureGroup,
  type ExposureRecord,
} from '../datastore/port.ts'
import type { Experiment } from '../domain/experiment.ts'
import type { SnapshotService } from '../services/snapshot-service.ts'

export type Loaders = {
  readonly experiments: DataLoader<string, Experiment | null>
  readonly snapshots: DataLoader<number, AssignmentSnapshot | null>
  readonly exposureRecords: DataLoader<string, ExposureRecord | null>
  /** Counts of an experiment; one loader for each set of dimensions. */
  exposureCounts(groupBy: readonly ExposureGroup[]): DataLoader<string, readonly ExposureCount[]>
}

/** Far above a page of slates; what one statement of a datastore may carry is not left to the caller. */
const MAX_BATCH = 1_000

/** The loaders of one request: whatever it asks for in one tick costs one datastore round trip per kind. */
export function createLoaders(dependencies: {
  store: Pick<ExperimentationStore, 'experimentsByKeys' | 'exposureRecords' | 'exposureCounts'>
  snapshots: Pick<SnapshotService, 'byVersions'>
}): Loaders {
  const { store, snapshots } = dependencies
  const options = { maxBatchSize: MAX_BATCH }
  const countLoaders = new Map<string, DataLoader<string, readonly ExposureCount[]>>()

  return {
    experiments: new DataLoader(async (keys) => {
      const found = await store.experimentsByKeys(keys)
      const byKey = new Map(found.map((experiment) => [experiment.key, experiment]))
      return keys.map((key) => byKey.get(key) ?? null)
    }, options),

    snapshots: new DataLoader(async (versions) => {
      const found = await snapshots.byVersions(versions)
      return versions.map((version) => found.get(version)?.snapshot ?? null)
    }, options),

    exposureRecords: new DataLoader(async (eventIds) => {
      const found = await store.exposureRecords(eventIds)
      return eventIds.map((eventId) => found.get(eventId) ?? null)
    }, options),

    exposureCounts(groupBy) {
      const groups = EXPOSURE_GROUPS.filter((group) => groupBy.includes(group))
      const name = groups.join()
      const known = countLoaders.get(name)
      if (known !== undefined) return known
      const loader = new DataLoader<string, readonly ExposureCount[]>(async (keys) => {
        const found = await store.exposureCounts(keys, groups)
        return keys.map((key) => found.get(key) ?? [])
      }, options)
      countLoaders.set(name, loader)
      return loader
    },
  }
}
