import { isPlainObject } from '@bulkhead/contracts'
import type { ExperimentationStore } from '../datastore/port.ts'
import { type ExperimentEdit, editExperiment } from '../domain/edit.ts'
import type { Experiment } from '../domain/experiment.ts'
import type { DecisionAnalysis, DecisionDraft } from '../domain/governance/deciding.ts'
import type { ModelDecisions } from '../domain/governance/model-decisions.ts'
import { namedModelVersions } from '../domain/model-versions.ts'
import type { KnownMetrics } from '../domain/plan/metric.ts'
import type { ExperimentRefusal } from '../domain/refusals.ts'
import {
  type ChangeResult,
  recordDecision,
  reviewDecision,
  reviewExperiment,
  type SignDecision,
  type SimpleStep,
  takeStep,
} from '../domain/steps.ts'
import { type ExperimentDraft, refuseReason, validateExperiment } from '../domain/validate-experiment.ts'
import { isIntact } from './analyses/recorded-analysis.ts'
import type { Change, ChangeState } from './changes/change.ts'
import type { ChangeQueue } from './changes/change-queue.ts'

/** Whom a change is from, and what it is about. */
type Request = {
  readonly key: string
  /** The revision that the caller has seen; a pause does not look at it. */
  readonly revision: number
  /** Who asks: the subject of the caller's identity. */
  readonly by: string
}

export type StepRequest = Request & { readonly action: SimpleStep; readonly reason: string }
export type EditRequest = Request & { readonly edit: ExperimentEdit; readonly reason: string }
export type ReviewRequest = Request & { readonly approved: boolean; readonly comment: string }
export type DecisionRequest = Request & { readonly decision: DecisionDraft }

export type ExperimentResult =
  | { readonly type: 'accepted'; readonly experiment: Experiment }
  | { readonly type: 'refused'; readonly refusal: ExperimentRefusal }

/**
 * Changes of experiments. Each is decided on the result of the one before it, on whatever replica that was made, and is
 * stored together with its audit entry and the snapshot that shows it. All reject as `ChangeQueue.run` does.
 */
export type ExperimentService = {
  /** A new experiment in status DRAFT. It assigns nothing before it is started. */
  create(draft: ExperimentDraft, by: string): Promise<ExperimentResult>
  edit(request: EditRequest): Promise<ExperimentResult>
  step(request: StepRequest): Promise<ExperimentResult>
  review(request: ReviewRequest): Promise<ExperimentResult>
  recordDecision(request: DecisionRequest): Promise<ExperimentResult>
  reviewDecision(request: ReviewRequest): Promise<ExperimentResult>
}

/** The mutation of each step, which is its name in the audit log. */
const STEP_MUTATIONS: Readonly<Record<SimpleStep, string>> = {
  submit: 'submitForReview',
  start: 'startExperiment',
  pause: 'pauseExperiment',
  resume: 'resumeExperiment',
  stop: 'stopExperiment',
  archive: 'archiveExperiment',
}

/** @param options.quorum how many people other than the author have to approve a start, and a decision */
export function createExperimentService(options: {
  readonly store: Pick<ExperimentationStore, 'experimentsByKeys' | 'modelVersionsByIds' | 'findAnalyses'>
  readonly changes: ChangeQueue
  readonly quorum: number
  readonly signDecision: SignDecision
}): ExperimentService {
  const { store, changes, quorum, signDecision } = options

  async function run(change: Change): Promise<ExperimentResult> {
    const outcome = await changes.run(change)
    switch (outcome.type) {
      case 'changed':
        return { type: 'accepted', experiment: outcome.experiment }
      case 'refused':
        return outcome
      default:
        throw new TypeError('a change of an experiment changes nothing else')
    }
  }

  /** A change of an experiment that exists, on the revision that the caller has seen, unless it is a pause. */
  function change(
    { key, revision, by }: Request,
    about: Pick<Change, 'action' | 'reason'> &
      Partial<Pick<Change, 'urgent'>> & {
        metrics?: readonly string[]
        shipped?: readonly string[]
        /** The model versions that it may be about: the snapshot may list it from then on, by the newest of their stages. */
        decidesOn?: readonly string[]
      },
    decide: (experiment: Experiment, state: ChangeState) => ChangeResult,
  ): Promise<ExperimentResult> {
    return run({
      action: about.action,
      by,
      reason: about.reason,
      urgent: about.urgent ?? false,
      needs: {
        experiments: [key, ...(about.shipped ?? [])],
        metrics: about.metrics ?? [],
        ...(about.decidesOn === undefined ? {} : { decisions: { modelVersions: about.decidesOn } }),
      },
      decide(state) {
        const experiment = state.experiment(key)
        if (experiment === undefined)
          return { type: 'refused', refusal: { type: 'experiment-not-found', key } }
        // The kill switch must not miss because somebody has renamed the experiment meanwhile.
        if (experiment.revision !== revision && about.action !== STEP_MUTATIONS.pause) {
          const { revision: current } = experiment
          return { type: 'refused', refusal: { type: 'revision-conflict', sent: revision, current } }
        }
        return decide(experiment, state)
      },
    })
  }

  /** Which of these personalization has not reported. None ever goes away, so this can be asked before the change. */
  async function absentModelVersions(named: readonly string[]): Promise<ReadonlySet<string>> {
    if (named.length === 0) return new Set()
    const known = new Set((await store.modelVersionsByIds(named)).map(({ id }) => id))
    return new Set(named.filter((id) => !known.has(id)))
  }

  async function findAnalysis(id: string): Promise<DecisionAnalysis | null> {
    const stored = (await store.findAnalyses({ ids: [id], newest: [] })).byId.get(id)
    if (stored === undefined) return null
    if (!isIntact(stored)) throw new Error(`the stored analysis ${id} is not what was hashed`)
    const { experimentKey, experimentVersion } = stored
    return { id, hash: stored.id, experimentKey, experimentVersion }
  }

  return {
    create: (draft, by) =>
      run({
        action: 'createExperiment',
        by,
        reason: draft.hypothesis,
        urgent: false,
        needs: {
          experiments: [draft.key, ...(draft.holdbackOf == null ? [] : [draft.holdbackOf])],
          metrics: metricKeys(draft.metrics),
        },
        decide(state) {
          const creation = { at: state.at, by }
          const known = knownMetrics(state, metricKeys(draft.metrics))
          const shipped = draft.holdbackOf == null ? undefined : state.experiment(draft.holdbackOf)
          const reading = validateExperiment(draft, creation, known, state, shipped)
          if (reading.type !== 'valid') return { type: 'refused', refusal: reading }
          const { experiment } = reading
          if (state.experiment(experiment.key) !== undefined) {
            return { type: 'refused', refusal: { type: 'experiment-exists', key: experiment.key } }
          }
          return { type: 'changed', experiment }
        },
      }),

    async edit(request) {
      const { edit, reason, by } = request
      const refusal = refuseReason(reason)
      if (refusal !== null) return { type: 'refused', refusal }
      const metrics = metricKeys(edit.metrics ?? [])
      const absent = await absentModelVersions(payloadModelVersions(edit))
      // What an experiment holds back never changes, so this can be asked before the change.
      const seen = edit.variants == null ? [] : await store.experimentsByKeys([request.key])
      const shipped = seen.flatMap(({ holdbackOf }) => holdbackOf ?? [])
      const about = { action: 'updateExperiment', reason, metrics, shipped }
      return change(request, about, (experiment, state) => {
        const facts = { at: state.at, by, reason }
        const edited = editExperiment(experiment, edit, facts, {
          quorum,
          metrics: knownMetrics(state, metrics),
          targeting: state.targeting,
          listed: state.listed,
          shipped: shipped.map(state.experiment)[0],
        })
        return experiment.startedAt === null ? edited : withoutAbsentModels(edited, absent)
      })
    },

    async step(request) {
      const { action, reason, by } = request
      const refusal = refuseReason(reason)
      if (refusal !== null) return { type: 'refused', refusal }
      const about = { action: STEP_MUTATIONS[action], reason, urgent: action === 'pause' }
      // As the experiment is at the revision that was sent; at another one the start is refused anyway.
      const seen = action === 'start' ? await store.experimentsByKeys([request.key]) : []
      const absent = await absentModelVersions(seen.flatMap(namedModelVersions))
      return change(request, about, (experiment, { at }) =>
        withoutAbsentModels(takeStep(experiment, action, { at, by, reason }, quorum), absent),
      )
    },

    async review(request) {
      const { approved, comment: reason, by } = request
      const refusal = refuseReason(reason, 'comment')
      if (refusal !== null) return { type: 'refused', refusal }
      return change(request, { action: 'reviewExperiment', reason }, (experiment, { at }) =>
        reviewExperiment(experiment, approved, { at, by, reason }, quorum),
      )
    },

    async recordDecision(request) {
      const { decision, by } = request
      const [seen] = await store.experimentsByKeys([request.key])
      const named = seen === undefined ? [] : namedModelVersions(seen)
      const known = named.length === 0 ? [] : await store.modelVersionsByIds(named)
      const artefactHashes = new Map(known.map(({ id, artefactHash }) => [id, artefactHash]))
      // Analyses never change, so this can be asked before the change.
      const analysis = decision.analysisId == null ? null : await findAnalysis(decision.analysisId)
      return change(
        request,
        { action: 'recordDecision', reason: decision.rationale, decidesOn: named },
        (experiment, { at, decisions }) =>
          withoutRetiredModel(
            recordDecision(
              experiment,
              decision,
              { at, by, artefactHashes, analysis },
              { quorum, sign: signDecision },
            ),
            decisions,
          ),
      )
    },

    async reviewDecision(request) {
      const { approved, comment: reason, by } = request
      const refusal = refuseReason(reason, 'comment')
      if (refusal !== null) return { type: 'refused', refusal }
      const decidesOn = (await store.experimentsByKeys([request.key])).flatMap(namedModelVersions)
      const about = { action: 'reviewDecision', reason, decidesOn }
      return change(request, about, (experiment, { at, decisions }) =>
        withoutRetiredModel(
          reviewDecision(experiment, approved, { at, by, reason }, { quorum, sign: signDecision }),
          decisions,
        ),
      )
    },
  }
}

/** The model versions that an edit names; its payloads are not checked yet. */
function payloadModelVersions({ variants }: ExperimentEdit): readonly string[] {
  const payloads = (variants ?? []).flatMap(({ payload }) => (isPlainObject(payload) ? [payload] : []))
  return payloads.flatMap(({ modelVersionId }) =>
    typeof modelVersionId === 'string' ? [modelVersionId] : [],
  )
}

function withoutAbsentModels(result: ChangeResult, absent: ReadonlySet<string>): ChangeResult {
  if (result.type === 'refused') return result
  const modelVersionIds = namedModelVersions(result.experiment).filter((id) => absent.has(id))
  if (modelVersionIds.length === 0) return result
  return { type: 'refused', refusal: { type: 'models-absent', modelVersionIds } }
}

/** A rejected decision is gone from the result, so it is never refused. */
function withoutRetiredModel(result: ChangeResult, { versions }: ModelDecisions): ChangeResult {
  const decision = result.type === 'changed' ? result.experiment.decision : null
  if (decision === null || decision.outcome !== 'SHIP' || decision.modelVersionId === null) return result
  const { modelVersionId } = decision
  if (versions.get(modelVersionId)?.stage !== 'RETIRED') return result
  return { type: 'refused', refusal: { type: 'model-retired', modelVersionId } }
}

function metricKeys(drafts: readonly { readonly metricKey: string }[]): readonly string[] {
  return drafts.map(({ metricKey }) => metricKey)
}

function knownMetrics(state: ChangeState, keys: readonly string[]): KnownMetrics {
  return new Map(
    keys.flatMap((key) => {
      const metric = state.metric(key)
      return metric === undefined ? [] : [[key, metric] as const]
    }),
  )
}
