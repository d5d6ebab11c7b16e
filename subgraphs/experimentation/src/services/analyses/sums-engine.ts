import type { AnalysisEngine } from '../../domain/stored-analysis.ts'
import type { Sums, SumsQuery } from '../../read-model/port.ts'

/** What turns events into sums for the service. Every engine gives the same sums. */
export type SumsEngine = {
  readonly name: AnalysisEngine
  /**
   * The sums of the events up to the query's `asOf`, a position that can be read. One call at a time.
   * Rejects as `ReadModel.sums` does, and with the signal's reason when it aborts.
   */
  sums(query: SumsQuery, signal: AbortSignal): Promise<Sums>
}
