import type { StoredAnalysis } from '../domain/stored-analysis.ts'

/** Which analysis is asked for: the newest of an experiment and a segment, at this cutoff if there is one. */
export type AnalysisLookup = {
  readonly experimentKey: string
  readonly cutoff: number | null
  readonly segment: string | null
}

/** Where a page of analyses ended. */
export type AnalysisPosition = Pick<StoredAnalysis, 'cutoff' | 'createdAt' | 'id'>

export type AnalysisPage = {
  readonly analyses: readonly StoredAnalysis[]
  /** Whether there are more after the last one. */
  readonly hasMore: boolean
}

/**
 * Stored analyses: only ever added. The newest is the one with the latest cutoff; of equal cutoffs the one that was stored
 * last, and then the greater id.
 */
export type AnalysisStore = {
  /** Durable when it resolves. `known` where one of this id is stored: that one stays, whatever this one says. */
  insertAnalysis(analysis: StoredAnalysis): Promise<'stored' | 'known'>
  /** One round trip. Unknown ids are left out; `newest` answers in the order of the lookups. */
  findAnalyses(asked: {
    readonly ids: readonly string[]
    readonly newest: readonly AnalysisLookup[]
  }): Promise<{
    readonly byId: ReadonlyMap<string, StoredAnalysis>
    readonly newest: readonly (StoredAnalysis | null)[]
  }>
  /** A page of the analyses of each experiment, the newest first, whatever their segments; one round trip. */
  analysisPages(query: {
    readonly experimentKeys: readonly string[]
    readonly limit: number
    readonly after: AnalysisPosition | null
  }): Promise<ReadonlyMap<string, AnalysisPage>>
  /** `erasedEvents` of each of these positions, one round trip. */
  erasedEventsUpTo(positions: readonly number[]): Promise<ReadonlyMap<number, number>>
}
