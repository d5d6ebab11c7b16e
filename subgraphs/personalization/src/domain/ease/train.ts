import type { InteractionMatrix } from '../item-to-item/interaction-matrix.ts'
import { createNeighbourHeap } from '../item-to-item/neighbour-heap.ts'
import type { NeighbourLists } from '../item-to-item/train.ts'
import { cheapestWay } from './cost.ts'
import type { EaseParameters } from './parameters.ts'
import { dualWeights, primalWeights } from './weight-rows.ts'

/** Rows of weights between two yields. */
const ROWS_PER_STEP = 8

/**
 * EASE (Steck 2019, "Embarrassingly Shallow Autoencoders for Sparse Data"): the item-item weights B with a zero diagonal
 * that minimise |X - X B|^2 + lambda |B|^2, X being the binary matrix of users and items. In closed form, with
 * P = (X^T X + lambda I)^-1, B(i, j) = -P(i, j) / P(j, j). Row i is what item i of a history adds to the scores of others.
 *
 * Of each row the `neighbours` weights furthest from 0 are kept, negative ones included, furthest first; of equal ones the
 * smaller item id. Time grows with the cube of items or users, whichever is cheaper; memory with the square of that.
 *
 * Yields the share that is done, in [0, 1).
 */
export function* trainEase(
  matrix: InteractionMatrix,
  { lambda, neighbours }: EaseParameters,
): Generator<number, NeighbourLists, void> {
  const itemCount = matrix.itemIds.length
  const { way, inversion, rows } = cheapestWay(matrix)
  const inversionShare = inversion / Math.max(1, inversion + rows)
  const inverting = way === 'dual' ? dualWeights(matrix, lambda) : primalWeights(matrix, lambda)
  let step = inverting.next()
  for (; !step.done; step = inverting.next()) yield step.value * inversionShare
  const weightRow = step.value

  const perItem = Math.min(neighbours, Math.max(0, itemCount - 1))
  const heap = createNeighbourHeap(perItem)
  const starts = new Uint32Array(itemCount + 1)
  const kept = new Int32Array(itemCount * perItem)
  const weights = new Float32Array(itemCount * perItem)
  let written = 0
  for (let item = 0; item < itemCount; item++) {
    if (item % ROWS_PER_STEP === 0) yield inversionShare + (1 - inversionShare) * (item / itemCount)
    const row = weightRow(item)
    // Rounded to the precision of the artefact first, so that ties are the same there.
    row.forEach((weight, other) => {
      if (other !== item) heap.offer(other, Math.fround(Math.abs(weight)))
    })
    const start = written
    starts[item] = start
    written += heap.drain(kept, weights, start)
    for (let n = start; n < written; n++) weights[n] = row[kept[n] ?? 0] ?? 0
  }
  starts[itemCount] = written
  return {
    itemIds: matrix.itemIds,
    starts,
    neighbours: kept.slice(0, written),
    similarities: weights.slice(0, written),
  }
}
