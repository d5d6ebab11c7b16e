import { createInteractionMatrixBuilder, type InteractionMatrix } from '../item-to-item/interaction-matrix.ts'
import type { Split } from './split.ts'

/** What a model is trained on. */
export function trainMatrix({ pairs, inTrain }: Split): InteractionMatrix {
  const matrix = createInteractionMatrixBuilder()
  for (const [pair, trained] of inTrain.entries()) {
    if (trained === 0) continue
    matrix.add(pairs.userIds[pairs.users[pair] ?? 0] ?? '', pairs.itemIds[pairs.items[pair] ?? 0] ?? '')
  }
  return matrix.build()
}

/** By item of the matrix: how many users had it. */
export function usersPerItem({ itemIds, items }: InteractionMatrix): Uint32Array {
  const counts = new Uint32Array(itemIds.length)
  for (const item of items) counts[item] = (counts[item] ?? 0) + 1
  return counts
}
