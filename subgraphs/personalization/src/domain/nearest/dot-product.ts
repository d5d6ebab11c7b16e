/** Of the vectors that begin at two places. Four sums, so that none waits for the others. */
export function dotProduct(
  a: Float32Array | Float64Array,
  startA: number,
  b: Float32Array | Float64Array,
  startB: number,
  dimensions: number,
): number {
  let s0 = 0
  let s1 = 0
  let s2 = 0
  let s3 = 0
  let k = 0
  for (; k + 3 < dimensions; k += 4) {
    const x = startA + k
    const y = startB + k
    s0 += (a[x] as number) * (b[y] as number)
    s1 += (a[x + 1] as number) * (b[y + 1] as number)
    s2 += (a[x + 2] as number) * (b[y + 2] as number)
    s3 += (a[x + 3] as number) * (b[y + 3] as number)
  }
  for (; k < dimensions; k++) s0 += (a[startA + k] as number) * (b[startB + k] as number)
  return s0 + s1 + (s2 + s3)
}

/**
 * `dotProduct` of a query with a row of a model. A function of its own because V8 compiles a function for the kinds of array
 * that it has met: `dotProduct` meets four pairs of them, and is half as fast.
 */
export function rowProduct(
  query: Float64Array,
  startOfQuery: number,
  rows: Float32Array,
  startOfRow: number,
  dimensions: number,
): number {
  let s0 = 0
  let s1 = 0
  let s2 = 0
  let s3 = 0
  let k = 0
  for (; k + 3 < dimensions; k += 4) {
    const x = startOfQuery + k
    const y = startOfRow + k
    s0 += (query[x] as number) * (rows[y] as number)
    s1 += (query[x + 1] as number) * (rows[y + 1] as number)
    s2 += (query[x + 2] as number) * (rows[y + 2] as number)
    s3 += (query[x + 3] as number) * (rows[y + 3] as number)
  }
  for (; k < dimensions; k++) s0 += (query[startOfQuery + k] as number) * (rows[startOfRow + k] as number)
  return s0 + s1 + (s2 + s3)
}
