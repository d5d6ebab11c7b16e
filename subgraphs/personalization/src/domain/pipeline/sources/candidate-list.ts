import type { Candidate } from '../candidate.ts'
import type { CandidateSource } from './candidate-source.ts'

/** The candidates of one source, best first, each item once. */
export type CandidateList = {
  readonly source: CandidateSource
  /** Share of the slate, in proportion to the other lists'. 0: only fills what the lists before it leave empty. */
  readonly weight: number
  readonly candidates: readonly Candidate[]
}
