import type { InteractionMatrix } from '../item-to-item/interaction-matrix.ts'
import type { RecommendationModel } from '../recommendation-model.ts'
import { listenersOf } from './listeners.ts'
import { accuracyAt } from './metrics/accuracy.ts'
import {
  type CategoryShares,
  categoryShares,
  intraListDiversity,
  miscalibration,
  novelty,
} from './metrics/beyond-accuracy.ts'
import { coverage, gini } from './metrics/exposure.ts'
import type { Split } from './split.ts'
import { usersPerItem } from './train-part.ts'

/** The values of one metric, such as `ndcg@10`. */
export type MetricValues =
  /** By measured user; NaN where the metric says nothing of the user's list. */
  | { readonly name: string; readonly perUser: Float64Array }
  /** Of all lists together; null where it says nothing of them. */
  | { readonly name: string; readonly overall: number | null }

export type Measurement = {
  /** Users whose lists were measured. */
  readonly userIds: readonly string[]
  /** Users of the test part who are left out, as they have nothing in the train part. */
  readonly withoutHistory: number
  readonly metrics: readonly MetricValues[]
}

export type MeasureOptions = {
  /** List lengths to measure at, each above 0. */
  readonly cutoffs: readonly number[]
  /** The matrix that the model was, or could have been, trained on: its items are the catalogue. */
  readonly matrix: InteractionMatrix
  readonly categoriesOf: (itemId: string) => readonly string[]
}

/** Users whose lists are made between two yields. */
const USERS_PER_STEP = 20

/**
 * Ranks the whole catalogue for each user, without what they have in the train part (which every model leaves out, being
 * the history that it is asked with), and measures the lists. Yields the
 * share of the users who are done.
 */
export function* measure(
  split: Split,
  model: RecommendationModel,
  options: MeasureOptions,
): Generator<number, Measurement, void> {
  const { matrix, categoriesOf } = options
  const cutoffs = [...new Set(options.cutoffs)].sort((a, b) => a - b)
  const longest = cutoffs.at(-1) ?? 0
  const indexById = new Map(matrix.itemIds.map((id, index) => [id, index]))
  // A model that was trained elsewhere may know others.
  const isOfTrainPart = (itemId: string) => indexById.has(itemId)
  const popularity = usersPerItem(matrix)
  const userIds: string[] = []
  const columns = cutoffs.map((k) => ({
    k,
    values: new Map<string, number[]>(),
    exposures: new Uint32Array(matrix.itemIds.length),
  }))

  for (const { userId, history, relevant } of listenersOf(split)) {
    if (userIds.length % USERS_PER_STEP === 0) yield userIds.length / split.relevant.size
    userIds.push(userId)
    const list = model.recommend(history, longest, isOfTrainPart).map(({ itemId }) => itemId)
    const hits = list.map((itemId) => relevant.has(itemId))
    const shares = categoryShares(history.map(({ itemId }) => categoriesOf(itemId)))
    for (const { k, values, exposures } of columns) {
      const shown = list.slice(0, k)
      for (const [name, value] of Object.entries(accuracyNames(hits, relevant.size, k))) {
        push(values, name, value)
      }
      for (const [name, value] of Object.entries(listValues(shown, shares))) push(values, name, value)
      for (const itemId of shown) {
        const item = indexById.get(itemId)
        if (item !== undefined) exposures[item] = (exposures[item] ?? 0) + 1
      }
    }
  }

  function listValues(shown: readonly string[], history: CategoryShares | null) {
    const categories = shown.map(categoriesOf)
    const list = categoryShares(categories)
    const popularities = shown.map((itemId) => popularity[indexById.get(itemId) ?? -1] ?? 0)
    return {
      novelty: novelty(popularities, matrix.userCount),
      diversity: intraListDiversity(categories),
      miscalibration: history === null || list === null ? null : miscalibration(history, list),
    }
  }

  return {
    userIds,
    withoutHistory: split.relevant.size - userIds.length,
    metrics: columns.flatMap(({ k, values, exposures }) => [
      ...[...values].map(([name, perUser]) => ({
        name: `${name}@${k}`,
        perUser: Float64Array.from(perUser),
      })),
      { name: `coverage@${k}`, overall: coverage(exposures) },
      { name: `gini@${k}`, overall: gini(exposures) },
    ]),
  }
}

/** By the names that reports have; the means of the last three over users are MAP, MRR and the hit rate. */
function accuracyNames(hits: readonly boolean[], relevant: number, k: number) {
  const accuracy = accuracyAt(hits, relevant, k)
  return {
    precision: accuracy.precision,
    recall: accuracy.recall,
    'recall-capped': accuracy.cappedRecall,
    ndcg: accuracy.ndcg,
    'ndcg-full-ideal': accuracy.fullIdealNdcg,
    map: accuracy.averagePrecision,
    mrr: accuracy.reciprocalRank,
    'hit-rate': accuracy.hitRate,
  }
}

function push(values: Map<string, number[]>, name: string, value: number | null): void {
  const known = values.get(name)
  if (known === undefined) values.set(name, [value ?? Number.NaN])
  else known.push(value ?? Number.NaN)
}
