import {
  type Assignment,
  assign,
  createSlateId,
  type JsonObject,
  SLATE_ID_RANDOM_BYTES,
} from '@bulkhead/contracts'
import type { Clock } from '@bulkhead/service/clock'
import type { Logger } from '@bulkhead/service/logging'
import type { Metrics } from '@bulkhead/service/metrics'
import type { PersonalizationStore } from '../datastore/port.ts'
import { exposureEvents } from '../domain/exposure-events.ts'
import {
  DEFAULT_PARAMETERS,
  type MergedPayloads,
  mergePayloads,
} from '../domain/pipeline/assignment/serving-parameters.ts'
import { slateAssignments, slateExposureContext } from '../domain/pipeline/assignment/slate-assignments.ts'
import type { UserHistory } from '../domain/pipeline/hydration/user-history.ts'
import { runPipeline, type Serving } from '../domain/pipeline/pipeline.ts'
import { runStage, type Stage } from '../domain/pipeline/stage.ts'
import type { Slate } from '../domain/slate.ts'
import type { LoadedModels } from '../state/loaded-models.ts'
import type { OutboxGate } from '../state/outbox-gate.ts'
import type { ServedLedger } from '../state/served-ledger.ts'
import type { ServingIndex } from '../state/serving-index.ts'
import type { SnapshotHolder } from '../state/snapshot-holder.ts'
import { createHydrationStage } from './query-hydration.ts'
import type { Random } from './random.ts'
import { createServingMetrics, type UnassignedReason } from './serving-metrics.ts'
import { createSlateCommitter } from './slate-committer.ts'
import { createThrottledWarning } from './throttled-warning.ts'

export const MAX_SLATE_SIZE = 500

const SEED_BYTES = 16
const WARNING_INTERVAL_MS = 10_000

export type RecommendationRequest = {
  readonly userId: string
  readonly surface: string
  /** 1 to `MAX_SLATE_SIZE`. */
  readonly size: number
  readonly exclude: readonly string[]
  readonly attributes: JsonObject | null
}

export type RecommendationService = {
  /**
   * A new slate. Stored with its pending exposures, or else unassigned: what cannot be recorded is not treated. No
   * outage makes it reject or wait for longer than the deadlines.
   * @throws RangeError on a size out of range, which the caller has to check
   */
  recommend(request: RecommendationRequest): Promise<Slate>
}

export type RecommendationServiceDeps = {
  readonly store: Pick<PersonalizationStore, 'servingHistory' | 'saveSlate'>
  readonly index: ServingIndex
  readonly models: LoadedModels
  readonly snapshots: Pick<SnapshotHolder, 'current'>
  readonly outboxGate: Pick<OutboxGate, 'isFull' | 'added'>
  readonly ledger: Pick<ServedLedger, 'begin' | 'drop'>
  readonly clock: Clock
  readonly random: Pick<Random, 'bytes'>
  readonly log: Logger
  readonly metrics: Metrics
  /** Milliseconds. */
  readonly limits: { readonly hydrationDeadlineMs: number; readonly commitDeadlineMs: number }
}

/** What experiments decide about a request, before anything is chosen for it. */
type Plan = MergedPayloads & {
  readonly snapshotVersion: number | null
  readonly included: readonly Assignment[]
}

const DEFAULT_PLAN: Plan = {
  snapshotVersion: null,
  included: [],
  parameters: DEFAULT_PARAMETERS,
  ignored: new Set(),
}

export function createRecommendationService(deps: RecommendationServiceDeps): RecommendationService {
  const { store, index, models, snapshots, outboxGate, ledger, clock, random, log, limits } = deps
  const warn = createThrottledWarning({ log, clock, intervalMs: WARNING_INTERVAL_MS })
  const metrics = createServingMetrics(deps.metrics, warn)
  const committer = createSlateCommitter({ ...deps, deadlineMs: limits.commitDeadlineMs, warn })
  const hydration = createHydrationStage({
    store,
    deadlineMs: limits.hydrationDeadlineMs,
    isReachable: committer.isReachable,
  })

  const assignment: Stage<RecommendationRequest, void, Plan | null> = {
    name: 'assignment',
    enabled: () => true,
    run({ userId, surface, attributes }) {
      const snapshot = snapshots.current()
      if (snapshot === null) return DEFAULT_PLAN
      const included = assign(snapshot, { userId }, attributes ?? {}, surface).filter((one) => one.included)
      const merged = mergePayloads(included, (versionId) => models.byVersionId(versionId) !== null)
      return { ...merged, snapshotVersion: snapshot.version, included }
    },
    without: () => null,
  }

  function serve(
    request: RecommendationRequest,
    history: UserHistory,
    { parameters }: Plan,
  ): Promise<Serving> {
    const { userId, surface, size } = request
    const { modelVersionId } = parameters
    return runPipeline(
      {
        userId,
        surface,
        size,
        exclude: new Set(request.exclude),
        history,
        parameters,
        model: modelVersionId === null ? models.production() : models.byVersionId(modelVersionId),
        catalogue: index,
        seed: Buffer.from(random.bytes(SEED_BYTES)).toString('hex'),
      },
      metrics.observer,
    )
  }

  /** @throws RangeError where the exposure context cannot hold the assignments */
  function assemble(request: RecommendationRequest, serving: Serving, plan: Plan): Slate {
    const { userId, surface, attributes } = request
    const { items, served, modelVersionId, policy } = serving
    const assignments = slateAssignments(plan.included, plan.ignored, served.degraded)
    const exposureContext = slateExposureContext(plan.snapshotVersion, assignments)
    const now = clock.now()
    return {
      id: createSlateId({ unit: userId, now, random: random.bytes(SLATE_ID_RANDOM_BYTES) }),
      userId,
      surface,
      createdAt: now,
      items,
      servedBy: { rung: served.rung, cause: served.cause },
      modelVersionId,
      snapshotVersion: plan.snapshotVersion,
      attributes,
      assignments,
      exposureContext,
      policy,
    }
  }

  /** The slate under the user's assignments, durable; or why there is none. */
  async function serveAssigned(
    request: RecommendationRequest,
    history: UserHistory,
  ): Promise<Slate | UnassignedReason> {
    const plan = (await runStage(assignment, request, undefined, metrics.observer)).output
    if (plan === null) return 'ASSIGNMENT_FAILED'
    const serving = await serve(request, history, plan)
    let slate: Slate
    try {
      slate = assemble(request, serving, plan)
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      warn('context', error, 'a user has more assignments than a slate can carry')
      return 'CONTEXT_TOO_LARGE'
    }
    const start = metrics.observer.now()
    const outcome = await committer.commit(slate, exposureEvents(slate, 'ON_SERVE', slate.createdAt))
    metrics.observer.ended('commit', metrics.observer.now() - start)
    return outcome === 'durable' ? slate : outcome
  }

  /** The default experience, under an id that no pending event knows. */
  async function serveUnassigned(
    request: RecommendationRequest,
    history: UserHistory,
    reason: UnassignedReason,
  ): Promise<Slate> {
    metrics.unassigned(reason)
    ledger.drop(1)
    const slate = assemble(request, await serve(request, history, DEFAULT_PLAN), DEFAULT_PLAN)
    // Who has waited for one write in vain does not wait for another.
    if (!reason.startsWith('COMMIT')) await committer.keep(slate)
    return slate
  }

  function obstacle(): UnassignedReason | null {
    if (outboxGate.isFull()) return 'OUTBOX_FULL'
    return committer.isReachable() ? null : 'DATASTORE_UNAVAILABLE'
  }

  return {
    async recommend(request) {
      if (!Number.isInteger(request.size) || request.size < 1 || request.size > MAX_SLATE_SIZE) {
        throw new RangeError(`a slate holds 1 to ${MAX_SLATE_SIZE} items`)
      }
      const history = (await runStage(hydration, request, undefined, metrics.observer)).output
      const served = obstacle() ?? (await serveAssigned(request, history))
      const slate = typeof served === 'string' ? await serveUnassigned(request, history, served) : served
      metrics.served(slate)
      return slate
    },
  }
}
