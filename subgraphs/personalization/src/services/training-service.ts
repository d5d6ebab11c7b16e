import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Clock } from '@bulkhead/service/clock'
import type { Logger } from '@bulkhead/service/logging'
import type { PersonalizationStore } from '../datastore/port.ts'
import { CollapsedFactorsError, type IalsCheckpoint } from '../domain/ials/train.ts'
import { CONSUMING_TYPES } from '../domain/interaction.ts'
import {
  createInteractionMatrixBuilder,
  type InteractionMatrix,
} from '../domain/item-to-item/interaction-matrix.ts'
import type { ModelVersion, Refresh, TrainingData } from '../domain/model-version.ts'
import { type Algorithm, CHOSEN_BY_SIZE, type TrainingChoice } from '../domain/training/algorithms.ts'
import { MAX_EASE_SIDE, planTraining, type TrainingPlan } from '../domain/training/training-plan.ts'
import type { Checkpoints } from './checkpoints.ts'
import { type InteractionsRead, readConsumingInteractions } from './consuming-interactions.ts'
import { hashArtefact } from './hash-artefact.ts'
import { saveNextVersion } from './save-next-version.ts'

/** There is nothing to learn from, or too much for the algorithm. The message says what to do. */
export class TrainingRefusedError extends Error {
  override readonly name = 'TrainingRefusedError'
  readonly code: 'NO_INTERACTIONS' | 'TOO_LARGE' | 'COLLAPSED'

  constructor(code: TrainingRefusedError['code'], message: string) {
    super(message)
    this.code = code
  }
}

export type TrainingProgress =
  | { readonly phase: 'reading'; readonly interactions: number }
  /** The algorithm is decided. */
  | { readonly phase: 'planned'; readonly algorithm: Algorithm; readonly items: number }
  /** Training goes on after as many epochs of a run that was interrupted. */
  | { readonly phase: 'resumed'; readonly epochs: number }
  /** `done` is a share, from 0 to 1. */
  | { readonly phase: 'training'; readonly done: number }
  /** A version was trained on the same data in the same way already, so it is returned and nothing is saved. */
  | { readonly phase: 'unchanged' }

export type TrainingRequest = {
  /** Who is responsible for the version. */
  readonly owner: string
  readonly reason: string
  /** By default what suits the number of items. */
  readonly choice?: TrainingChoice
  /** Epoch milliseconds: what happened from then on is left out, so that the version can be evaluated on it. */
  readonly until?: number
  /** What the version refreshes, where it is trained by a bound recipe. */
  readonly refresh?: Refresh
  readonly onProgress?: (progress: TrainingProgress) => void
}

export type TrainingService = {
  /**
   * Trains a model on all consuming interactions and registers the new version, at the beginning of its path: it does not
   * serve. If the version in production or one of the newest hundred of the model was trained on the same data in the same
   * way and is not retired, or is the same refresh, that one is returned instead. Yields to the event loop, so that it can run
   * beside other work. A run that was interrupted goes on from its last checkpoint, if the data and the parameters are still
   * the same, and ends with the same artefact.
   * @throws TrainingRefusedError where there is no consuming interaction, too many items and users for EASE, or nothing that
   *   iALS can learn with this regularization
   */
  train(request: TrainingRequest): Promise<ModelVersion>
}

/** Versions of the model among which one of the same data is looked for. */
const NEWEST_VERSIONS = 100

export function createTrainingService(options: {
  readonly store: Pick<
    PersonalizationStore,
    | 'scanInteractions'
    | 'findModelVersions'
    | 'countModelVersions'
    | 'productionModelVersion'
    | 'saveModelVersion'
  >
  readonly clock: Clock
  readonly log: Logger
  /** None for a training that always starts from the beginning. */
  readonly checkpoints?: Checkpoints
}): TrainingService {
  const { store, clock, log, checkpoints } = options

  async function readInteractions(
    until: number,
    onProgress: (progress: TrainingProgress) => void,
  ): Promise<Log> {
    const matrix = createInteractionMatrixBuilder()
    let cutoff = 0
    const read = await readConsumingInteractions(
      store,
      ({ userId, itemId, occurredAt }) => {
        matrix.add(userId, itemId)
        cutoff = Math.max(cutoff, occurredAt)
      },
      (interactions) => onProgress({ phase: 'reading', interactions }),
      until,
    )
    return { ...read, matrix: matrix.build(), cutoff }
  }

  /** A full disk costs the checkpoint, not the training. */
  async function keep(run: string, checkpoint: IalsCheckpoint): Promise<void> {
    try {
      await checkpoints?.save(run, checkpoint)
    } catch (error) {
      log.warn(
        { err: error },
        'no checkpoint could be written; training goes on, and would start anew if interrupted',
      )
    }
  }

  async function trainArtefact(
    plan: TrainingPlan,
    { matrix, fingerprint }: Log,
    onProgress: (progress: TrainingProgress) => void,
  ): Promise<Uint8Array> {
    const run = `${plan.description} ${fingerprint}`
    const checkpoint = (await checkpoints?.load(run)) ?? null
    if (checkpoint !== null) onProgress({ phase: 'resumed', epochs: checkpoint.epochs })
    const steps = plan.train(matrix, fingerprint, checkpoint)
    for (;;) {
      const step = nextStep(steps)
      if (step.done) return step.value
      onProgress({ phase: 'training', done: step.value.done })
      if (step.value.checkpoint !== null) await keep(run, step.value.checkpoint)
      await nextTurn()
    }
  }

  /**
   * A version of the same data, trained in the same way: the one in production, or else the newest such of this model. One
   * that is retired can never serve again, so it counts for refreshes only.
   */
  async function trainedBefore(
    { model, description }: TrainingPlan,
    fingerprint: string,
    refresh: Refresh | undefined,
  ): Promise<ModelVersion | null> {
    const inProduction = await store.productionModelVersion()
    const query = { filter: { model }, limit: NEWEST_VERSIONS, after: null }
    const { versions } = await store.findModelVersions(query)
    const same = [inProduction, ...versions].find(
      (version) =>
        version?.model === model &&
        // A refresh that did not pass is not tried again on the same data.
        (version.stage !== 'RETIRED' || refresh !== undefined) &&
        version.trainingData.fingerprint === fingerprint &&
        version.algorithm === description &&
        // A refresh has a path of its own.
        version.refresh?.decisionHash === refresh?.decisionHash,
    )
    return same ?? null
  }

  async function save(
    { owner, reason, refresh }: TrainingRequest,
    { model, description, recipe }: TrainingPlan,
    trainingData: TrainingData,
    artefact: Uint8Array,
  ): Promise<ModelVersion> {
    const at = clock.now()
    const registered = { from: null, to: 'REGISTERED', at, by: owner, reason } as const
    const fields = {
      ...{ model, algorithm: description, owner, createdAt: at, trainingData, recipe },
      artefactHash: await hashArtefact(artefact),
      ...(refresh !== undefined && { refresh }),
    }
    return saveNextVersion(store, { ...fields, stage: 'REGISTERED', stageHistory: [registered] }, artefact)
  }

  return {
    async train(request) {
      const onProgress = request.onProgress ?? (() => undefined)
      const { until = Number.POSITIVE_INFINITY } = request
      const read = await readInteractions(until, onProgress)
      const { matrix, fingerprint, interactions, cutoff } = read
      if (interactions === 0) {
        throw new TrainingRefusedError(
          'NO_INTERACTIONS',
          `no interaction of type ${CONSUMING_TYPES.join(', ')} is stored, so there is nothing to learn from: ` +
            'import some (`npm run personalization -- import interactions FILE`) or load the demo first',
        )
      }
      const items = matrix.itemIds.length
      const planned = planTraining(request.choice ?? CHOSEN_BY_SIZE, matrix)
      if (planned.type === 'too-large') {
        throw new TrainingRefusedError(
          'TOO_LARGE',
          `EASE would invert a matrix of ${planned.side} rows for these ${items} items and ${matrix.userCount} users, ` +
            `and ${MAX_EASE_SIDE} are the limit: train iALS instead (\`train --algorithm ials\`)`,
        )
      }
      const { plan } = planned
      onProgress({ phase: 'planned', algorithm: plan.algorithm, items })
      const known = await trainedBefore(plan, fingerprint, request.refresh)
      if (known !== null) {
        onProgress({ phase: 'unchanged' })
        log.info({ modelVersionId: known.id, stage: known.stage }, 'no new data, the version stays as it is')
        return known
      }
      const artefact = await trainArtefact(plan, read, onProgress)
      const data = { fingerprint, users: matrix.userCount, items, interactions, cutoff }
      const version = await save(request, plan, data, artefact)
      await checkpoints?.clear()
      log.info({ modelVersionId: version.id, ...data, artefactBytes: artefact.length }, 'model trained')
      return version
    },
  }
}

/** @throws TrainingRefusedError where the plan finds at its end that it has learnt nothing */
function nextStep(steps: ReturnType<TrainingPlan['train']>): ReturnType<typeof steps.next> {
  try {
    return steps.next()
  } catch (error) {
    if (error instanceof CollapsedFactorsError) throw new TrainingRefusedError('COLLAPSED', error.message)
    throw error
  }
}

type Log = InteractionsRead & {
  readonly matrix: InteractionMatrix
  readonly cutoff: number
}
