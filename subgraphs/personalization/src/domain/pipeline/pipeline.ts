import { marketOf } from '../availability.ts'
import type { ServingPolicy, Slate, SlateAssignment, SlateItem } from '../slate.ts'
import { type AssignmentPlan, type UnassignedReason, unassignedPlan } from './assignment/assignment-plan.ts'
import { slateAssignments } from './assignment/slate-assignments.ts'
import type { Candidate } from './candidate.ts'
import { eligibilityOf } from './filters/eligibility.ts'
import type { UserHistory } from './hydration/user-history.ts'
import { type AskedSource, type ServedRung, servedRungOf } from './ladder.ts'
import type { Catalogue, LoadedModels, Query, RecommendationRequest } from './query.ts'
import { rankCandidates } from './rank-candidates.ts'
import { reasonOf } from './reasons.ts'
import { countFillable } from './selection/candidate-pool.ts'
import { candidatesHash, groupsOf, type Pick, policyIdOf, selectionStage } from './selection/selection.ts'
import { type CandidateSource, sourceStage } from './sources/candidate-source.ts'
import { fillersOf, mixOf } from './sources/source-mix.ts'
import { runStage, type Stage, type StageObserver } from './stage.ts'

/** Candidates asked of a source for each position: room for the mix, the diversity limit and exploration. */
const CANDIDATES_PER_POSITION = 4
const MIN_CANDIDATES = 200

/** What the pipeline is made of. */
export type Pipeline = {
  readonly hydration: Stage<{ readonly userId: string }, void, UserHistory>
  readonly assignment: Stage<RecommendationRequest, void, AssignmentPlan>
  /** Why assignments could not be recorded at this moment; null where they could. */
  readonly whyUnrecordable: () => UnassignedReason | null
  readonly sources: readonly CandidateSource[]
  readonly models: LoadedModels
  readonly catalogue: Catalogue
  /** Epoch milliseconds. */
  readonly now: () => number
  /** 32 hex digits, others at each call. */
  readonly createSeed: () => string
  readonly observer: StageObserver
}

/** What the pipeline decides about a slate. */
export type Serving = {
  readonly items: readonly SlateItem[]
  readonly served: ServedRung
  readonly modelVersionId: Slate['modelVersionId']
  readonly policy: ServingPolicy
  readonly snapshotVersion: Slate['snapshotVersion']
  readonly assignments: readonly SlateAssignment[]
  /** Null where the user's assignments, if any, took effect. */
  readonly unassigned: UnassignedReason | null
  readonly history: UserHistory
  /** What the slate was made from. */
  readonly query: Query
  /** What the query's model had to offer, best first; empty where it was not asked, or failed. */
  readonly ofModel: readonly Candidate[]
}

/**
 * Query hydration -> assignment -> candidate sources (in parallel) -> filters -> scorers -> selection -> ladder.
 * The slate is full whenever the catalogue has enough eligible items. No failing stage makes it reject.
 */
export async function runPipeline(request: RecommendationRequest, pipeline: Pipeline): Promise<Serving> {
  const { hydration, assignment, whyUnrecordable, observer } = pipeline
  const history = (await runStage(hydration, request, undefined, observer)).output
  // What cannot be recorded is not treated.
  const reason = whyUnrecordable()
  const plan =
    reason === null
      ? (await runStage(assignment, request, undefined, observer)).output
      : unassignedPlan(reason)
  return serve(request, history, plan, pipeline)
}

/** What both passes share: from the candidate sources to the ladder. */
async function serve(
  request: RecommendationRequest,
  history: UserHistory,
  plan: AssignmentPlan,
  pipeline: Pipeline,
): Promise<Serving> {
  const { sources, observer } = pipeline
  const query = queryOf(request, history, plan, pipeline)
  const { parameters, size, catalogue } = query
  const isEligible = eligibilityOf(query)
  const limit = Math.max(MIN_CANDIDATES, CANDIDATES_PER_POSITION * size)

  async function ask(source: CandidateSource, weight: number, alreadyFound: number): Promise<AskedSource> {
    const input = { limit, isEligible, alreadyFound }
    const { output, status } = await runStage(sourceStage(source), query, input, observer)
    const candidates = await rankCandidates(query, output, isEligible, observer)
    return { list: { source, weight, candidates }, status }
  }

  const mixed = await Promise.all(
    mixOf(parameters.mix, sources).map(({ source, weight }) => ask(source, weight, 0)),
  )
  const lists = mixed.map(({ list }) => list)
  const rules = { maxPerCreator: parameters.maxPerCreator, groupOf: groupsOf(catalogue) }
  for (const source of fillersOf(parameters.mix, sources)) {
    if (countFillable(lists, rules, size) >= size) break
    const alreadyFound = lists.reduce((sum, { candidates }) => sum + candidates.length, 0)
    lists.push((await ask(source, 0, alreadyFound)).list)
  }

  const picks = (await runStage(selectionStage, query, lists, observer)).output
  const served = servedRungOf(query, picks, mixed)
  const byModel = picks.some(({ source }) => source.usesModel)
  return {
    items: picks.map((pick) => slateItem(pick, catalogue)),
    served,
    modelVersionId: byModel ? (query.model?.version.id ?? null) : null,
    policy: {
      id: policyIdOf(parameters),
      seed: query.seed,
      candidatesHash: candidatesHash(lists),
    },
    snapshotVersion: plan.snapshotVersion,
    assignments: slateAssignments(plan.included, plan.ignored, served.degraded),
    unassigned: plan.unassigned,
    history,
    query,
    ofModel: mixed.find(({ list }) => list.source.usesModel)?.list.candidates ?? [],
  }
}

/**
 * The second pass, after the assignments of the first one could not be recorded: the same history, the default
 * parameters, a new seed.
 */
export function runUnassigned(
  request: RecommendationRequest,
  history: UserHistory,
  reason: UnassignedReason,
  pipeline: Pipeline,
): Promise<Serving> {
  return serve(request, history, unassignedPlan(reason), pipeline)
}

function queryOf(
  { userId, surface, size, exclude, attributes }: RecommendationRequest,
  history: UserHistory,
  { parameters }: AssignmentPlan,
  { models, catalogue, now, createSeed }: Pipeline,
): Query {
  const { modelVersionId } = parameters
  return {
    userId,
    surface,
    size,
    exclude: new Set(exclude),
    now: now(),
    market: marketOf(attributes),
    history,
    parameters,
    model: modelVersionId === null ? models.production() : models.byVersionId(modelVersionId),
    catalogue,
    seed: createSeed(),
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
