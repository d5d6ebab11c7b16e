import type { Clock } from '@bulkhead/service/clock'
import { createFailureLog } from '@bulkhead/service/failure-log'
import type { Logger } from '@bulkhead/service/logging'
import type { Metrics } from '@bulkhead/service/metrics'
import type { Random } from '@bulkhead/service/random'
import type { PersonalizationStore } from '../datastore/port.ts'
import { servingEvents } from '../domain/exposure-events.ts'
import { assembleSlate } from '../domain/pipeline/assemble-slate.ts'
import type { UnassignedReason } from '../domain/pipeline/assignment/assignment-plan.ts'
import { createAssignmentStage } from '../domain/pipeline/assignment/assignment-stage.ts'
import { type Pipeline, runPipeline, runUnassigned, type Serving } from '../domain/pipeline/pipeline.ts'
import {
  type CanaryModels,
  type LoadedModels,
  MAX_SLATE_SIZE,
  type RecommendationRequest,
} from '../domain/pipeline/query.ts'
import {
  findSimilarItems,
  type SimilarItem,
  type SimilarItemsRequest,
} from '../domain/pipeline/similar-items.ts'
import type { CandidateSource } from '../domain/pipeline/sources/candidate-source.ts'
import { CANDIDATE_SOURCES } from '../domain/pipeline/sources/candidate-sources.ts'
import type { Slate } from '../domain/slate.ts'
import type { OutboxGate } from '../state/outbox-gate.ts'
import type { RememberedOpinions } from '../state/remembered-opinions.ts'
import type { ServedLedger } from '../state/served-ledger.ts'
import type { ServingIndex } from '../state/serving-index.ts'
import type { ShadowSamples } from '../state/shadow-samples.ts'
import type { SnapshotHolder } from '../state/snapshot-holder.ts'
import { inActiveTrace } from './events-in-trace.ts'
import { createHydrationStage } from './query-hydration.ts'
import { guardSources, SOURCE_DEADLINE_MS } from './serving/guarded-sources.ts'
import { createQualityControl, measureEventLoop } from './serving/quality-control.ts'
import { createServingMetrics } from './serving-metrics.ts'
import { createSlateCommitter } from './slate-committer.ts'

const SEED_BYTES = 16
const WARNING_INTERVAL_MS = 10_000

export type RecommendationService = {
  /**
   * Makes a new slate and stores it together with its pending exposures. If it cannot be stored, it is served without
   * assignments, because treatment that is not recorded would distort the experiments. No outage makes it reject or
   * take longer than the deadlines.
   * @throws RangeError on a size out of range, which the caller has to check
   */
  recommend(request: RecommendationRequest): Promise<Slate>
  /** From memory, but for the history of the user, if one is named. See `findSimilarItems`. */
  similarItems(request: SimilarItemsRequest): Promise<readonly SimilarItem[] | null>
}

export type RecommendationServiceOptions = {
  readonly store: Pick<PersonalizationStore, 'servingHistory' | 'saveSlate'>
  readonly index: ServingIndex
  readonly models: LoadedModels
  /** None: nobody meets a canary. */
  readonly canary?: CanaryModels
  readonly snapshots: Pick<SnapshotHolder, 'current'>
  readonly outboxGate: Pick<OutboxGate, 'isFull' | 'added'>
  readonly ledger: Pick<ServedLedger, 'begin' | 'drop'>
  readonly remembered: Pick<RememberedOpinions, 'remember' | 'of' | 'size'>
  readonly clock: Clock
  readonly random: Pick<Random, 'bytes'>
  readonly log: Logger
  readonly metrics: Metrics
  /** Names this process in slates and their events. */
  readonly producer: string
  /** Those that ship, unless given. */
  readonly sources?: readonly CandidateSource[]
  /** Share of the explored slates that log what they were selected from, 0 to 1. */
  readonly candidateLogRate: number
  /** Gets what served slates were made from; models in shadow are asked later, elsewhere. */
  readonly shadow?: Pick<ShadowSamples, 'offer'>
  /** Milliseconds. */
  readonly limits: {
    readonly hydrationDeadlineMs: number
    readonly commitDeadlineMs: number
    /** What the 99th percentile of the time of a slate is to stay below under overload. */
    readonly slateTargetMs: number
  }
}

/** Asks the pipeline for a slate and commits it; a slate that cannot be recorded is made again without assignments. */
export function createRecommendationService(options: RecommendationServiceOptions): RecommendationService {
  const {
    store,
    index,
    models,
    canary = { modelFor: () => null },
    snapshots,
    outboxGate,
    ledger,
    remembered,
    clock,
    random,
    log,
    metrics,
    producer,
    candidateLogRate,
    shadow,
    limits,
  } = options
  const stageLog = createFailureLog({
    log,
    clock,
    what: 'a stage of the serving pipeline',
    meanwhile: 'slates are served without it',
    repeatMs: WARNING_INTERVAL_MS,
  })
  const recordingLog = createFailureLog({
    log,
    clock,
    what: 'recording slates',
    meanwhile: 'they are served unassigned',
    repeatMs: WARNING_INTERVAL_MS,
  })
  const { observer, served, unassigned } = createServingMetrics(metrics, stageLog)
  const committer = createSlateCommitter({
    store,
    ledger,
    outboxGate,
    deadlineMs: limits.commitDeadlineMs,
    log,
    failureLog: recordingLog,
    metrics,
  })
  metrics.gauge({
    name: 'bulkhead_remembered_opinions',
    help: 'What recent users asked not to see, in memory; the least recent users are forgotten first',
    collect() {
      this.set(remembered.size())
    },
  })
  const quality = createQualityControl({
    targetMs: limits.slateTargetMs,
    eventLoop: measureEventLoop(),
    log,
    metrics,
  })
  const pipeline: Pipeline = {
    hydration: createHydrationStage({
      store,
      remembered,
      deadlineMs: limits.hydrationDeadlineMs,
      isReachable: committer.isReachable,
    }),
    assignment: createAssignmentStage({ snapshots, models }),
    whyUnrecordable() {
      if (outboxGate.isFull()) return 'OUTBOX_FULL'
      return committer.isReachable() ? null : 'DATASTORE_UNAVAILABLE'
    },
    sources: guardSources(options.sources ?? CANDIDATE_SOURCES, {
      deadlineMs: SOURCE_DEADLINE_MS,
      log,
      metrics,
    }),
    models,
    canary,
    catalogue: index,
    now: () => clock.now(),
    createSeed: () => Buffer.from(random.bytes(SEED_BYTES)).toString('hex'),
    candidateLogRate,
    observer,
    qualityFactor: quality.factor,
  }

  /** @throws RangeError where the exposure context cannot hold the assignments */
  function assemble(request: RecommendationRequest, serving: Serving): Slate {
    return assembleSlate(request, serving, { now: clock.now(), random, producer })
  }

  /** The slate once it and its exposures are durable, or the reason why they are not. */
  async function commit(request: RecommendationRequest, serving: Serving): Promise<Slate | UnassignedReason> {
    let slate: Slate
    try {
      slate = assemble(request, serving)
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      recordingLog.failed('context', { err: error })
      return 'CONTEXT_TOO_LARGE'
    }
    const start = observer.now()
    const events = inActiveTrace(servingEvents(slate, producer))
    const outcome = await committer.commit(slate, events, serving.candidates)
    observer.ended('commit', observer.now() - start)
    return outcome === 'durable' ? slate : outcome
  }

  /** A slate without assignments, under a new id that no pending event mentions. */
  async function serveUnassigned(
    request: RecommendationRequest,
    first: Serving,
    reason: UnassignedReason,
  ): Promise<Slate> {
    unassigned(reason)
    ledger.drop(1)
    const isDefault = first.unassigned !== null
    const serving = isDefault ? first : await runUnassigned(request, first, reason, pipeline)
    const slate = assemble(request, serving)
    // This request has already waited for one failed write; don't make it wait for a second.
    if (!reason.startsWith('COMMIT')) await committer.keep(slate, serving.candidates)
    return slate
  }

  return {
    async recommend(request) {
      if (!Number.isInteger(request.size) || request.size < 1 || request.size > MAX_SLATE_SIZE) {
        throw new RangeError(`a slate holds 1 to ${MAX_SLATE_SIZE} items`)
      }
      const start = observer.now()
      const serving = await runPipeline(request, pipeline)
      const outcome = serving.unassigned ?? (await commit(request, serving))
      const slate = typeof outcome === 'string' ? await serveUnassigned(request, serving, outcome) : outcome
      quality.record(observer.now() - start)
      served(slate)
      // A second pass has made another list, from the default parameters.
      if (slate.policy.seed === serving.policy.seed) shadow?.offer(serving)
      return slate
    },
    similarItems: (request) => findSimilarItems(request, pipeline),
  }
}
