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
