/** Solves A x = b for one symmetric positive definite A after the other, in memory that is taken once. */
export type PositiveDefiniteSolver = {
  /**
   * Factorizes A, given row by row, of which only the lower triangle is read; it holds the Cholesky factor afterwards.
   * @throws RangeError where A is not positive definite
   */
  factorize(a: Float64Array): void
  /** Replaces each b by A^-1 b, of the A that was factorized last. They stand one after the other. */
  solve(bs: Float64Array): void
}

/** Vectors that are solved together: the sums of one do not wait for those of another. */
const TOGETHER = 4

export function createPositiveDefiniteSolver(size: number): PositiveDefiniteSolver {
  let factor: Float64Array = new Float64Array(0)

  function solveOne(b: Float64Array): void {
    for (let row = 0; row < size; row++) {
      let rest = b[row] ?? 0
      for (let k = 0; k < row; k++) rest -= (factor[row * size + k] ?? 0) * (b[k] ?? 0)
      b[row] = rest / (factor[row * size + row] ?? 1)
    }
    for (let row = size - 1; row >= 0; row--) {
      const value = (b[row] ?? 0) / (factor[row * size + row] ?? 1)
      b[row] = value
      for (let k = 0; k < row; k++) b[k] = (b[k] ?? 0) - value * (factor[row * size + k] ?? 0)
    }
  }

  /** As `solveOne`, of four vectors from `first` on: the same operations on each, in the same order. */
  function solveFour(bs: Float64Array, first: number): void {
    const b1 = first + size
    const b2 = b1 + size
    const b3 = b2 + size
    for (let row = 0; row < size; row++) {
      const own = row * size
      let s0 = bs[first + row] as number
      let s1 = bs[b1 + row] as number
      let s2 = bs[b2 + row] as number
      let s3 = bs[b3 + row] as number
      for (let k = 0; k < row; k++) {
        const x = factor[own + k] as number
        s0 -= x * (bs[first + k] as number)
        s1 -= x * (bs[b1 + k] as number)
        s2 -= x * (bs[b2 + k] as number)
        s3 -= x * (bs[b3 + k] as number)
      }
      const pivot = factor[own + row] as number
      bs[first + row] = s0 / pivot
      bs[b1 + row] = s1 / pivot
      bs[b2 + row] = s2 / pivot
      bs[b3 + row] = s3 / pivot
    }
    for (let row = size - 1; row >= 0; row--) {
      const own = row * size
      const pivot = factor[own + row] as number
      const v0 = (bs[first + row] as number) / pivot
      const v1 = (bs[b1 + row] as number) / pivot
      const v2 = (bs[b2 + row] as number) / pivot
      const v3 = (bs[b3 + row] as number) / pivot
      bs[first + row] = v0
      bs[b1 + row] = v1
      bs[b2 + row] = v2
      bs[b3 + row] = v3
      for (let k = 0; k < row; k++) {
        const x = factor[own + k] as number
        bs[first + k] = (bs[first + k] as number) - v0 * x
        bs[b1 + k] = (bs[b1 + k] as number) - v1 * x
        bs[b2 + k] = (bs[b2 + k] as number) - v2 * x
        bs[b3 + k] = (bs[b3 + k] as number) - v3 * x
      }
    }
  }

  return {
    factorize(a) {
      factor = a
      for (let column = 0; column < size; column++) {
        const own = column * size
        let rest = a[own + column] ?? 0
        for (let k = 0; k < column; k++) rest -= (a[own + k] ?? 0) * (a[own + k] ?? 0)
        if (!(rest > 0)) throw new RangeError('the matrix is not positive definite')
        const pivot = Math.sqrt(rest)
        a[own + column] = pivot
        let row = column + 1
        // Four rows at a time, so that the sums do not wait for each other.
        for (; row + 3 < size; row += 4) {
          const r0 = row * size
          const r1 = r0 + size
          const r2 = r1 + size
          const r3 = r2 + size
          let s0 = a[r0 + column] ?? 0
          let s1 = a[r1 + column] ?? 0
          let s2 = a[r2 + column] ?? 0
          let s3 = a[r3 + column] ?? 0
          for (let k = 0; k < column; k++) {
            const x = a[own + k] as number
            s0 -= x * (a[r0 + k] as number)
            s1 -= x * (a[r1 + k] as number)
            s2 -= x * (a[r2 + k] as number)
            s3 -= x * (a[r3 + k] as number)
          }
          a[r0 + column] = s0 / pivot
          a[r1 + column] = s1 / pivot
          a[r2 + column] = s2 / pivot
          a[r3 + column] = s3 / pivot
        }
        for (; row < size; row++) {
          let sum = a[row * size + column] ?? 0
          for (let k = 0; k < column; k++) sum -= (a[own + k] ?? 0) * (a[row * size + k] ?? 0)
          a[row * size + column] = sum / pivot
        }
      }
    },
    solve(bs) {
      const count = bs.length / size
      let n = 0
      for (; n + TOGETHER <= count; n += TOGETHER) solveFour(bs, n * size)
      for (; n < count; n++) solveOne(bs.subarray(n * size, (n + 1) * size))
    },
  }
}
