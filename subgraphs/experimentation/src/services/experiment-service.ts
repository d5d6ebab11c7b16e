import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '@bulkhead/service/clock'
import { serviceError } from '@bulkhead/service/errors'
import type { Logger } from '@bulkhead/service/logging'
import type { Random } from '@bulkhead/service/random'
import type { ExperimentationStore } from '../datastore/port.ts'
import type { Experiment } from '../domain/experiment.ts'
import { type LifecycleAction, transition } from '../domain/lifecycle.ts'
import { findParameterConflicts } from '../domain/parameter-conflicts.ts'
import { isListed, MAX_LISTED_EXPERIMENTS, nextSnapshot } from '../domain/publishing.ts'
import type { ExperimentRefusal } from '../domain/refusals.ts'
import { type ExperimentDraft, refuseReason, validateExperiment } from '../domain/validate-experiment.ts'
import { EXPERIMENTATION_ERRORS } from '../errors.ts'
import type { SignSnapshot, SnapshotService } from './snapshot-service.ts'

/** A step of one experiment, as its owner asks for it. */
export type ExperimentStep = {
  readonly key: string
  readonly action: LifecycleAction
  /** The revision that the caller has seen. */
  readonly revision: number
  readonly reason: string
}

export type ExperimentResult =
  | { readonly type: 'accepted'; readonly experiment: Experiment }
  | { readonly type: 'refused'; readonly refusal: ExperimentRefusal }

export type ExperimentService = {
  /** Stores a new experiment in DRAFT; nobody meets it before it is started. */
  create(draft: ExperimentDraft): Promise<ExperimentResult>
  /**
   * Takes a step and publishes the snapshot that shows it, in one write. Of two steps at the same time, wherever they
   * are taken, the second is decided on what the first has left.
   * @throws ServiceError PUBLISH_CONTENTION where other changes always came first
   */
  step(step: ExperimentStep): Promise<ExperimentResult>
}

export type ExperimentServiceOptions = {
  readonly store: Pick<
    ExperimentationStore,
    'createExperiment' | 'experimentsByKeys' | 'assigningExperiments' | 'latestSnapshot' | 'publish'
  >
  readonly snapshots: Pick<SnapshotService, 'accept'>
  readonly sign: SignSnapshot
  readonly clock: Clock
  readonly random: Pick<Random, 'next'>
  readonly log: Logger
}

/** In every round somebody's change is published, so that so many rounds suffice for as many at once. */
const PUBLISH_ATTEMPTS = 12
const PUBLISH_PAUSE_MS = 20

export function createExperimentService(options: ExperimentServiceOptions): ExperimentService {
  const { store, snapshots, sign, clock, random, log } = options

  async function create(draft: ExperimentDraft): Promise<ExperimentResult> {
    const reading = validateExperiment(draft, clock.now())
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
   * The snapshot is read before the experiments. Then a change that falls between the reads makes the version that
   * is built here a taken one, and the write a conflict; the other way round it would be overwritten.
   */
  async function tryStep(request: ExperimentStep): Promise<ExperimentResult | 'conflict'> {
    const { key, action, revision, reason } = request
    const previous = await store.latestSnapshot()
    const [stored] = await store.experimentsByKeys([key])
    if (stored === undefined) return refused({ type: 'experiment-not-found', key })
    if (stored.revision !== revision) {
      return refused({ type: 'revision-conflict', sent: revision, current: stored.revision })
    }
    const now = clock.now()
    const moved = transition(stored, action, { at: now, reason })
    if (moved.type !== 'moved') return refused(moved)

    const { experiment } = moved
    const others = (await store.assigningExperiments()).filter((other) => other.key !== key)
    const refusal = experiment.status === 'RUNNING' ? refuseBeside(experiment, others) : null
    if (refusal !== null) return refused(refusal)

    const snapshot = sign(nextSnapshot(previous, [...others, experiment], now))
    const outcome = await store.publish({ change: { experiment, expectedRevision: revision }, snapshot })
    if (outcome === 'conflict') return 'conflict'
    snapshots.accept(snapshot)
    log.info(
      { experimentKey: key, action, revision: experiment.revision, snapshotVersion: snapshot.version },
      'experiment changed',
    )
    return { type: 'accepted', experiment }
  }

  return { create, step }
}

/** Why an experiment may not enrol beside those that are listed already; null where it may. */
function refuseBeside(experiment: Experiment, others: readonly Experiment[]): ExperimentRefusal | null {
  if (others.filter(isListed).length >= MAX_LISTED_EXPERIMENTS) {
    return { type: 'snapshot-full', limit: MAX_LISTED_EXPERIMENTS }
  }
  return findParameterConflicts(experiment, others)
}

function refused(refusal: ExperimentRefusal): ExperimentResult {
  return { type: 'refused', refusal }
}
