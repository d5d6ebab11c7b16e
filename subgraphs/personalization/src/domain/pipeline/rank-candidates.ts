import type { Candidate } from './candidate.ts'
import { type Eligibility, filterStage } from './filters/eligibility.ts'
import type { Query } from './query.ts'
import { SCORERS } from './scoring/scorers.ts'
import { runStage, type StageObserver } from './stage.ts'

/** What the filters leave of a source's candidates, in the order that the scorers give them. */
export async function rankCandidates(
  query: Query,
  found: readonly Candidate[],
  isEligible: Eligibility,
  observer: StageObserver,
): Promise<readonly Candidate[]> {
  let candidates = (await runStage(filterStage, isEligible, found, observer)).output
  for (const scorer of SCORERS) candidates = (await runStage(scorer, query, candidates, observer)).output
  return candidates
}
