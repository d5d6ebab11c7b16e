import { addToCell, type BlockMatrix, createBlockMatrix } from './block-matrix.ts'

/** Additions between two yields: a few milliseconds. */
const ADDITIONS_PER_STEP = 500_000

/** Lists of numbers one behind the other: list i is `values[starts[i] .. starts[i + 1])`. */
export type Lists = { readonly starts: Uint32Array; readonly values: Uint32Array }

/**
 * lambda I plus, for every list, 1 in each cell of two of its numbers: of the users' items it makes X^T X + lambda I, of
 * the items' users X X^T + lambda I. Numbers are below `size`, each at most once in a list. Yields between lists.
 */
export function* gramMatrix(
  { starts, values }: Lists,
  size: number,
  lambda: number,
): Generator<void, BlockMatrix, void> {
  const matrix = createBlockMatrix(size)
  for (let row = 0; row < size; row++) addToCell(matrix, row, row, lambda)
  let additions = 0
  for (let list = 0; list + 1 < starts.length; list++) {
    const sorted = values.slice(starts[list], starts[list + 1]).sort()
    for (let a = 0; a < sorted.length; a++) {
      const row = sorted[a] ?? 0
      for (let b = 0; b <= a; b++) addToCell(matrix, row, sorted[b] ?? 0, 1)
    }
    additions += sorted.length ** 2 / 2
    if (additions >= ADDITIONS_PER_STEP) {
      additions = 0
      yield
    }
  }
  return matrix
}
