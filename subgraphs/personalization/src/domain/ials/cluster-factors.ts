import { clusterRows } from '../nearest/clusters.ts'
import type { FactorsModelParts } from './model.ts'

/** A model with fewer items is read whole: that takes 1 to 3 ms and misses none (see `bench nearest`). */
export const CLUSTERED_FROM = 10_000

/** The same model with its items in groups. Yields between pieces of work, see `clusterRows`. */
export function* clusterFactors(parts: FactorsModelParts): Generator<void, FactorsModelParts, void> {
  const { itemIds, dimensions, values } = parts.factors
  const { clusters, values: grouped } = yield* clusterRows({ dimensions, values })
  const ids = Array.from(clusters.places, (place) => itemIds[place] ?? '')
  return { ...parts, factors: { itemIds: ids, dimensions, values: grouped }, clusters }
}
