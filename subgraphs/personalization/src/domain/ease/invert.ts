import { addProduct, BLOCK, type BlockMatrix, blockAt } from './block-matrix.ts'

/** Products of blocks between two yields: a few milliseconds. */
const PRODUCTS_PER_STEP = 64

/**
 * Replaces a symmetric positive definite matrix A by its inverse, in place. With the Cholesky factor L of A and W the
 * inverse of L, the inverse of A is W^T W; each of the three steps takes n^3 / 6 multiplications, and all of them are
 * products a b^T of blocks, because W is kept transposed: block (K, J) of the triangle holds W(K, J)^T.
 *
 * Yields the share that is done, in [0, 1).
 * @throws RangeError where A is not positive definite
 */
export function* invertInPlace(matrix: BlockMatrix): Generator<number, void, void> {
  const { blockRows } = matrix
  const total = (blockRows * (blockRows + 1) * (blockRows + 2)) / 2
  let done = 0
  let sinceYield = 0
  function* counted(products: number): Generator<number, void, void> {
    done += products
    sinceYield += products
    if (sinceYield < PRODUCTS_PER_STEP) return
    sinceYield = 0
    yield Math.min(done / total, 1 - Number.EPSILON)
  }
  const diagonal = yield* factorize(matrix, counted)
  yield* invertFactor(matrix, diagonal, counted)
  yield* multiplyByTranspose(matrix, counted)
}

type Counted = (products: number) => Generator<number, void, void>

/** Below the diagonal A becomes L. Returns the inverses of L's diagonal blocks, which is all that is needed of those. */
function* factorize(matrix: BlockMatrix, counted: Counted): Generator<number, Float64Array[], void> {
  const inverses: Float64Array[] = []
  const scratch = new Float64Array(BLOCK * BLOCK)
  for (let row = 0; row < matrix.blockRows; row++) {
    for (let column = 0; column <= row; column++) {
      const block = blockAt(matrix, row, column)
      for (let k = 0; k < column; k++) {
        addProduct(block, blockAt(matrix, row, k), blockAt(matrix, column, k), -1)
      }
      const inverse = inverses[column]
      if (inverse === undefined) inverses.push(invertedFactor(block))
      else {
        // X L^T = block, so X = block W^T.
        scratch.fill(0)
        addProduct(scratch, block, inverse, 1)
        block.set(scratch)
      }
      yield* counted(column + 1)
    }
  }
  return inverses
}

/** L becomes W^T, column by column: W(I, J) = -W(I, I) times the sum over J <= K < I of L(I, K) W(K, J). */
function* invertFactor(
  matrix: BlockMatrix,
  diagonal: readonly Float64Array[],
  counted: Counted,
): Generator<number, void, void> {
  const sum = new Float64Array(BLOCK * BLOCK)
  for (let column = 0; column < matrix.blockRows; column++) {
    transposeInto(blockAt(matrix, column, column), diagonal[column] ?? sum)
    for (let row = column + 1; row < matrix.blockRows; row++) {
      sum.fill(0)
      for (let k = column; k < row; k++) {
        addProduct(sum, blockAt(matrix, k, column), blockAt(matrix, row, k), 1)
      }
      const block = blockAt(matrix, row, column)
      block.fill(0)
      addProduct(block, sum, diagonal[row] ?? sum, -1)
      yield* counted(row - column + 1)
    }
  }
}

/** W^T becomes W^T W: block (I, J) is the sum over K >= I of W(K, I)^T W(K, J). The diagonal, which all need, is last. */
function* multiplyByTranspose(matrix: BlockMatrix, counted: Counted): Generator<number, void, void> {
  const sum = new Float64Array(BLOCK * BLOCK)
  for (let row = 0; row < matrix.blockRows; row++) {
    for (let column = 0; column <= row; column++) {
      sum.fill(0)
      for (let k = row; k < matrix.blockRows; k++) {
        addProduct(sum, blockAt(matrix, k, row), blockAt(matrix, k, column), 1)
      }
      blockAt(matrix, row, column).set(sum)
      yield* counted(matrix.blockRows - row)
    }
  }
}

/** The inverse of the Cholesky factor of one block, whose upper half is not read. */
function invertedFactor(block: Float64Array): Float64Array {
  const factor = new Float64Array(BLOCK * BLOCK)
  const inverse = new Float64Array(BLOCK * BLOCK)
  const at = (cells: Float64Array, row: number, column: number): number => cells[row * BLOCK + column] ?? 0
  for (let row = 0; row < BLOCK; row++) {
    for (let column = 0; column <= row; column++) {
      let rest = at(block, row, column)
      for (let k = 0; k < column; k++) rest -= at(factor, row, k) * at(factor, column, k)
      if (column === row && !(rest > 0)) throw new RangeError('the matrix is not positive definite')
      factor[row * BLOCK + column] = column === row ? Math.sqrt(rest) : rest / at(factor, column, column)
    }
  }
  for (let column = 0; column < BLOCK; column++) {
    for (let row = column; row < BLOCK; row++) {
      let rest = row === column ? 1 : 0
      for (let k = column; k < row; k++) rest -= at(factor, row, k) * at(inverse, k, column)
      inverse[row * BLOCK + column] = rest / at(factor, row, row)
    }
  }
  return inverse
}

function transposeInto(target: Float64Array, source: Float64Array): void {
  for (let row = 0; row < BLOCK; row++) {
    for (let column = 0; column < BLOCK; column++) {
      target[row * BLOCK + column] = source[column * BLOCK + row] ?? 0
    }
  }
}
