import { createBackground, createFoldIn, type Factors } from './fold-in.ts'
import type { FoldInParameters } from './parameters.ts'
import { createPositiveDefiniteSolver, type PositiveDefiniteSolver } from './positive-definite-solver.ts'

/** Where a listener stands among the items, and what each item of their history adds to that. */
export type Placement = {
  /** x of `FoldIn`, with weights. */
  readonly place: Float64Array
  /** `w A^-1 h` of each of the first items, one after the other. All of them together are the place. */
  readonly directions: Float64Array
}

/** @param directions how many are wanted, from the first item on */
type Place = (items: readonly number[], weights: readonly number[], directions: number) => Placement

/** Items of the longest history that counts as short. For each length a matrix of d x d is kept. */
const MOST_SHORT = 32
/** With more dimensions these matrices take too much memory, and too long to invert for the thread that serves. */
const MOST_DIMENSIONS = 128
/** Vectors that are multiplied together: the sums of one do not wait for those of another. */
const TOGETHER = 4

/** Places listeners: those with a short history for a fraction of what the equations of `FoldIn` cost otherwise. */
export function createPlacement(factors: Factors, gram: Float64Array, parameters: FoldInParameters): Place {
  const { dimensions } = factors
  const ofAny = placeAny(factors, gram, parameters)
  if (dimensions > MOST_DIMENSIONS) return ofAny
  const ofFew = placeFew(factors, gram, parameters)
  const mostFew = Math.min(MOST_SHORT, dimensions / 2)
  return (items, weights, directions) => (items.length > mostFew ? ofAny : ofFew)(items, weights, directions)
}

/** By the equations themselves: d x d of them, whatever the history. */
export function placeAny(factors: Factors, gram: Float64Array, parameters: FoldInParameters): Place {
  const { dimensions, values } = factors
  const foldIn = createFoldIn(factors, gram, parameters)
  return (items, weights, wanted) => {
    const place = new Float64Array(dimensions)
    foldIn.place(items, weights, place)
    const count = Math.min(items.length, wanted)
    const directions = new Float64Array(count * dimensions)
    for (let n = 0; n < count; n++) {
      const from = (items[n] ?? 0) * dimensions
      for (let k = 0; k < dimensions; k++) {
        directions[n * dimensions + k] = (weights[n] ?? 0) * (values[from + k] ?? 0)
      }
    }
    foldIn.solve(directions)
    return { place, directions }
  }
}

/** What all histories of one length share: B^-1, where A = B + G G^T and G has sqrt(w) h of the history as its columns. */
type Shared = {
  readonly inverse: Float64Array
  readonly solver: PositiveDefiniteSolver
  /** Working memory: to allocate it takes about as long as to fill it. Calls are synchronous, so no two use it at the same time. */
  readonly vectors: Float64Array
  readonly rows: Float64Array
  readonly couplings: Float64Array
}

/**
 * By as many equations as the history has items, n: A^-1 G = U (I + G^T U)^-1 with U = B^-1 G (Woodbury). B, what A is
 * without the history, depends on nothing but n.
 */
export function placeFew(factors: Factors, gram: Float64Array, parameters: FoldInParameters): Place {
  const { dimensions, values } = factors
  const background = createBackground(factors, gram, parameters)
  const ofLength = new Map<number, Shared>()

  function sharedBy(length: number): Shared {
    const known = ofLength.get(length)
    if (known !== undefined) return known
    const shared = {
      inverse: inverseOf(background, length, dimensions),
      solver: createPositiveDefiniteSolver(length),
      // Up to a multiple of those that are multiplied together: the rest stays 0.
      vectors: new Float64Array(Math.ceil(length / TOGETHER) * TOGETHER * dimensions),
      rows: new Float64Array(length * evenOf(dimensions)),
      couplings: new Float64Array(length * length),
    }
    ofLength.set(length, shared)
    return shared
  }

  return (items, weights, wanted) => {
    const n = items.length
    const { inverse, solver, vectors, rows, couplings } = sharedBy(n)
    const roots = weights.map(Math.sqrt)
    for (let i = 0; i < n; i++) {
      const from = (items[i] ?? 0) * dimensions
      const root = roots[i] ?? 0
      for (let k = 0; k < dimensions; k++) vectors[i * dimensions + k] = root * (values[from + k] ?? 0)
    }
    multiply(inverse, vectors, n, dimensions, rows)
    couple(vectors, rows, n, dimensions, couplings)
    solver.factorize(couplings)
    solver.solve(rows)
    const count = Math.min(n, wanted)
    const all = new Float64Array((1 + count) * dimensions)
    const place = all.subarray(0, dimensions)
    const directions = all.subarray(dimensions)
    for (let k = 0; k < dimensions; k++) {
      let sum = 0
      for (let i = 0; i < n; i++) {
        const part = (roots[i] as number) * (rows[k * n + i] as number)
        sum += part
        if (i < count) directions[i * dimensions + k] = part
      }
      place[k] = sum
    }
    return { place, directions }
  }
}

function inverseOf(
  background: (count: number, target: Float64Array) => void,
  count: number,
  dimensions: number,
): Float64Array {
  const matrix = new Float64Array(dimensions * dimensions)
  background(count, matrix)
  const solver = createPositiveDefiniteSolver(dimensions)
  solver.factorize(matrix)
  const inverse = new Float64Array(evenOf(dimensions) * dimensions)
  for (let k = 0; k < dimensions; k++) inverse[k * dimensions + k] = 1
  solver.solve(inverse)
  return inverse
}

function evenOf(count: number): number {
  return count + (count % 2)
}

/**
 * The products of a symmetric matrix with the first `count` vectors. Row k has the k-th number of each, as `solve` takes
 * them. Of an odd number of rows there is one more in both, of zeros.
 */
function multiply(
  matrix: Float64Array,
  vectors: Float64Array,
  count: number,
  dimensions: number,
  rows: Float64Array,
): void {
  for (let first = 0; first < count; first += TOGETHER) {
    const b0 = first * dimensions
    const b1 = b0 + dimensions
    const b2 = b1 + dimensions
    const b3 = b2 + dimensions
    const left = count - first
    // Two rows at a time, so that each number that is read takes part in two products.
    for (let row = 0; row < dimensions; row += 2) {
      const own = row * dimensions
      const next = own + dimensions
      let s0 = 0
      let s1 = 0
      let s2 = 0
      let s3 = 0
      let t0 = 0
      let t1 = 0
      let t2 = 0
      let t3 = 0
      for (let k = 0; k < dimensions; k++) {
        const x = matrix[own + k] as number
        const y = matrix[next + k] as number
        const v0 = vectors[b0 + k] as number
        const v1 = vectors[b1 + k] as number
        const v2 = vectors[b2 + k] as number
        const v3 = vectors[b3 + k] as number
        s0 += x * v0
        s1 += x * v1
        s2 += x * v2
        s3 += x * v3
        t0 += y * v0
        t1 += y * v1
        t2 += y * v2
        t3 += y * v3
      }
      const to = row * count + first
      const toNext = to + count
      rows[to] = s0
      rows[toNext] = t0
      if (left > 1) rows[to + 1] = s1
      if (left > 1) rows[toNext + 1] = t1
      if (left > 2) rows[to + 2] = s2
      if (left > 2) rows[toNext + 2] = t2
      if (left > 3) rows[to + 3] = s3
      if (left > 3) rows[toNext + 3] = t3
    }
  }
}

/** Writes the lower triangle of I + G^T U, of the vectors G and the rows of U. */
function couple(
  vectors: Float64Array,
  rows: Float64Array,
  count: number,
  dimensions: number,
  target: Float64Array,
): void {
  target.fill(0)
  for (let i = 0; i < count; i++) target[i * count + i] = 1
  for (let k = 0; k < dimensions; k++) {
    const from = k * count
    for (let i = 0; i < count; i++) {
      const x = vectors[i * dimensions + k] as number
      const own = i * count
      for (let j = 0; j <= i; j++)
        target[own + j] = (target[own + j] as number) + x * (rows[from + j] as number)
    }
  }
}
