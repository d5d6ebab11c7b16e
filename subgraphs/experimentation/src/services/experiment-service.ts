import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '@bulkhead/service/clock'
import { serviceError } from '@bulkhead/service/errors'
import type { Logger } from '@bulkhead/service/logging'
import type { Random } from '@bulkhead/service/random'
import type { ExperimentationStore } from '../datastore/port.ts'
import type { Experiment } from '../domain/experiment.ts'
import { type LifecycleAction, transition } from '../domain/lifecycle.ts'
import { namedModelVersions } from '../domain/model-versions.ts'
import { findParameterConflicts } from '../domain/parameter-conflicts.ts'
import { isListed, MAX_LISTED_EXPERIMENTS, nextSnapshot } from '../domain/publishing.ts'
import type { ExperimentRefusal } from '../domain/refusals.ts'
import { type ExperimentDraft, refuseReason, validateExperiment } from '../domain/validate-experiment.ts'
import { EXPERIMENTATION_ERRORS } from '../errors.ts'
import type { SignSnapshot, SnapshotService } from './snapshot-service.ts'

/** A step that the owner of an experiment asks for. */
export type ExperimentStep = {
  readonly key: string
  readonly action: LifecycleAction
  /** The revision that the caller has seen. */
  readonly revision: number
  readonly reason: string
  /** Who asks: the subject of the caller's identity. */
  readonly by: string
}

export type ExperimentResult =
  | { readonly type: 'accepted'; readonly experiment: Experiment }
  | { readonly type: 'refused'; readonly refusal: ExperimentRefusal }

export type ExperimentService = {
  /** Stores a new experiment in status DRAFT, created by this person. It assigns nothing before it is started. */
  create(draft: ExperimentDraft, by: string): Promise<ExperimentResult>
  /**
   * Takes a step and publishes the snapshot that shows it, in one write. If two steps are taken at the same time, on
   * any replicas, the second is decided on the result of the first.
   * @throws ServiceError PUBLISH_CONTENTION if other changes were faster in every attempt
   */
  step(step: ExperimentStep): Promise<ExperimentResult>
}

export type ExperimentServiceOptions = {
  readonly store: Pick<
    ExperimentationStore,
    | 'createExperiment'
    | 'experimentsByKeys'
    | 'assigningExperiments'
    | 'modelVersionsByIds'
    | 'latestSnapshot'
    | 'publish'
  >
  readonly snapshots: Pick<SnapshotService, 'accept'>
  readonly sign: SignSnapshot
  readonly clock: Clock
  readonly random: Pick<Random, 'next'>
  readonly log: Logger
}

/** In every attempt one of the competing changes is published, so n attempts are enough for n changes at once. */
const PUBLISH_ATTEMPTS = 12
const PUBLISH_PAUSE_MS = 20

export function createExperimentService(options: ExperimentServiceOptions): ExperimentService {
  const { store, snapshots, sign, clock, random, log } = options

  async function create(draft: ExperimentDraft, by: string): Promise<ExperimentResult> {
    const reading = validateExperiment(draft, { at: clock.now(), by })
    if (reading.type !== 'valid') return refused(reading)
    const { experiment } = reading
    if ((await store.createExperiment(experiment)) === 'exists') {
      return refused({ type: 'experiment-exists', key: experiment.key })
    }
    return { type: 'accepted', experiment }
  }

  async function step(request: ExperimentStep): Promise<ExperimentResult> {
    const reasonRefusal = refuseReason(request.reason)
    if (reasonRefusal !== null) return refused(reasonRefusal)
    for (let attempt = 0; attempt < PUBLISH_ATTEMPTS; attempt++) {
      const result = await tryStep(request)
      if (result !== 'conflict') return result
      await sleep(PUBLISH_PAUSE_MS * random.next() * (attempt + 1))
    }
    throw serviceError(EXPERIMENTATION_ERRORS.PUBLISH_CONTENTION)
  }

  /**
   * Reads the snapshot before the experiments. If another change is published between these reads, it has taken the
   * next version, and the write here is a conflict. In the other order, the write here would undo that change.
   */
  async function tryStep(request: ExperimentStep): Promise<ExperimentResult | 'conflict'> {
    const { key, action, revision, reason, by } = request
    const previous = await store.latestSnapshot()
    const [stored] = await store.experimentsByKeys([key])
    if (stored === undefined) return refused({ type: 'experiment-not-found', key })
    if (stored.revision !== revision) {
      return refused({ type: 'revision-conflict', sent: revision, current: stored.revision })
    }
    const now = clock.now()
    const moved = transition(stored, action, { at: now, by, reason })
    if (moved.type !== 'moved') return refused(moved)

    const { experiment } = moved
    const others = (await store.assigningExperiments()).filter((other) => other.key !== key)
    const absent = action === 'start' ? await absentModelVersions(experiment) : []
    if (absent.length > 0) return refused({ type: 'models-absent', modelVersionIds: absent })
    const refusal = experiment.status === 'RUNNING' ? refuseBeside(experiment, others) : null
    if (refusal !== null) return refused(refusal)

    const snapshot = sign(nextSnapshot(previous, [...others, experiment], now))
    const outcome = await store.publish({ change: { experiment, expectedRevision: revision }, snapshot })
    if (outcome === 'conflict') return 'conflict'
    snapshots.accept(snapshot)
    log.info(
      { experimentKey: key, action, by, revision: experiment.revision, snapshotVersion: snapshot.version },
      'experiment changed',
    )
    return { type: 'accepted', experiment }
  }

  /** Those that the experiment would serve and personalization has not told of. */
  async function absentModelVersions(experiment: Experiment): Promise<readonly string[]> {
    const named = namedModelVersions(experiment)
    if (named.length === 0) return []
    const known = new Set((await store.modelVersionsByIds(named)).map(({ id }) => id))
    return named.filter((id) => !known.has(id))
  }

  return { create, step }
}

/** Why an experiment may not run beside those that are listed already; null if it may. */
function refuseBeside(experiment: Experiment, others: readonly Experiment[]): ExperimentRefusal | null {
  if (others.filter(isListed).length >= MAX_LISTED_EXPERIMENTS) {
    return { type: 'snapshot-full', limit: MAX_LISTED_EXPERIMENTS }
  }
  return findParameterConflicts(experiment, others)
}

function refused(refusal: ExperimentRefusal): ExperimentResult {
  return { type: 'refused', refusal }
}
