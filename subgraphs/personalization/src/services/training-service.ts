import { createHash } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Clock } from '@bulkhead/service/clock'
import type { Logger } from '@bulkhead/service/logging'
import type { PersonalizationStore } from '../datastore/port.ts'
import { encodeItemNeighbours } from '../domain/artefact/item-neighbours.ts'
import { CONSUMING_TYPES, type Interaction } from '../domain/interaction.ts'
import {
  createInteractionMatrixBuilder,
  type InteractionMatrix,
} from '../domain/item-to-item/interaction-matrix.ts'
import {
  DEFAULT_PARAMETERS,
  describeAlgorithm,
  type ItemToItemParameters,
} from '../domain/item-to-item/parameters.ts'
import { trainItemToItem } from '../domain/item-to-item/train.ts'
import type { ModelVersion, TrainingData } from '../domain/model-version.ts'

const MODEL = 'item-to-item'
const PAGE_SIZE = 1_000
/** Another process may train at the same time and take the version number first. */
const SAVE_ATTEMPTS = 10
const STRAIGHT_TO_PRODUCTION = 'trained; versions are promoted at once until there is a promotion process'
const PROMOTED_AGAIN =
  'was already trained on the same data; versions are promoted at once until there is a promotion process'

/** There are no interactions to learn from. The message says what to do. */
export class TrainingRefusedError extends Error {
  override readonly name = 'TrainingRefusedError'
  readonly code = 'NO_INTERACTIONS'
}

export type TrainingProgress =
  | { readonly phase: 'reading'; readonly interactions: number }
  /** `done` is a share, from 0 to 1. */
  | { readonly phase: 'training'; readonly done: number }
  /** The version in production was trained on the same data in the same way, so it is returned and nothing is saved. */
  | { readonly phase: 'unchanged' }

export type TrainingRequest = {
  /** Who is responsible for the version. */
  readonly owner: string
  readonly reason: string
  readonly onProgress?: (progress: TrainingProgress) => void
}

export type TrainingService = {
  /**
   * Trains item-to-item on all consuming interactions and puts the new version into production. If the newest version
   * was trained on the same data in the same way, that one is put into production instead. Yields to the event loop, so
   * that it can run beside other work.
   * @throws TrainingRefusedError where there is no consuming interaction
   */
  train(request: TrainingRequest): Promise<ModelVersion>
}

export function createTrainingService(options: {
  readonly store: Pick<
    PersonalizationStore,
    | 'scanInteractions'
    | 'findModelVersions'
    | 'countModelVersions'
    | 'productionModelVersion'
    | 'promoteModelVersion'
    | 'saveModelVersion'
  >
  readonly clock: Clock
  readonly log: Logger
  readonly parameters?: ItemToItemParameters
}): TrainingService {
  const { store, clock, log, parameters = DEFAULT_PARAMETERS } = options
  const algorithm = describeAlgorithm(parameters)

  async function readInteractions(onProgress: (progress: TrainingProgress) => void): Promise<Log> {
    const hash = createHash('sha256')
    const matrix = createInteractionMatrixBuilder()
    let interactions = 0
    let cutoff = 0
    let after: Interaction | null = null
    for (;;) {
      const page: readonly Interaction[] = await store.scanInteractions({ after, limit: PAGE_SIZE })
      for (const interaction of page) {
        if (!CONSUMING_TYPES.includes(interaction.type)) continue
        hash.update(canonicalLine(interaction))
        matrix.add(interaction.userId, interaction.itemId)
        interactions++
        cutoff = Math.max(cutoff, interaction.occurredAt)
      }
      onProgress({ phase: 'reading', interactions })
      after = page.at(-1) ?? null
      if (page.length < PAGE_SIZE) break
      await nextTurn()
    }
    return { matrix: matrix.build(), fingerprint: hash.digest('hex'), interactions, cutoff }
  }

  async function trainArtefact(
    matrix: InteractionMatrix,
    trainingFingerprint: string,
    onProgress: (progress: TrainingProgress) => void,
  ): Promise<Uint8Array> {
    const steps = trainItemToItem(matrix, parameters)
    for (;;) {
      const step = steps.next()
      if (step.done) {
        return encodeItemNeighbours({ algorithm, parameters, trainingFingerprint }, step.value)
      }
      onProgress({ phase: 'training', done: step.value })
      await nextTurn()
    }
  }

  /** A version of the same data, trained in the same way: the one in production, or else the newest of this model. */
  async function trainedBefore(fingerprint: string): Promise<ModelVersion | null> {
    const inProduction = await store.productionModelVersion()
    const { versions } = await store.findModelVersions({ filter: { model: MODEL }, limit: 1, after: null })
    const same = [inProduction, ...versions].find(
      (version) =>
        version?.model === MODEL &&
        version.trainingData.fingerprint === fingerprint &&
        version.algorithm === algorithm,
    )
    return same ?? null
  }

  async function nextVersion(): Promise<number> {
    const filter = { model: MODEL }
    const { versions } = await store.findModelVersions({ filter, limit: 1, after: null })
    return Math.max(await store.countModelVersions(filter), versions[0]?.version ?? 0) + 1
  }

  async function save(
    request: TrainingRequest,
    data: TrainingData,
    artefact: Uint8Array,
  ): Promise<ModelVersion> {
    const first = await nextVersion()
    const { owner, reason } = request
    const at = clock.now()
    for (let version = first; version < first + SAVE_ATTEMPTS; version++) {
      const saved: ModelVersion = {
        id: `${MODEL}-v${version}`,
        model: MODEL,
        version,
        algorithm,
        stage: 'PRODUCTION',
        owner,
        createdAt: at,
        artefactHash: createHash('sha256').update(artefact).digest('hex'),
        trainingData: data,
        stageHistory: [
          { from: null, to: 'REGISTERED', at, by: owner, reason },
          { from: 'REGISTERED', to: 'PRODUCTION', at, by: owner, reason: STRAIGHT_TO_PRODUCTION },
        ],
      }
      if ((await store.saveModelVersion(saved, artefact)) === 'saved') return saved
    }
    throw new Error(
      `${SAVE_ATTEMPTS} versions of ${MODEL} from ${first} on were taken while this one was saved`,
    )
  }

  return {
    async train(request) {
      const onProgress = request.onProgress ?? (() => undefined)
      const { matrix, fingerprint, interactions, cutoff } = await readInteractions(onProgress)
      if (interactions === 0) {
        throw new TrainingRefusedError(
          `no interaction of type ${CONSUMING_TYPES.join(', ')} is stored, so there is nothing to learn from: ` +
            'import some (`npm run personalization -- import interactions FILE`) or load the demo first',
        )
      }
      const known = await trainedBefore(fingerprint)
      if (known?.stage === 'PRODUCTION') {
        onProgress({ phase: 'unchanged' })
        log.info({ modelVersionId: known.id }, 'no new data, the production version stays')
        return known
      }
      const promotion = { at: clock.now(), by: request.owner, reason: PROMOTED_AGAIN }
      const again = known === null ? null : await store.promoteModelVersion(known.id, promotion)
      if (again !== null) {
        log.info({ modelVersionId: again.id }, 'no new data, an earlier version is in production again')
        return again
      }
      const artefact = await trainArtefact(matrix, fingerprint, onProgress)
      const items = matrix.itemIds.length
      const data = { fingerprint, users: matrix.userCount, items, interactions, cutoff }
      const version = await save(request, data, artefact)
      log.info({ modelVersionId: version.id, ...data, artefactBytes: artefact.length }, 'model trained')
      return version
    },
  }
}

type Log = {
  readonly matrix: InteractionMatrix
  readonly fingerprint: string
  readonly interactions: number
  readonly cutoff: number
}

/**
 * What the fingerprint hashes of one interaction. A JSON array, so that two different interactions never give the same
 * text.
 */
export function canonicalLine(interaction: Interaction): string {
  const { userId, itemId, eventId, type, value, occurredAt } = interaction
  return `${JSON.stringify([userId, itemId, eventId, type, value, occurredAt])}\n`
}
