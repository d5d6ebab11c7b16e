import type { Rung } from '@bulkhead/contracts'
import type { DegradationCause, Reason } from '../../slate.ts'
import type { Candidate } from '../candidate.ts'
import type { Eligibility } from '../filters/eligibility.ts'
import type { Catalogue, LoadedModel, Query } from '../query.ts'
import type { Stage } from '../stage.ts'

export type SourceInput = {
  /** Candidates wanted. */
  readonly limit: number
  readonly isEligible: Eligibility
  /** Candidates that the sources asked before have brought; 0 for a source of the mix. */
  readonly alreadyFound: number
}

/**
 * Something that proposes items for a slate. It says all that the rest of the pipeline has to know of it: to add one,
 * write its file, list it in `CANDIDATE_SOURCES`, and name it in the contracts' `SOURCE_NAMES` if payloads may mix it.
 */
export type CandidateSource = {
  /** As payloads mix it and slates name it; metrics know it as the stage `source_<name>`. */
  readonly name: string
  /** The rung of the degradation ladder that a slate reaches with an item of this source. */
  readonly rung: Rung
  /**
   * When the mix does not fill a slate, sources outside it fill the rest, the lowest `fillOrder` first. Null: this one
   * never does. Leaving it out of the mix may be the treatment.
   */
  readonly fillOrder: number | null
  /**
   * The source whose share of the slate this one takes where that one fails or has nothing to offer; null where it stands
   * in for none. Payloads cannot mix a stand-in.
   */
  readonly standsInFor: string | null
  /** The cause that a slate gives for missing this source when it has failed. */
  readonly failureCause: DegradationCause
  /** The model that the candidates come from, whose version the slate names; null where they come from none. */
  modelOf(query: Query): LoadedModel | null
  /** Why it has nothing to offer for this query, so that it need not be asked; null where it can be. */
  whyUnavailable(query: Query): DegradationCause | null
  /** Best first. */
  candidates(query: Query, input: SourceInput): readonly Candidate[] | Promise<readonly Candidate[]>
  /** Why the user sees this candidate, in words for them; null where there is nothing to say. */
  reason(candidate: Candidate, catalogue: Catalogue): Reason | null
}

export function sourceStage(source: CandidateSource): Stage<Query, SourceInput, readonly Candidate[]> {
  return {
    name: `source_${source.name}`,
    enabled: (query) => source.whyUnavailable(query) === null,
    run: (query, input) => source.candidates(query, input),
    without: () => [],
  }
}
