import { dotProduct } from './dot-product.ts'

/** Vectors of `dimensions` numbers each, row by row. */
export type Rows = { readonly dimensions: number; readonly values: Float32Array }

/** Rows for each centroid that the centroids are learned from: more of them hardly move a mean. */
const SAMPLE_PER_CENTROID = 64
const ROUNDS = 6

/**
 * Spherical k-means (Dhillon and Modha 2001): centroids are the directions of the sums of their rows, and a row belongs to
 * the one that it points to most. Learned from an even sample of `members`. A centroid that gets no rows stays where it was.
 *
 * Yields between pieces of work, and returns `count` unit vectors, row by row.
 */
export function* learnCentroids(
  { dimensions, values }: Rows,
  members: Uint32Array,
  count: number,
): Generator<void, Float32Array, void> {
  const size = Math.min(members.length, count * SAMPLE_PER_CENTROID)
  const sample = Uint32Array.from({ length: size }, (_, n) =>
    at(members, Math.floor((n * members.length) / size)),
  )
  const centroids = new Float32Array(count * dimensions)
  for (let c = 0; c < count; c++) {
    const row = at(sample, Math.floor((c * size) / count)) * dimensions
    pointTo(centroids, c * dimensions, values.subarray(row, row + dimensions))
  }
  const sums = new Float64Array(count * dimensions)
  for (let round = 0; round < ROUNDS; round++) {
    sums.fill(0)
    const nearest = yield* assignRows({ dimensions, values }, sample, centroids)
    for (let n = 0; n < size; n++) {
      const to = at(nearest, n) * dimensions
      const from = at(sample, n) * dimensions
      for (let k = 0; k < dimensions; k++)
        sums[to + k] = (sums[to + k] as number) + (values[from + k] as number)
    }
    for (let c = 0; c < count; c++) {
      pointTo(centroids, c * dimensions, sums.subarray(c * dimensions, (c + 1) * dimensions))
    }
    // Few rows take less than a step each time, and there are many such groups.
    yield
  }
  return centroids
}

/** Multiplications between two yields: some tens of milliseconds. */
export const WORK_PER_STEP = 20_000_000

/** For each of the `members`, in their order, the centroid with the largest dot product; the first of equals. */
export function* assignRows(
  { dimensions, values }: Rows,
  members: Uint32Array,
  centroids: Float32Array,
): Generator<void, Uint32Array, void> {
  const nearest = new Uint32Array(members.length)
  const rowsPerStep = Math.max(1, Math.floor(WORK_PER_STEP / Math.max(1, centroids.length)))
  for (let n = 0; n < members.length; n++) {
    nearest[n] = nearestCentroid(values, at(members, n) * dimensions, centroids, dimensions)
    if ((n + 1) % rowsPerStep === 0) yield
  }
  return nearest
}

function nearestCentroid(
  values: Float32Array,
  row: number,
  centroids: Float32Array,
  dimensions: number,
): number {
  let best = 0
  let largest = Number.NEGATIVE_INFINITY
  for (let c = 0, start = 0; start < centroids.length; c++, start += dimensions) {
    const product = dotProduct(values, row, centroids, start, dimensions)
    if (product > largest) {
      largest = product
      best = c
    }
  }
  return best
}

/** Writes the unit vector of that direction; leaves what is there where it has none. */
function pointTo(target: Float32Array, start: number, direction: Float32Array | Float64Array): void {
  const length = Math.sqrt(dotProduct(direction, 0, direction, 0, direction.length))
  if (!(length > 0)) return
  for (let k = 0; k < direction.length; k++) target[start + k] = (direction[k] as number) / length
}

function at(list: Uint32Array, place: number): number {
  return list[place] ?? 0
}
