import { setImmediate as nextTurn } from 'node:timers/promises'
import type { PersonalizationStore } from '../../datastore/port.ts'
import { comparedEstimates, estimates, type ResamplingOptions } from '../../domain/evaluation/estimates.ts'
import { testFingerprint, trainFingerprint } from '../../domain/evaluation/fingerprints.ts'
import { type Measurement, measure } from '../../domain/evaluation/measure.ts'
import {
  CODE_VERSION,
  type ComparisonReport,
  type EvaluatedModel,
  type EvaluationReport,
  type Protocol,
} from '../../domain/evaluation/report.ts'
import { type Split, type SplitChoice, splitPairs } from '../../domain/evaluation/split.ts'
import { trainMatrix } from '../../domain/evaluation/train-part.ts'
import { TRAINERS } from '../../domain/evaluation/trainers.ts'
import type { InteractionMatrix } from '../../domain/item-to-item/interaction-matrix.ts'
import type { ModelVersion } from '../../domain/model-version.ts'
import { EvaluationRefusedError } from './evaluation-refused-error.ts'
import { readCategories, readStoredInteractions, type StoredInteractions } from './stored-interactions.ts'
import { readVersion } from './stored-model.ts'
import { timedModel } from './timed-model.ts'

const RESAMPLES = 1_000
const FLIPS = 10_000

export type EvaluationProgress =
  | { readonly phase: 'reading'; readonly interactions: number }
  /** `done` is a share, from 0 to 1; `model` as it was asked for. */
  | { readonly phase: 'training' | 'ranking'; readonly model: string; readonly done: number }
  | { readonly phase: 'resampling'; readonly done: number }

export type EvaluationRequest = {
  /**
   * A temporal split without a cutoff begins, where a stored version is evaluated, right after the newest interaction that
   * it was trained on.
   */
  readonly split: SplitChoice
  /** List lengths. */
  readonly cutoffs: readonly number[]
  /** A whole number from 0 on. */
  readonly seed: number
  readonly onProgress?: (progress: EvaluationProgress) => void
  /** The CPU time that each list took, milliseconds; not part of a report. `model` as it was asked for. */
  readonly onList?: (model: string, ms: number) => void
}

/**
 * Models are named by what is trained (`TRAINERS`) or by the id of a stored version. What is trained learns from the
 * train part; a stored version is measured as it is. Nothing is written.
 */
export type EvaluationService = {
  /** @throws EvaluationRefusedError */
  evaluate(model: string, request: EvaluationRequest): Promise<EvaluationReport>
  /** @throws EvaluationRefusedError */
  compare(models: readonly [string, string], request: EvaluationRequest): Promise<ComparisonReport>
}

type Asked = { readonly name: string; readonly version: ModelVersion | null }
type Prepared = {
  readonly stored: StoredInteractions
  readonly split: Split
  readonly matrix: InteractionMatrix
  readonly categories: ReadonlyMap<string, readonly string[]>
}

export function createEvaluationService(options: {
  readonly store: Pick<
    PersonalizationStore,
    'scanInteractions' | 'itemsByIds' | 'modelVersionsByIds' | 'modelArtefact'
  >
  /** Fewer make the intervals and p-values coarser. */
  readonly resampling?: Omit<ResamplingOptions, 'seed'>
}): EvaluationService {
  const { store, resampling = { resamples: RESAMPLES, flips: FLIPS } } = options

  async function findModel(name: string): Promise<Asked> {
    if (TRAINERS.has(name)) return { name, version: null }
    const [version] = await store.modelVersionsByIds([name])
    if (version !== undefined) return { name, version }
    const names = [...TRAINERS.keys()].join(', ')
    throw new EvaluationRefusedError(
      'UNKNOWN_MODEL',
      `there is no model ${name}: name what to train (${names}), or a version that \`models list\` shows`,
    )
  }

  async function prepare(
    asked: readonly Asked[],
    { split: choice, onProgress }: EvaluationRequest,
  ): Promise<Prepared> {
    const stored = await readStoredInteractions(store, (interactions) =>
      onProgress?.({ phase: 'reading', interactions }),
    )
    if (stored.interactions === 0) {
      throw new EvaluationRefusedError(
        'NO_INTERACTIONS',
        'no interaction is stored that consumes an item: import some, or load the demo first',
      )
    }
    const split = splitPairs(stored.pairs, afterTraining(choice, asked))
    if ('problem' in split) {
      throw new EvaluationRefusedError(
        'NO_SUCH_SPLIT',
        `${split.problem}; import interactions with times that allow it, or give the test part with --test FILE`,
      )
    }
    for (const { version } of asked) if (version !== null) refuseSeen(version, split)
    const matrix = trainMatrix(split)
    return { stored, split, matrix, categories: await readCategories(store, matrix.itemIds) }
  }

  async function load({ name, version }: Asked, { matrix }: Prepared, request: EvaluationRequest) {
    const train = TRAINERS.get(name)
    if (version !== null) return readVersion(store, version)
    if (train === undefined) throw new Error(`${name} cannot be trained`)
    try {
      return await inTurns(train(matrix), (done) =>
        request.onProgress?.({ phase: 'training', model: name, done }),
      )
    } catch (error) {
      if (error instanceof RangeError) throw new EvaluationRefusedError('TOO_LARGE', error.message)
      throw error
    }
  }

  async function measured(asked: Asked, prepared: Prepared, request: EvaluationRequest) {
    const { split, matrix, categories } = prepared
    const { onList } = request
    const loaded = await load(asked, prepared, request)
    const model = onList === undefined ? loaded : timedModel(loaded, (ms) => onList(asked.name, ms))
    const measurement = await inTurns(
      measure(split, model, {
        cutoffs: request.cutoffs,
        matrix,
        categoriesOf: (itemId) => categories.get(itemId) ?? [],
      }),
      (done) => request.onProgress?.({ phase: 'ranking', model: asked.name, done }),
    )
    if (measurement.userIds.length === 0) {
      throw new EvaluationRefusedError(
        'NO_USERS',
        'no user of the test part has anything in the train part: choose another split, or check the ids of the test file',
      )
    }
    const { name, version } = asked
    const described: EvaluatedModel = {
      name,
      algorithm: version?.algorithm ?? model.algorithm,
      artefactHash: version?.artefactHash ?? null,
    }
    return { measurement, described }
  }

  function protocolOf(
    { stored, split, matrix }: Prepared,
    { withoutHistory, userIds }: Measurement,
    { split: { kind }, cutoffs, seed }: EvaluationRequest,
  ): Protocol {
    return {
      codeVersion: CODE_VERSION,
      data: { fingerprint: stored.fingerprint, interactions: stored.interactions },
      split: {
        kind,
        cutoff: split.cutoff === null ? null : new Date(split.cutoff).toISOString(),
        train: { ...trainFingerprint(split), items: matrix.itemIds.length },
        test: testFingerprint(split),
      },
      users: { measured: userIds.length, withoutHistory },
      cutoffs: [...new Set(cutoffs)].sort((a, b) => a - b),
      seed,
      intervals: {
        method: 'percentile bootstrap over users',
        level: 0.95,
        resamples: resampling.resamples,
      },
    }
  }

  return {
    async evaluate(name, request) {
      const asked = await findModel(name)
      const prepared = await prepare([asked], request)
      const { measurement, described } = await measured(asked, prepared, request)
      const metrics = await inTurns(estimates(measurement, { ...resampling, seed: request.seed }), (done) =>
        request.onProgress?.({ phase: 'resampling', done }),
      )
      return {
        type: 'evaluation',
        protocol: protocolOf(prepared, measurement, request),
        model: described,
        metrics,
      }
    },
    async compare([first, second], request) {
      const asked = [await findModel(first), await findModel(second)] as const
      const prepared = await prepare(asked, request)
      const one = await measured(asked[0], prepared, request)
      const other = await measured(asked[1], prepared, request)
      const metrics = await inTurns(
        comparedEstimates(one.measurement, other.measurement, { ...resampling, seed: request.seed }),
        (done) => request.onProgress?.({ phase: 'resampling', done }),
      )
      return {
        type: 'comparison',
        protocol: protocolOf(prepared, one.measurement, request),
        test: { method: 'paired sign-flip test, two-sided', flips: resampling.flips },
        models: [one.described, other.described],
        metrics,
      }
    },
  }
}

/** Where a stored version is asked for and no cutoff is given, what it has not seen is asked for. */
function afterTraining(choice: SplitChoice, asked: readonly Asked[]): SplitChoice {
  const seen = asked.flatMap(({ version }) => (version === null ? [] : [version.trainingData.cutoff]))
  if (choice.kind !== 'temporal' || choice.cutoff !== null || seen.length === 0) return choice
  return { kind: 'temporal', cutoff: Math.max(...seen) + 1 }
}

/** A model that was trained on the answers would look better than it is. */
function refuseSeen({ id, trainingData }: ModelVersion, { firstTestTime }: Split): void {
  if (firstTestTime === null || trainingData.cutoff < firstTestTime) return
  const until = new Date(trainingData.cutoff).toISOString()
  throw new EvaluationRefusedError(
    'SEEN_TEST_DATA',
    `${id} was trained on interactions up to ${until}, and the test part begins before: choose a --cutoff after that, ` +
      'or give a test part that it has not seen with --test FILE',
  )
}

/** Lets other work run between two steps. */
async function inTurns<Result>(
  steps: Generator<number, Result, void>,
  onStep: (done: number) => void,
): Promise<Result> {
  for (;;) {
    const step = steps.next()
    if (step.done) return step.value
    onStep(step.value)
    await nextTurn()
  }
}
