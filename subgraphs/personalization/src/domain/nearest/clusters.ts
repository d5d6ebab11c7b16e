import { dotProduct } from './dot-product.ts'
import { assignRows, learnCentroids, type Rows, WORK_PER_STEP } from './k-means.ts'

/**
 * Groups of vectors that point the same way, as an inverted file has them (IVF: Sivic and Zisserman 2003; Jégou et al.
 * 2011). The vectors of a group stand one after the other, the longest first.
 */
export type Clusters = {
  /** Group g is the rows `starts[g]` up to, and without, `starts[g + 1]`. */
  readonly starts: Uint32Array
  /** The mean vector of each group, row by row. */
  readonly means: Float32Array
  /** Of each group: the root mean square distance of its vectors from their mean, over sqrt(d). */
  readonly spreads: Float32Array
  /** By row: the length of its vector. */
  readonly lengths: Float32Array
  /** By row: its place before the rows were put in groups. */
  readonly places: Uint32Array
}

export type ClusteredRows = { readonly clusters: Clusters; readonly values: Float32Array }

/** Groups for n rows are this many times sqrt(n): more of them find more, and cost more to order. */
const GROUPS_PER_ROOT = 6

/** Coarse groups whose centroids a row is compared with. With fewer, a row between two coarse groups may miss its own. */
const COARSE_TRIED = 4

/**
 * Puts rows in about 6 sqrt(n) groups. Their centroids are learned in two steps, those of coarse groups and then some
 * within each, and a row is compared only with those of the coarse groups nearest to it. The same rows give the same
 * groups, on any machine: there is nothing random, and each operation on numbers is one that IEEE 754 defines to the bit.
 *
 * Yields between pieces of work. Takes some 20 n^(5/4) d multiplications, and another n x d numbers of memory.
 */
export function* clusterRows(rows: Rows): Generator<void, ClusteredRows, void> {
  const count = rows.values.length / rows.dimensions
  const wanted = Math.max(1, Math.round(GROUPS_PER_ROOT * Math.sqrt(count)))
  const all = Uint32Array.from({ length: count }, (_, row) => row)
  const coarse = yield* learnCentroids(rows, all, Math.min(count, Math.ceil(Math.sqrt(wanted))))
  const nearest = yield* assignRows(rows, all, coarse)
  const fine: Float32Array[] = []
  for (const members of membersOf(nearest, coarse.length / rows.dimensions)) {
    // In proportion to the size, so that groups are about equally large.
    const parts = Math.min(members.length, Math.max(1, Math.round((wanted * members.length) / count)))
    fine.push(yield* learnCentroids(rows, members, parts))
  }
  const groups = yield* assignInTwoSteps(rows, coarse, fine)
  const total = fine.reduce((sum, { length }) => sum + length / rows.dimensions, 0)
  return yield* arrange(
    rows,
    membersOf(groups, total).filter(({ length }) => length > 0),
  )
}

/** For each row the nearest of the fine centroids, counted through all coarse groups. */
function* assignInTwoSteps(
  { dimensions, values }: Rows,
  coarse: Float32Array,
  fine: readonly Float32Array[],
): Generator<void, Uint32Array, void> {
  const groups = new Uint32Array(values.length / dimensions)
  const first = new Uint32Array(fine.length)
  for (let c = 1; c < fine.length; c++)
    first[c] = (first[c - 1] ?? 0) + (fine[c - 1]?.length ?? 0) / dimensions
  const products = new Float64Array(fine.length)
  const multiplications =
    coarse.length + (COARSE_TRIED * fine.reduce((sum, { length }) => sum + length, 0)) / fine.length
  const rowsPerStep = Math.max(1, Math.floor(WORK_PER_STEP / Math.max(1, multiplications)))
  for (let row = 0; row < groups.length; row++) {
    const start = row * dimensions
    for (let c = 0; c < fine.length; c++)
      products[c] = dotProduct(values, start, coarse, c * dimensions, dimensions)
    let largest = Number.NEGATIVE_INFINITY
    for (let tried = 0; tried < COARSE_TRIED && tried < fine.length; tried++) {
      let next = 0
      for (let c = 1; c < products.length; c++)
        if ((products[c] as number) > (products[next] as number)) next = c
      products[next] = Number.NEGATIVE_INFINITY
      const centroids = fine[next] as Float32Array
      for (let c = 0, at = 0; at < centroids.length; c++, at += dimensions) {
        const product = dotProduct(values, start, centroids, at, dimensions)
        if (product <= largest) continue
        largest = product
        groups[row] = (first[next] ?? 0) + c
      }
    }
    if ((row + 1) % rowsPerStep === 0) yield
  }
  return groups
}

function membersOf(groups: Uint32Array, count: number): Uint32Array[] {
  const sizes = new Uint32Array(count)
  for (const group of groups) sizes[group] = (sizes[group] ?? 0) + 1
  const members = Array.from(sizes, (size) => new Uint32Array(size))
  const filled = new Uint32Array(count)
  groups.forEach((group, row) => {
    const next = filled[group] ?? 0
    ;(members[group] as Uint32Array)[next] = row
    filled[group] = next + 1
  })
  return members
}

/** Puts the vectors of each group beside each other, the longest first and by place among equals. */
function* arrange(
  { dimensions, values }: Rows,
  groups: readonly Uint32Array[],
): Generator<void, ClusteredRows, void> {
  const count = values.length / dimensions
  const lengthOf = lengthsOf({ dimensions, values })
  const arranged = new Float32Array(values.length)
  const places = new Uint32Array(count)
  const starts = new Uint32Array(groups.length + 1)
  const means = new Float32Array(groups.length * dimensions)
  const spreads = new Float32Array(groups.length)
  let row = 0
  for (const [group, members] of groups.entries()) {
    starts[group] = row
    const mean = new Float64Array(dimensions)
    let squares = 0
    members.sort((a, b) => (lengthOf[b] ?? 0) - (lengthOf[a] ?? 0) || a - b)
    for (const place of members) {
      const vector = values.subarray(place * dimensions, (place + 1) * dimensions)
      arranged.set(vector, row * dimensions)
      places[row++] = place
      squares += (lengthOf[place] ?? 0) ** 2
      for (let k = 0; k < dimensions; k++) mean[k] = (mean[k] ?? 0) + (vector[k] ?? 0) / members.length
    }
    means.set(mean, group * dimensions)
    const variance = squares / members.length - dotProduct(mean, 0, mean, 0, dimensions)
    spreads[group] = Math.sqrt(Math.max(0, variance) / dimensions)
    yield
  }
  starts[groups.length] = row
  const lengths = Float32Array.from(places, (place) => lengthOf[place] ?? 0)
  return { clusters: { starts, means, spreads, lengths, places }, values: arranged }
}

function lengthsOf({ dimensions, values }: Rows): Float32Array {
  return Float32Array.from({ length: values.length / dimensions }, (_, row) =>
    Math.sqrt(dotProduct(values, row * dimensions, values, row * dimensions, dimensions)),
  )
}
