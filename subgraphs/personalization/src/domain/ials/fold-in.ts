import type { FoldInParameters } from './parameters.ts'
import { createPositiveDefiniteSolver } from './positive-definite-solver.ts'

/** One vector of `dimensions` numbers for each index, row by row. */
export type Factors = { readonly dimensions: number; readonly values: Float64Array | Float32Array }

/** Places a user among the items, or an item among the users: both are the same equations. */
export type FoldIn = {
  /**
   * Writes the vector x of somebody who had these items into `target`, the least squares solution of
   *
   *     sum over had items w (1 - x.h)^2 + a sum over all items (x.h)^2 + r (count + a n)^v |x|^2
   *
   * with a the unobserved weight, r the regularization, v the frequency exponent, n the number of all items, and `count`
   * that of the items which were had (Rendle 2021, "Revisiting the Performance of iALS on Item Recommendation Benchmarks").
   */
  place(items: ArrayLike<number>, weights: ArrayLike<number> | null, target: Float64Array): void
  /**
   * With A the matrix of the equations that were solved last: replaces each b by A^-1 b. They stand one after the other. x is
   * A^-1 sum w h.
   */
  solve(bs: Float64Array): void
}

/** Vectors that are added to the matrix together: one pass over its cells for all of them. */
const BATCH = 4

/** @param gram `gramOf(factors)` */
export function createFoldIn(factors: Factors, gram: Float64Array, parameters: FoldInParameters): FoldIn {
  const { dimensions, values } = factors
  const background = createBackground(factors, gram, parameters)
  const matrix = new Float64Array(dimensions * dimensions)
  const batch = new Float64Array(BATCH * dimensions)
  const solver = createPositiveDefiniteSolver(dimensions)

  return {
    place(items, weights, target) {
      background(items.length, matrix)
      target.fill(0)
      for (let first = 0; first < items.length; first += BATCH) {
        batch.fill(0)
        const end = Math.min(items.length, first + BATCH)
        for (let n = first; n < end; n++) {
          const root = weights === null ? 1 : Math.sqrt(weights[n] ?? 0)
          const from = (items[n] ?? 0) * dimensions
          const to = (n - first) * dimensions
          for (let k = 0; k < dimensions; k++) {
            const value = root * (values[from + k] ?? 0)
            batch[to + k] = value
            target[k] = (target[k] ?? 0) + root * value
          }
        }
        addSquares(matrix, batch, dimensions)
      }
      solver.factorize(matrix)
      solver.solve(target)
    },
    solve: (bs) => solver.solve(bs),
  }
}

/**
 * Writes the matrix of the equations of somebody with `count` items as it is without those items, of which only the number
 * counts: its lower triangle, row by row.
 * @param gram `gramOf(factors)`
 */
export function createBackground(
  { dimensions, values }: Factors,
  gram: Float64Array,
  { unobservedWeight, regularization, frequencyExponent }: FoldInParameters,
): (count: number, target: Float64Array) => void {
  const unobserved = gram.map((cell) => unobservedWeight * cell)
  const unobservedCount = unobservedWeight * (values.length / dimensions)
  return (count, target) => {
    target.set(unobserved)
    const penalty = regularization * (count + unobservedCount) ** frequencyExponent
    for (let place = 0; place < dimensions; place++) {
      const diagonal = place * dimensions + place
      target[diagonal] = (target[diagonal] ?? 0) + penalty
    }
  }
}

/**
 * False where nobody could be placed, which the gram matrix of real factors never is. The equations of somebody who had
 * nothing are the worst: every item that was had adds a square to them.
 */
export function isSolvable(factors: Factors, gram: Float64Array, parameters: FoldInParameters): boolean {
  // Without items nobody is ever placed.
  if (factors.values.length === 0) return true
  const place = new Float64Array(factors.dimensions)
  try {
    createFoldIn(factors, gram, parameters).place([], null, place)
    return true
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}

/** The sum of h h^T over all vectors h: its lower triangle, row by row; the other half is 0. */
export function gramOf({ dimensions, values }: Factors): Float64Array {
  const gram = new Float64Array(dimensions * dimensions)
  const size = BATCH * dimensions
  const batch = new Float64Array(size)
  for (let first = 0; first < values.length; first += size) {
    batch.fill(0)
    batch.set(values.subarray(first, first + size))
    addSquares(gram, batch, dimensions)
  }
  return gram
}

/** Adds v v^T of each of the four vectors in `batch` to the lower triangle of `matrix`. */
function addSquares(matrix: Float64Array, batch: Float64Array, dimensions: number): void {
  const b1 = dimensions
  const b2 = 2 * dimensions
  const b3 = 3 * dimensions
  for (let row = 0; row < dimensions; row++) {
    const x0 = batch[row] ?? 0
    const x1 = batch[b1 + row] ?? 0
    const x2 = batch[b2 + row] ?? 0
    const x3 = batch[b3 + row] ?? 0
    const start = row * dimensions
    // Indices are in range by construction, and a check in here would cost a third of the speed.
    for (let k = 0; k <= row; k++) {
      matrix[start + k] =
        (matrix[start + k] as number) +
        (x0 * (batch[k] as number) + x1 * (batch[b1 + k] as number)) +
        (x2 * (batch[b2 + k] as number) + x3 * (batch[b3 + k] as number))
    }
  }
}
