import { marketOf } from '../availability.ts'
import { type CandidateLog, candidateLogOf, isSampled } from '../off-policy/candidate-log.ts'
import type {
  ServingPolicy,
  Slate,
  SlateAssignment,
  SlateItem,
  SlateSource,
  SourceOutcome,
} from '../slate.ts'
import { type AssignmentPlan, type UnassignedReason, unassignedPlan } from './assignment/assignment-plan.ts'
import { slateAssignments } from './assignment/slate-assignments.ts'
import type { Candidate } from './candidate.ts'
import { eligibilityOf } from './filters/eligibility.ts'
import type { UserHistory } from './hydration/user-history.ts'
import { type ServedRung, servedRungOf } from './ladder.ts'
import { candidateWidth } from './quality/candidate-width.ts'
import type { CanaryModels, Catalogue, LoadedModels, Query, RecommendationRequest } from './query.ts'
import { reasonOf } from './reasons.ts'
import { rememberItems } from './remember-items.ts'
import { candidatesHash, type Pick, policyIdOf, selectionStage } from './selection/selection.ts'
import { askSources } from './sources/ask-sources.ts'
import type { CandidateList } from './sources/candidate-list.ts'
import type { CandidateSource } from './sources/candidate-source.ts'
import { runStage, type Stage, type StageObserver } from './stage.ts'

/** What the pipeline is made of. */
export type Pipeline = {
  readonly hydration: Stage<{ readonly userId: string }, void, UserHistory>
  readonly assignment: Stage<RecommendationRequest, void, AssignmentPlan>
  /** Why assignments could not be recorded at this moment; null where they could. */
  readonly whyUnrecordable: () => UnassignedReason | null
  readonly sources: readonly CandidateSource[]
  readonly models: LoadedModels
  readonly canary: CanaryModels
  readonly catalogue: Catalogue
  /** Epoch milliseconds. */
  readonly now: () => number
  /** 32 hex digits, others at each call. */
  readonly createSeed: () => string
  /** Share of the explored slates that log what they were selected from, 0 to 1. */
  readonly candidateLogRate: number
  readonly observer: StageObserver
  /** Share of the full candidate width that slates are made with at this moment, in (0, 1]: less under overload. */
  readonly qualityFactor: () => number
}

/** What the pipeline decides about a slate. */
export type Serving = {
  readonly items: readonly SlateItem[]
  readonly served: ServedRung
  /** Those that were asked, in their order. */
  readonly sources: readonly SlateSource[]
  readonly modelShare: number
  readonly modelVersionId: Slate['modelVersionId']
  readonly policy: ServingPolicy
  /** Null for slates without exploration, and for those that are not in the sample. */
  readonly candidates: CandidateLog | null
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
  return serve(request, history, plan, pipeline, new Set())
}

/** What both passes share: from the candidate sources to the ladder. */
async function serve(
  request: RecommendationRequest,
  history: UserHistory,
  plan: AssignmentPlan,
  pipeline: Pipeline,
  cutBefore: ReadonlySet<string>,
): Promise<Serving> {
  const { sources, observer } = pipeline
  const query = queryOf(request, history, plan, pipeline)
  const { parameters, size, catalogue } = query
  const isEligible = eligibilityOf(query)
  const { width, isReduced } = candidateWidth({
    size,
    excluded: query.exclude.size,
    qualityFactor: pipeline.qualityFactor(),
  })
  const { mixed, fillers } = await askSources({
    query,
    isEligible,
    width,
    sources,
    cutBefore,
    observer,
  })
  const asked = [...mixed, ...fillers]
  const lists = asked.map(({ list }) => list)
  const { output: picks, status: selection } = await runStage(selectionStage, query, lists, observer)
  const served = servedRungOf(query, picks, mixed)
  // A model stands in only where the other one brought nothing, so one slate has items of one model at most.
  const servedModel = picks.map(({ source }) => source.modelOf(query)).find((model) => model !== null)
  const isLogged =
    selection === 'ran' && parameters.epsilon > 0 && isSampled(query.seed, pipeline.candidateLogRate)
  return {
    items: picks.map((pick) => slateItem(pick, catalogue)),
    served,
    sources: asked.map(({ list, outcome }) => slateSource(list, outcome, picks)),
    modelShare: modelShareOf(picks, query),
    modelVersionId: servedModel?.version.id ?? null,
    policy: {
      id: policyIdOf(parameters, isReduced),
      seed: query.seed,
      candidatesHash: candidatesHash(lists),
      candidateWidth: width,
    },
    candidates: isLogged ? candidateLogOf(query, lists) : null,
    snapshotVersion: plan.snapshotVersion,
    assignments: slateAssignments(plan.included, plan.ignored, served.degraded),
    unassigned: plan.unassigned,
    history,
    query,
    ofModel: mixed.find(({ list: { source } }) => isOfModel(source, query))?.list.candidates ?? [],
  }
}

/**
 * The second pass, after the assignments of the first one could not be recorded: the same history, the default
 * parameters, a new seed. It does not wait again for a source that was cut.
 */
export function runUnassigned(
  request: RecommendationRequest,
  { history, sources }: Serving,
  reason: UnassignedReason,
  pipeline: Pipeline,
): Promise<Serving> {
  const cut = sources.filter(({ outcome }) => outcome === 'CUT').map(({ name }) => name)
  return serve(request, history, unassignedPlan(reason), pipeline, new Set(cut))
}

function queryOf(
  { userId, surface, size, exclude, attributes }: RecommendationRequest,
  history: UserHistory,
  plan: AssignmentPlan,
  { models, canary, catalogue, now, createSeed }: Pipeline,
): Query {
  const { parameters } = plan
  const { modelVersionId } = parameters
  const production = models.production()
  const unpinned = (mayMeetCanary(plan) ? canary.modelFor(userId) : null) ?? production
  const model = modelVersionId === null ? unpinned : models.byVersionId(modelVersionId)
  const isInProduction = (modelVersionId ?? model?.version.id) === production?.version.id
  return {
    userId,
    surface,
    size,
    exclude: new Set(exclude),
    now: now(),
    market: marketOf(attributes),
    history,
    parameters,
    model,
    standInModel: (isInProduction ? null : production) ?? models.previous(),
    catalogue: rememberItems(catalogue),
    seed: createSeed(),
  }
}

/**
 * Not where it is not known which experiments the user is in, or cannot be recorded: such plans have no snapshot. Nor in one
 * about models, whose comparison a canary would blur.
 */
function mayMeetCanary({ snapshotVersion, comparesModels }: AssignmentPlan): boolean {
  return snapshotVersion !== null && !comparesModels
}

function isOfModel({ modelOf, standsInFor }: CandidateSource, query: Query): boolean {
  return standsInFor === null && modelOf(query) !== null
}

function slateSource(
  { source, candidates }: CandidateList,
  outcome: SourceOutcome,
  picks: readonly { readonly source: CandidateSource }[],
): SlateSource {
  const items = picks.filter((pick) => pick.source === source).length
  return { name: source.name, outcome, candidates: candidates.length, items }
}

function modelShareOf(picks: readonly Pick[], query: Query): number {
  const ofModel = picks.filter(({ source }) => source.modelOf(query) !== null)
  return picks.length === 0 ? 0 : ofModel.length / picks.length
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
