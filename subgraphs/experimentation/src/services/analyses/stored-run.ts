import type { Clock } from '@bulkhead/service/clock'
import type { ExperimentationStore } from '../../datastore/port.ts'
import type { StoredAnalysis } from '../../domain/stored-analysis.ts'
import { type AnalysisResult, type AnalysisStoreReads, createAnalysisService } from '../analysis-service.ts'
import { hashedContent } from './recorded-analysis.ts'
import type { SumsEngine } from './sums-engine.ts'

/** Pages of them are read into memory. */
const MAX_ANALYSIS_BYTES = 2 * 1024 * 1024

const REFUSING_ERRORS: ReadonlyMap<string, 'sum-overflow' | 'events-erased'> = new Map([
  ['SumOverflowError', 'sum-overflow'],
  ['EventsErasedError', 'events-erased'],
])

export type RunRequest = {
  readonly experimentKey: string
  /** On `occurredAt`, epoch milliseconds, exclusive; null for now. */
  readonly cutoff: number | null
  /** The subject of the caller's identity. */
  readonly requestedBy: string
}

/** Why there is no analysis. The caller can act on each of these. */
export type RunRefusal =
  | Exclude<AnalysisResult, { readonly type: 'analysed' }>
  | { readonly type: 'sum-overflow' | 'events-erased'; readonly message: string }
  | { readonly type: 'analysis-too-large'; readonly bytes: number; readonly limit: number }
  /** It goes on, and is stored when it is done. */
  | { readonly type: 'analysis-running'; readonly waitedMs: number }
  | { readonly type: 'analyses-overloaded'; readonly limit: number }

export type RunOutcome =
  | { readonly type: 'analysed'; readonly analysis: StoredAnalysis }
  | { readonly type: 'refused'; readonly refusal: RunRefusal }

export type RunStore = AnalysisStoreReads &
  Pick<ExperimentationStore, 'head' | 'eventsBetween' | 'erasedEvents' | 'insertAnalysis' | 'findAnalyses'>

/**
 * Computes an analysis on all events that can be read now, and stores it, durable when it resolves. One that is stored
 * already is answered as it was stored. Rejects where the datastore or the engine fails, and when the signal aborts.
 */
export function createStoredRun(options: {
  readonly store: RunStore
  readonly engine: SumsEngine
  readonly clock: Clock
  /** Upper bound on a stored analysis, as JSON text in octets. */
  readonly maxBytes?: number
}): (request: RunRequest, signal: AbortSignal) => Promise<RunOutcome> {
  const { store, engine, clock, maxBytes = MAX_ANALYSIS_BYTES } = options

  return async ({ experimentKey, cutoff: asked, requestedBy }, signal) => {
    const cutoff = asked ?? clock.now()
    const asOf = await store.head()
    // Before any event is read, so that what is erased meanwhile counts as erased since.
    const erasedBefore = await store.erasedEvents(asOf)
    const service = createAnalysisService({
      ...{ store, clock, signal },
      sums: (query) => engine.sums(query, signal),
    })
    let result: AnalysisResult
    try {
      result = await service.analyse({ experimentKey, cutoff, asOf })
    } catch (error) {
      // By its name, because the engine is no dependency of this room.
      const type = error instanceof Error ? REFUSING_ERRORS.get(error.name) : undefined
      if (!(error instanceof Error) || type === undefined) throw error
      return { type: 'refused', refusal: { type, message: error.message } }
    }
    if (result.type !== 'analysed') return { type: 'refused', refusal: result }
    const { analysis, inputs } = result
    const stored: StoredAnalysis = {
      id: analysis.hash,
      experimentKey,
      experimentVersion: analysis.experimentVersion,
      cutoff,
      asOf,
      segment: null,
      content: hashedContent(analysis),
      version: { version: inputs.version.version, variants: inputs.version.variants },
      intervals: inputs.intervals,
      final: analysis.final,
      engine: engine.name,
      sql: analysis.sql,
      erasedBefore,
      createdAt: clock.now(),
      requestedBy,
    }
    const bytes = Buffer.byteLength(JSON.stringify(stored))
    if (bytes > maxBytes) {
      return { type: 'refused', refusal: { type: 'analysis-too-large', bytes, limit: maxBytes } }
    }
    if ((await store.insertAnalysis(stored)) === 'stored') return { type: 'analysed', analysis: stored }
    const { byId } = await store.findAnalyses({ ids: [stored.id], newest: [] })
    return { type: 'analysed', analysis: byId.get(stored.id) ?? stored }
  }
}
