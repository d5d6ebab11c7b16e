import type { InteractionMatrix } from '../item-to-item/interaction-matrix.ts'
import { decodeModel, type RecommendationModel } from '../recommendation-model.ts'
import { ALGORITHMS, type Algorithm } from '../training/algorithms.ts'
import { planTraining } from '../training/training-plan.ts'
import { createPopularModel } from './popular-model.ts'

/**
 * Trains on a matrix; yields the share that is done, from 0 to 1, so that others can run in between. What cannot be
 * trained on it throws a RangeError that says why.
 */
export type Trainer = (matrix: InteractionMatrix) => Generator<number, RecommendationModel, void>

/** What can be evaluated by name: popularity, and every algorithm that `train` knows, with its default parameters. */
export const TRAINERS: ReadonlyMap<string, Trainer> = new Map([
  ['popular', trainPopular],
  ...ALGORITHMS.map((algorithm) => [algorithm, trainerOf(algorithm)] as const),
])

// biome-ignore lint/correctness/useYield: there is nothing to wait for.
function* trainPopular(matrix: InteractionMatrix): Generator<number, RecommendationModel, void> {
  return createPopularModel(matrix)
}

/** The model comes out of its artefact, as in serving. */
function trainerOf(algorithm: Algorithm): Trainer {
  return function* train(matrix) {
    const planned = planTraining({ algorithm, parameters: {} }, matrix)
    if (planned.type === 'too-large') {
      throw new RangeError(`${algorithm} would invert a matrix of ${planned.side} rows: use ials`)
    }
    const steps = planned.plan.train(matrix, 'evaluation', null)
    let step = steps.next()
    for (; !step.done; step = steps.next()) yield step.value.done
    return decodeModel(step.value)
  }
}
