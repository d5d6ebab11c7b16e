import type { JsonObject } from '@bulkhead/contracts'
import type { Clock } from '@bulkhead/service/clock'
import { type Analysis, type AnalysisInputs, analyse, type UnusablePlan } from '../analysis/analyse.ts'
import type { AnalysedEvents } from '../analysis/analysed-events.ts'
import { findLooks, longestWindowMs } from '../analysis/looks.ts'
import type { ExperimentationStore } from '../datastore/port.ts'
import { applyEntry, targetingSubject } from '../domain/audit/entry.ts'
import { runIntervals, versionAt } from '../domain/intervals.ts'
import type { ExclusionList } from '../domain/plan/analysis-plan.ts'
import type { ReadModel, SumsQuery } from '../read-model/port.ts'
import { readDeliveries } from './analyses/deliveries.ts'
import { plannedMetrics } from './analyses/planned-metrics.ts'

export type AnalysisRequest = {
  readonly experimentKey: string
  /** On `occurredAt`, epoch milliseconds, exclusive. */
  readonly cutoff: number
  /** An ingest position that the read model has; what came later does not count. */
  readonly asOf: number
}

/** Everything that an analysis is computed from: with the same events it gives the same results. */
export type FixedInputs = AnalysisInputs & {
  /** When the experiment ran under this version: `from <= t < to`, epoch milliseconds; null is open. */
  readonly intervals: SumsQuery['intervals']
}

type Analysed = { readonly type: 'analysed'; readonly analysis: Analysis; readonly inputs: FixedInputs }

export type AnalysisResult =
  | Analysed
  | { readonly type: 'unknown-experiment' | 'never-started' | 'cutoff-in-future' }
  | UnusablePlan

export type AnalysisService = {
  /** Analyses the version that was assigned at the cutoff. Rejects as `ReadModel.sums` does. */
  analyse(request: AnalysisRequest): Promise<AnalysisResult>
  /** Computes from inputs that were fixed before, whatever the experiment is now. Rejects as `ReadModel.sums` does. */
  recompute(inputs: FixedInputs): Promise<Analysed | UnusablePlan>
}

/** What an analysis reads of the datastore, beside events. */
export type AnalysisStoreReads = Pick<
  ExperimentationStore,
  'experimentsByKeys' | 'metricsByKeys' | 'findAuditEntries' | 'eventsBetween'
>

const ENTRIES_PER_READ = 100
/** How long before its first exposure the events of a unit are its history: for CUPED, and to compare variants by it. */
const COVARIATE_WINDOW_MS = 14 * 86_400_000

export function createAnalysisService(options: {
  readonly store: AnalysisStoreReads
  /** Of the events up to the query's `asOf`. */
  readonly sums: ReadModel['sums']
  readonly clock: Clock
  readonly signal?: AbortSignal
}): AnalysisService {
  const { store, clock } = options

  async function recompute(inputs: FixedInputs): Promise<Analysed | UnusablePlan> {
    const { experimentKey, version, plan, metrics, cutoff, asOf } = inputs
    const events = await readEvents(inputs)
    const outcome = analyse({ experimentKey, version, plan, metrics, cutoff, asOf }, events)
    return outcome.type === 'analysed' ? { ...outcome, inputs } : outcome
  }

  /** One query after the other: engines take one at a time. */
  async function readEvents(inputs: FixedInputs): Promise<AnalysedEvents> {
    const { experimentKey, version, intervals, plan, metrics, cutoff, asOf } = inputs
    const excluded = await Promise.all(plan.exclusions.map((list) => listedUnits(store, list)))
    const query: SumsQuery = {
      experimentKey,
      version: version.version,
      variantKeys: version.variants.map(({ key }) => key),
      intervals,
      excludedUnits: [...new Set(excluded.flat())],
      cutoff,
      asOf,
      // One sum for a metric, however many roles it has.
      metrics: [...new Map(metrics.map(({ definition }) => [definition.key, definition])).values()],
      covariateWindowMs: COVARIATE_WINDOW_MS,
      segment: null,
      completeAfterMs: plan.method === 'GROUP_SEQUENTIAL' ? longestWindowMs(metrics) : null,
    }
    const sums = await options.sums(query)
    const looks: AnalysedEvents['looks'][number][] = []
    if (plan.method === 'GROUP_SEQUENTIAL') {
      for (const look of findLooks(sums.completed, plan)) {
        looks.push({ look, sums: await options.sums({ ...query, cutoff: look.cutoff }) })
      }
    }
    const segments: AnalysedEvents['segments'][number][] = []
    for (const attribute of plan.segments) {
      segments.push({ attribute, sums: await options.sums({ ...query, segment: attribute }) })
    }
    const about = { experimentKey, version: version.version, asOf }
    return { sums, looks, segments, deliveries: await readDeliveries(store, about, options.signal) }
  }

  return {
    recompute,

    async analyse({ experimentKey, cutoff, asOf }) {
      // A window that ends before such a cutoff is not over.
      if (cutoff > clock.now()) return { type: 'cutoff-in-future' }
      const [experiment] = await store.experimentsByKeys([experimentKey])
      if (experiment === undefined) return { type: 'unknown-experiment' }
      // The version of that time: an edit since has begun another one.
      const number = versionAt(experiment, cutoff - 1)
      const version = experiment.versions.find((candidate) => candidate.version === number)
      if (version === undefined) return { type: 'never-started' }
      const metrics = await plannedMetrics(store, experiment)
      const intervals = runIntervals(experiment)
        .filter((interval) => interval.version === version.version)
        .map(({ from, to }) => ({ from, to }))
      return recompute({ experimentKey, version, intervals, plan: experiment.plan, metrics, cutoff, asOf })
    },
  }
}

/** The units that a saved group listed at a version: the audit log has every one. */
async function listedUnits(
  store: Pick<ExperimentationStore, 'findAuditEntries'>,
  { savedGroup, version }: ExclusionList,
): Promise<readonly string[]> {
  const subject = targetingSubject('savedGroup', savedGroup)
  let state: JsonObject | null = null
  for (let after = 0; ; ) {
    const { entries, hasMore } = await store.findAuditEntries({
      filter: { subject },
      limit: ENTRIES_PER_READ,
      after,
    })
    for (const entry of entries) {
      state = applyEntry(state, entry)
      if (state.version === version && Array.isArray(state.values)) return state.values.map(String)
    }
    after = entries.at(-1)?.sequence ?? after
    if (!hasMore) throw new Error(`saved group ${savedGroup} has no version ${version} in the audit log`)
  }
}
