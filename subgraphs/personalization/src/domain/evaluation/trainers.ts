import type { InteractionMatrix } from '../item-to-item/interaction-matrix.ts'
import { createItemToItemModel } from '../item-to-item/model.ts'
import { DEFAULT_PARAMETERS, describeAlgorithm } from '../item-to-item/parameters.ts'
import { trainItemToItem } from '../item-to-item/train.ts'
import type { RecommendationModel } from '../recommendation-model.ts'
import { createPopularModel } from './popular-model.ts'

/** Trains on a matrix; yields the share that is done, from 0 to 1, so that others can run in between. */
export type Trainer = (matrix: InteractionMatrix) => Generator<number, RecommendationModel, void>

/** What can be evaluated by name. To add one, add its line. */
export const TRAINERS: ReadonlyMap<string, Trainer> = new Map([
  ['popular', trainPopular],
  ['item-knn', trainItemKnn],
])

// biome-ignore lint/correctness/useYield: there is nothing to wait for.
function* trainPopular(matrix: InteractionMatrix): Generator<number, RecommendationModel, void> {
  return createPopularModel(matrix)
}

function* trainItemKnn(matrix: InteractionMatrix): Generator<number, RecommendationModel, void> {
  const lists = yield* trainItemToItem(matrix, DEFAULT_PARAMETERS)
  return createItemToItemModel(describeAlgorithm(DEFAULT_PARAMETERS), lists)
}
