import type { KeyObject } from 'node:crypto'
import { type AssignmentSnapshot, canonicalHash, type ModelStage } from '@bulkhead/contracts'
import type { Clock } from '@bulkhead/service/clock'
import type { PersonalizationStore } from '../datastore/port.ts'
import type { VerifiedDecision } from '../domain/model-path/decisions.ts'
import { DEFAULT_GATES, type Gates } from '../domain/model-path/gates.ts'
import { retireCanaries } from '../domain/model-path/refresh.ts'
import { planRollback, versionBefore } from '../domain/model-path/rollback.ts'
import type { StageMove } from '../domain/model-path/stage-move.ts'
import { legalSteps, planStep, type StepEvidence } from '../domain/model-path/step.ts'
import { planSwitchOff, wasSwitchedOff, wasTakenOut } from '../domain/model-path/switch-off.ts'
import type { ModelVersion } from '../domain/model-version.ts'
import { shadowProblems } from '../domain/shadow/shadow-report.ts'
import type { SnapshotHolder } from '../state/snapshot-holder.ts'
import { allVersions } from './all-versions.ts'
import { experimentVersions } from './refreshes/experiment-versions.ts'
import { refreshEvidence } from './refreshes/refresh-evidence.ts'
import { type Registration, type RegistrationResult, registerModel } from './register-model.ts'
import { shadowReports } from './shadow-reports.ts'
import { verifiedDecisions } from './verified-decisions.ts'

const MAX_REASON_LENGTH = 1_000

/** Someone else may move a version between what was read and what is written. */
const ATTEMPTS = 5

export type PathRefusal =
  | { readonly type: 'unknown-version'; readonly id: string }
  | Exclude<RegistrationResult, { readonly type: 'done' }>
  | { readonly type: 'invalid-reason' }
  | {
      readonly type: 'illegal-step'
      readonly id: string
      readonly from: ModelStage
      readonly legal: readonly ModelStage[]
    }
  /** What is missing, each in a sentence. */
  | { readonly type: 'gate'; readonly id: string; readonly missing: readonly string[] }
  | { readonly type: 'not-in-production'; readonly id: string; readonly current: string | null }
  /** Versions were moved at the same time, again and again. */
  | { readonly type: 'conflict' }

export type PathResult =
  /** What the caller asked for: the version that was moved, or the one that serves after a rollback, if any. */
  | { readonly type: 'done'; readonly version: ModelVersion | null }
  | { readonly type: 'refused'; readonly refusal: PathRefusal }

export type NextStep = {
  readonly to: ModelStage
  /** Each in a sentence; empty where the step can be taken. */
  readonly missing: readonly string[]
}

export type ModelPathService = {
  /** As `registerModel`; durable when it resolves, with its event. Rejects with `DatastoreUnavailableError`. */
  register(registration: Registration & { readonly by: string }): Promise<PathResult>
  /**
   * One step along the path, durable when it resolves, with the event that tells experimentation. A version that is in that
   * stage already stays as it is. Rejects with `DatastoreUnavailableError`.
   */
  promote(request: {
    readonly id: string
    readonly to: ModelStage
    readonly by: string
    readonly reason: string
  }): Promise<PathResult>
  /**
   * Takes a version out of service for good because of how it did: one in PRODUCTION is rolled back. Repeated, it changes
   * nothing. Rejects with `DatastoreUnavailableError`.
   */
  switchOff(request: {
    readonly id: string
    readonly by: string
    readonly reason: string
  }): Promise<PathResult>
  /** The steps that a version has from where it is, each with what is missing for it. Rejects as above. */
  nextSteps(version: ModelVersion): Promise<readonly NextStep[]>
  /**
   * Takes the version out of PRODUCTION and puts the one before there, or none where there is none. Repeated, it changes
   * nothing. Rejects with `DatastoreUnavailableError`.
   */
  rollback(request: {
    /** The version that the caller means. */
    readonly expectedCurrent: string
    readonly by: string
    readonly reason: string
  }): Promise<PathResult>
}

export function createModelPathService(options: {
  readonly store: Pick<
    PersonalizationStore,
    | 'productionModelVersion'
    | 'modelVersionsByIds'
    | 'findModelVersions'
    | 'modelEvaluations'
    | 'shadowOf'
    | 'canaryOf'
    | 'moveModelVersions'
    | 'countModelVersions'
    | 'saveModelVersion'
    | 'modelArtefact'
  >
  readonly snapshots: Pick<SnapshotHolder, 'current'>
  /** Of experimentation, from the configuration. */
  readonly publicKeys: ReadonlyMap<string, KeyObject>
  readonly gates?: Gates
  readonly clock: Clock
}): ModelPathService {
  let verified: {
    readonly snapshot: AssignmentSnapshot
    readonly decisions: readonly VerifiedDecision[]
  } | null = null
  const { store, snapshots, publicKeys, gates = DEFAULT_GATES, clock } = options

  /** Verified once for each snapshot: a hundred signatures take milliseconds. */
  function decisionsOf(snapshot: AssignmentSnapshot | null): readonly VerifiedDecision[] {
    if (snapshot === null) return []
    if (verified?.snapshot !== snapshot) {
      verified = { snapshot, decisions: verifiedDecisions(snapshot.decisions, publicKeys) }
    }
    return verified.decisions
  }

  async function before(current: ModelVersion): Promise<ModelVersion | null> {
    for await (const version of allVersions(store, { stages: ['RETIRED'] })) {
      const found = versionBefore(current, [version])
      if (found !== null) return found
    }
    return null
  }

  async function shadowEvidence(id: string, championId: string | null): Promise<StepEvidence['shadow']> {
    if (championId === null) {
      // Whatever its report is beside: an earlier release may have stored one that does not say.
      const problem = 'no version is in production, so there is none to compare it with'
      return { problems: [problem], evidence: null }
    }
    const [report = null] = await shadowReports(store, [id])
    if (report !== null && report.championId !== championId) {
      const problem = `it was in shadow beside ${report.championId ?? 'another version'}, and now ${championId} serves: wait for a report beside that`
      return { problems: [problem], evidence: null }
    }
    const problems = shadowProblems(report, gates.shadow)
    // With the report itself: replicas may count more afterwards, and its hash would be of nothing that there is.
    const evidence =
      report === null ? null : { kind: 'SHADOW' as const, hash: canonicalHash(report), shadow: report }
    return { problems, evidence }
  }

  async function evidenceFor(version: ModelVersion, steps: readonly ModelStage[]): Promise<StepEvidence> {
    const { id } = version
    const production = await store.productionModelVersion()
    return {
      production,
      evaluation: (await store.modelEvaluations([id])).get(id) ?? null,
      shadow: steps.includes('EXPERIMENT')
        ? await shadowEvidence(id, production?.id ?? null)
        : { problems: [], evidence: null },
      decisions: decisionsOf(snapshots.current()),
      refresh: await refreshEvidence(version, production, { store, publicKeys }),
      gates,
    }
  }

  /** Null where someone else was faster: what was read is not so any more. */
  async function tryPromotion(
    request: Parameters<ModelPathService['promote']>[0],
  ): Promise<PathResult | null> {
    const { id, to, by, reason } = request
    const [version] = await store.modelVersionsByIds([id])
    if (version === undefined) return refused({ type: 'unknown-version', id })
    if (version.stage === to) return { type: 'done', version }
    const evidence = await evidenceFor(version, [to])
    const plan = planStep(version, { to, by, reason, at: clock.now() }, evidence)
    if (plan.type !== 'moves') return refused({ ...plan, id })
    const expectedProduction = evidence.production?.id ?? null
    if ((await store.moveModelVersions({ expectedProduction, moves: plan.moves })) !== 'moved') return null
    const [moved] = await store.modelVersionsByIds([id])
    return { type: 'done', version: moved ?? version }
  }

  async function tryRollback(
    request: Parameters<ModelPathService['rollback']>[0],
  ): Promise<PathResult | null> {
    const { expectedCurrent: id, by, reason } = request
    const current = await store.productionModelVersion()
    if (current?.id !== id) {
      const [version] = await store.modelVersionsByIds([id])
      if (version === undefined) return refused({ type: 'unknown-version', id })
      // Also by a guardrail: it is out, which is what the caller wants.
      return wasTakenOut(version) && version.stage === 'RETIRED'
        ? { type: 'done', version: current }
        : refused({ type: 'not-in-production', id, current: current?.id ?? null })
    }
    const change = { by, reason, at: clock.now() }
    const moved = await moveOut(current, change, (predecessor) => planRollback(current, predecessor, change))
    return moved ? { type: 'done', version: await store.productionModelVersion() } : null
  }

  /** Takes the version in PRODUCTION out of it, and its line out of its canary; false where someone else was faster. */
  async function moveOut(
    current: ModelVersion,
    change: Parameters<typeof retireCanaries>[2],
    plan: (predecessor: ModelVersion | null) => readonly StageMove[],
  ): Promise<boolean> {
    const canaries = retireCanaries(await experimentVersions(store), current, change)
    const move = (predecessor: ModelVersion | null) =>
      store.moveModelVersions({
        expectedProduction: current.id,
        moves: [...plan(predecessor), ...canaries],
      })
    const outcome = await move(await before(current))
    if (outcome !== 'no-artefact') return outcome === 'moved'
    // It was retired so long ago that its artefact has expired: what is popular serves, which is better than `current`.
    return (await move(null)) === 'moved'
  }

  async function trySwitchOff({
    id,
    by,
    reason,
  }: Parameters<ModelPathService['switchOff']>[0]): Promise<PathResult | null> {
    const [version] = await store.modelVersionsByIds([id])
    if (version === undefined) return refused({ type: 'unknown-version', id })
    if (wasSwitchedOff(version) && version.stage !== 'PRODUCTION') return { type: 'done', version }
    const production = await store.productionModelVersion()
    const change = { by, reason, at: clock.now() }
    const moved =
      production?.id === id
        ? await moveOut(production, change, (predecessor) => planSwitchOff(production, predecessor, change))
        : (await store.moveModelVersions({
            expectedProduction: production?.id ?? null,
            moves: planSwitchOff(version, null, change),
          })) === 'moved'
    return moved ? { type: 'done', version: (await store.modelVersionsByIds([id]))[0] ?? version } : null
  }

  async function insist(reason: string, attempt: () => Promise<PathResult | null>): Promise<PathResult> {
    const length = [...reason].length
    if (reason.trim() === '' || length > MAX_REASON_LENGTH || !reason.isWellFormed()) {
      return refused({ type: 'invalid-reason' })
    }
    for (let tried = 0; tried < ATTEMPTS; tried++) {
      const result = await attempt()
      if (result !== null) return result
    }
    return refused({ type: 'conflict' })
  }

  return {
    async register({ by, ...registration }) {
      const result = await registerModel(registration, { store, at: clock.now(), by })
      return result.type === 'done' ? result : refused(result)
    },
    promote: (request) => insist(request.reason, () => tryPromotion(request)),
    rollback: (request) => insist(request.reason, () => tryRollback(request)),
    switchOff: (request) => insist(request.reason, () => trySwitchOff(request)),
    async nextSteps(version) {
      const steps = legalSteps(version.stage)
      if (steps.length === 0) return []
      const evidence = await evidenceFor(version, steps)
      return steps.map((to) => {
        const request = { to, by: version.owner, reason: 'asked', at: clock.now() }
        const plan = planStep(version, request, evidence)
        return { to, missing: plan.type === 'gate' ? plan.missing : [] }
      })
    },
  }
}

function refused(refusal: PathRefusal): PathResult {
  return { type: 'refused', refusal }
}
