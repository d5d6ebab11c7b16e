import type { ServingPolicy, Slate, SlateItem } from '../slate.ts'
import { eligibilityOf, filterStage } from './filters/eligibility.ts'
import { type AskedSource, type ServedRung, servedRungOf } from './ladder.ts'
import type { Catalogue, Query } from './query.ts'
import { reasonOf } from './reasons.ts'
import { SCORERS } from './scoring/scorers.ts'
import { countFillable } from './selection/candidate-pool.ts'
import { candidatesHash, type Pick, policyIdOf, selectionStage } from './selection/selection.ts'
import { type CandidateSource, sourceStage } from './sources/candidate-source.ts'
import { CANDIDATE_SOURCES } from './sources/candidate-sources.ts'
import { fillersOf, mixOf } from './sources/source-mix.ts'
import { runStage, type StageObserver } from './stage.ts'

/** Candidates asked of a source for each position: room for the mix, the diversity limit and exploration. */
const CANDIDATES_PER_POSITION = 4
const MIN_CANDIDATES = 200

/** What the pipeline decides about a slate. */
export type Serving = {
  readonly items: readonly SlateItem[]
  readonly served: ServedRung
  readonly modelVersionId: Slate['modelVersionId']
  readonly policy: ServingPolicy
}

/**
 * Candidate sources (in parallel) -> filters -> scorers -> selection -> ladder.
 * The slate is full whenever the catalogue has enough eligible items. No failing stage makes it reject.
 */
export async function runPipeline(
  query: Query,
  observer: StageObserver,
  sources: readonly CandidateSource[] = CANDIDATE_SOURCES,
): Promise<Serving> {
  const { parameters, size, catalogue } = query
  const isEligible = eligibilityOf(query)
  const limit = Math.max(MIN_CANDIDATES, CANDIDATES_PER_POSITION * size)

  async function ask(source: CandidateSource, weight: number, alreadyFound: number): Promise<AskedSource> {
    const input = { limit, isEligible, alreadyFound }
    const { output, status } = await runStage(sourceStage(source), query, input, observer)
    let candidates = (await runStage(filterStage, isEligible, output, observer)).output
    for (const scorer of SCORERS) candidates = (await runStage(scorer, query, candidates, observer)).output
    return { list: { source, weight, candidates }, status }
  }

  const mixed = await Promise.all(
    mixOf(parameters.mix, sources).map(({ source, weight }) => ask(source, weight, 0)),
  )
  const lists = mixed.map(({ list }) => list)
  for (const source of fillersOf(parameters.mix, sources)) {
    if (countFillable(lists, parameters.maxPerCreator, size) >= size) break
    const alreadyFound = lists.reduce((sum, { candidates }) => sum + candidates.length, 0)
    lists.push((await ask(source, 0, alreadyFound)).list)
  }

  const picks = (await runStage(selectionStage, query, lists, observer)).output
  const byModel = picks.some(({ source }) => source.usesModel)
  return {
    items: picks.map((pick) => slateItem(pick, catalogue)),
    served: servedRungOf(query, picks, mixed),
    modelVersionId: byModel ? (query.model?.version.id ?? null) : null,
    policy: {
      id: policyIdOf(parameters.epsilon),
      seed: query.seed,
      candidatesHash: candidatesHash(lists),
    },
  }
}

function slateItem(pick: Pick, catalogue: Catalogue): SlateItem {
  return {
    itemId: pick.candidate.itemId,
    score: pick.candidate.score,
    source: pick.source.name,
    propensity: pick.propensity,
    reason: reasonOf(pick, catalogue),
  }
}
