import type { AssignmentSnapshot } from '@bulkhead/contracts'
import DataLoader from 'dataloader'
import {
  type AnalysisLookup,
  type AnalysisPosition,
  EXPOSURE_GROUPS,
  type ExposureCount,
  type ExposureGroup,
  type ExposureRecord,
  type MetricVersions,
} from '../datastore/port.ts'
import type { Experiment } from '../domain/experiment.ts'
import type { KnownModelVersion } from '../domain/governance/model-decisions.ts'
import type { Layer } from '../domain/targeting/definitions.ts'
import type { LayerAllocation } from '../domain/targeting/layer-ranges.ts'
import type { AnalysisRecord } from '../services/analyses/recorded-analysis.ts'
import type { AnalysisKey, AnalysisRecordPage, Reader } from '../services/reader.ts'

/** Upper bound on the keys of one datastore round trip, so that no caller can choose it. Far above a page of slates. */
const MAX_BATCH_SIZE = 1_000

/** One set per request, so that no client gets what was cached for another. */
export type Loaders = {
  readonly experiments: DataLoader<string, Experiment | null>
  /** By key. */
  readonly layers: DataLoader<string, Layer | null>
  readonly layerAllocations: DataLoader<string, readonly LayerAllocation[]>
  readonly snapshots: DataLoader<number, AssignmentSnapshot | null>
  readonly metrics: DataLoader<string, MetricVersions | null>
  /** What personalization has reported, by id. */
  readonly modelVersions: DataLoader<string, KnownModelVersion | null>
  readonly exposureRecords: DataLoader<string, ExposureRecord | null>
  /** Stored analyses by id, and the newest ones of experiments, in one round trip for all of them. */
  readonly analyses: DataLoader<AnalysisKey, AnalysisRecord | null, string>
  /** By the experiment's key; one loader for each page. */
  analysisPages(limit: number, after: AnalysisPosition | null): DataLoader<string, AnalysisRecordPage>
  /** How many events up to a position were erased with their units. */
  readonly erasedEvents: DataLoader<number, number>
  /** Counts of an experiment; one loader for each set of dimensions. */
  exposureCounts(groupBy: readonly ExposureGroup[]): DataLoader<string, readonly ExposureCount[]>
}

export function createLoaders(reader: Reader): Loaders {
  const options = { maxBatchSize: MAX_BATCH_SIZE }
  const pageLoaders = new Map<string, DataLoader<string, AnalysisRecordPage>>()
  const countLoaders = new Map<string, DataLoader<string, readonly ExposureCount[]>>()
  return {
    experiments: new DataLoader((keys) => reader.experiments(keys), options),
    layers: new DataLoader(async (keys) => {
      const byKey = new Map((await reader.layers()).map((layer) => [layer.key, layer]))
      return keys.map((key) => byKey.get(key) ?? null)
    }, options),
    layerAllocations: new DataLoader((keys) => reader.layerAllocations(keys), options),
    snapshots: new DataLoader((versions) => reader.snapshots(versions), options),
    metrics: new DataLoader((keys) => reader.metrics(keys), options),
    modelVersions: new DataLoader((ids) => reader.modelVersions(ids), options),
    exposureRecords: new DataLoader((eventIds) => reader.exposureRecords(eventIds), options),
    analyses: new DataLoader<AnalysisKey, AnalysisRecord | null, string>((keys) => reader.analyses(keys), {
      ...options,
      cacheKeyFn: cacheKeyOf,
    }),
    analysisPages(limit, after) {
      const name = JSON.stringify([limit, after])
      const known = pageLoaders.get(name)
      if (known !== undefined) return known
      const loader = new DataLoader<string, AnalysisRecordPage>(
        (keys) => reader.analysisPages(keys, limit, after),
        options,
      )
      pageLoaders.set(name, loader)
      return loader
    },
    erasedEvents: new DataLoader((positions) => reader.erasedEvents(positions), options),
    exposureCounts(groupBy) {
      const groups = EXPOSURE_GROUPS.filter((group) => groupBy.includes(group))
      const name = groups.join()
      const known = countLoaders.get(name)
      if (known !== undefined) return known
      const loader = new DataLoader<string, readonly ExposureCount[]>(
        (keys) => reader.exposureCounts(keys, groups),
        options,
      )
      countLoaders.set(name, loader)
      return loader
    },
  }
}

function cacheKeyOf(key: AnalysisKey): string {
  if ('id' in key) return JSON.stringify([key.id])
  const { experimentKey, cutoff, segment } = key satisfies AnalysisLookup
  return JSON.stringify([experimentKey, cutoff, segment])
}
