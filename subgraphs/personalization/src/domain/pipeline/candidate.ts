import type { SourceName } from '@bulkhead/contracts'

/** What can bring an item into a slate. `static` is no source that a payload may mix: it only fills up. */
export type CandidateSourceName = SourceName | 'static'

export type Candidate = {
  readonly itemId: string
  /** Comparable within one source only. */
  readonly score: number
  /** Of the item, the same in every list; null is a creator of its own, which no diversity rule groups. */
  readonly creator: string | null
  /** The item of the user's history that speaks most for this one, where the source knows it. */
  readonly becauseOf: string | null
}

/** The candidates of one source, best first, each item once. */
export type CandidateList = {
  readonly source: CandidateSourceName
  /** Share of the slate, in proportion to the other lists'. 0: only fills up what the lists before it leave empty. */
  readonly weight: number
  readonly candidates: readonly Candidate[]
}
