import { type InteractionMatrix, withBoundedRows } from './interaction-matrix.ts'
import { type ItemColumns, itemColumns } from './item-columns.ts'
import { createNeighbourHeap } from './neighbour-heap.ts'
import type { ItemToItemParameters } from './parameters.ts'

/** Per item its most similar ones (CSR): those of item i stand in `[starts[i], starts[i+1])`, most similar first. */
export type NeighbourLists = {
  readonly itemIds: readonly string[]
  readonly starts: Uint32Array
  readonly neighbours: Int32Array
  /** Finite; of item-to-item in (0, 1], of EASE on both sides of 0. */
  readonly similarities: Float32Array
}

/** Additions between two yields: well below a millisecond. One item alone may take more, if very many had it. */
const ADDITIONS_PER_STEP = 100_000

/**
 * Cosine similarity of items over the users who had them, each user weighted by BM25's length normalisation
 * (Robertson and Zaragoza 2009, a user as the document, their items as its terms, each occurring once):
 *
 *     w(u) = (k1 + 1) / (k1 (1 - b + b |u| / mean |u|) + 1)
 *     similarity(i, j) = sum over users of both w(u)^2 / (norm(i) norm(j) + shrinkage)
 *
 * BM25's idf of an item would cancel in the cosine, so it is left out. Time grows with the sum of the squares of the
 * users' row lengths; memory with the items, never with their square. Ties go to the smaller item id.
 *
 * Yields the share that is done, in [0, 1), so that whoever trains can let others run in between; before the first
 * yield it passes over the interactions a few times.
 */
export function* trainItemToItem(
  interactions: InteractionMatrix,
  parameters: ItemToItemParameters,
): Generator<number, NeighbourLists, void> {
  const matrix = withBoundedRows(interactions, parameters.itemsPerUser)
  const { itemIds } = matrix
  const columns = itemColumns(matrix)
  const squaredWeights = squaredUserWeights(matrix, parameters)
  const norms = itemNorms(columns, squaredWeights)
  const heap = createNeighbourHeap(parameters.neighbours)
  const starts = new Uint32Array(itemIds.length + 1)
  let neighbours = new Int32Array(1024)
  let similarities = new Float32Array(1024)
  let written = 0
  let additions = 0
  // One row of the item-item matrix at a time. Afterwards only the cells that were touched are reset.
  const sums = new Float64Array(itemIds.length)
  const touched = new Uint32Array(itemIds.length)

  for (let item = 0; item < itemIds.length; item++) {
    if (item === 0 || additions >= ADDITIONS_PER_STEP) {
      additions = 0
      yield item / itemIds.length
    }
    const touchedCount = accumulate(item)
    for (let n = 0; n < touchedCount; n++) {
      const other = touched[n] ?? 0
      const sum = sums[other] ?? 0
      sums[other] = 0
      if (other === item) continue
      const product = (norms[item] ?? 0) * (norms[other] ?? 0)
      // Rounded to the precision of the artefact first, so that ties are the same there.
      heap.offer(other, Math.fround(Math.min(1, sum / (product + parameters.shrinkage))))
    }
    while (written + heap.size() > neighbours.length) {
      neighbours = doubled(neighbours, new Int32Array(neighbours.length * 2))
      similarities = doubled(similarities, new Float32Array(similarities.length * 2))
    }
    starts[item] = written
    written += heap.drain(neighbours, similarities, written)
  }
  starts[itemIds.length] = written
  return {
    itemIds,
    starts,
    neighbours: neighbours.slice(0, written),
    similarities: similarities.slice(0, written),
  }

  function accumulate(item: number): number {
    let count = 0
    const end = columns.starts[item + 1] ?? 0
    for (let n = columns.starts[item] ?? 0; n < end; n++) {
      const user = columns.users[n] ?? 0
      const weight = squaredWeights[user] ?? 0
      const rowStart = matrix.rowStarts[user] ?? 0
      const rowEnd = matrix.rowStarts[user + 1] ?? 0
      additions += rowEnd - rowStart
      for (let m = rowStart; m < rowEnd; m++) {
        const other = matrix.items[m] ?? 0
        const sum = sums[other] ?? 0
        if (sum === 0) touched[count++] = other
        sums[other] = sum + weight
      }
    }
    return count
  }
}

function squaredUserWeights(matrix: InteractionMatrix, parameters: ItemToItemParameters): Float64Array {
  const { k1, b } = parameters
  const meanLength = matrix.items.length / Math.max(1, matrix.userCount)
  const squared = new Float64Array(matrix.userCount)
  for (let user = 0; user < matrix.userCount; user++) {
    const length = (matrix.rowStarts[user + 1] ?? 0) - (matrix.rowStarts[user] ?? 0)
    const weight = (k1 + 1) / (k1 * (1 - b + (b * length) / meanLength) + 1)
    squared[user] = weight * weight
  }
  return squared
}

function itemNorms({ starts, users }: ItemColumns, squaredWeights: Float64Array): Float64Array {
  const norms = new Float64Array(starts.length - 1)
  for (let item = 0; item < norms.length; item++) {
    let sum = 0
    const end = starts[item + 1] ?? 0
    for (let n = starts[item] ?? 0; n < end; n++) sum += squaredWeights[users[n] ?? 0] ?? 0
    norms[item] = Math.sqrt(sum)
  }
  return norms
}

function doubled<A extends Int32Array | Float32Array>(array: A, larger: A): A {
  larger.set(array)
  return larger
}
