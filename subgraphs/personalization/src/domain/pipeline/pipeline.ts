import type { ServingPolicy, Slate, SlateItem } from '../slate.ts'
import type { Candidate, CandidateList } from './candidate.ts'
import { type Eligibility, eligibilityOf, keepEligible } from './filters/filters.ts'
import { type MixedSource, type Standing, standingOf } from './ladder.ts'
import type { Query } from './query.ts'
import { reasonOf } from './reasons.ts'
import { SCORERS } from './scoring/scorers.ts'
import { countFillable } from './selection/candidate-pool.ts'
import { candidatesHash, type Pick, policyIdOf, select } from './selection/selection.ts'
import {
  type CandidateSource,
  modelSource,
  popularSource,
  staticSource,
} from './sources/candidate-sources.ts'
import { runStage, type Stage, type StageObserver } from './stage.ts'

/** A source is asked for so many candidates a position: room for the mix, the diversity limit and exploration. */
const CANDIDATES_PER_POSITION = 4
const MIN_CANDIDATES = 200

/** What the pipeline decides about a slate. */
export type Serving = {
  readonly items: readonly SlateItem[]
  readonly standing: Standing
  readonly modelVersionId: Slate['modelVersionId']
  readonly policy: ServingPolicy
}

const SOURCES = { model: modelSource, popular: popularSource } as const

const filterStage: Stage<Eligibility, readonly Candidate[], readonly Candidate[]> = {
  name: 'filters',
  enabled: () => true,
  run: (isEligible, candidates) => keepEligible(candidates, isEligible),
  // The one stage that fails closed: a slate without an item is better than one with what the user has blocked.
  without: () => [],
}

const selectionStage: Stage<Query, readonly CandidateList[], readonly Pick[]> = {
  name: 'selection',
  enabled: () => true,
  run: ({ size, parameters, seed }, lists) => select(lists, { size, ...parameters }, seed),
  without: () => [],
}

/**
 * Candidate sources (in parallel) -> filters -> scorers -> selection. The sources that the mix leaves out fill up what
 * it cannot: first `popular`, then `static`. The model never fills up, since leaving it out may be the treatment.
 * The slate is full whenever the catalogue has enough eligible items; never rejects.
 */
export async function runPipeline(query: Query, observer: StageObserver): Promise<Serving> {
  const { parameters, size } = query
  const isEligible = eligibilityOf(query)
  const limit = Math.max(MIN_CANDIDATES, CANDIDATES_PER_POSITION * size)

  async function candidatesOf(source: CandidateSource, weight: number, limit: number): Promise<MixedSource> {
    const sourced = await runStage(source, query, { limit, isEligible }, observer)
    let candidates = (await runStage(filterStage, isEligible, sourced.output, observer)).output
    for (const scorer of SCORERS) candidates = (await runStage(scorer, query, candidates, observer)).output
    return { list: { source: source.source, weight, candidates }, status: sourced.status }
  }

  const mixed = await Promise.all(
    parameters.mix.map(({ name, weight }) => candidatesOf(SOURCES[name], weight, limit)),
  )
  const lists = mixed.map(({ list }) => list)
  const isShort = () => countFillable(lists, parameters.maxPerCreator, size) < size
  if (isShort() && !parameters.mix.some(({ name }) => name === 'popular')) {
    lists.push((await candidatesOf(popularSource, 0, limit)).list)
  }
  if (isShort()) {
    // The newest items may all be candidates already, hence so many more.
    const known = lists.reduce((sum, { candidates }) => sum + candidates.length, 0)
    lists.push((await candidatesOf(staticSource, 0, known + limit)).list)
  }

  const picks = (await runStage(selectionStage, query, lists, observer)).output
  const standing = standingOf(query, picks, mixed)
  return {
    items: picks.map((pick) => slateItem(pick, query)),
    standing,
    modelVersionId: standing.rung === 'MODEL' ? (query.model?.version.id ?? null) : null,
    policy: {
      id: policyIdOf(parameters.epsilon),
      seed: query.seed,
      candidatesHash: candidatesHash(lists),
    },
  }
}

function slateItem(pick: Pick, { catalogue }: Query): SlateItem {
  return {
    itemId: pick.candidate.itemId,
    score: pick.candidate.score,
    source: pick.source,
    propensity: pick.propensity,
    reason: reasonOf(pick, catalogue),
  }
}
