import { createCodes, encodeGroup } from './codes.ts'
import { dotProduct } from './dot-product.ts'
import { assignRows, learnCentroids, type Rows, WORK_PER_STEP } from './k-means.ts'

/**
 * Rows in groups. The first groups, `longGroups` of them, have the longest vectors of all, whatever their direction, the
 * longest in the first one: where few are much longer than the others, as popularity makes them, most of the best are
 * there. Those of each other group point the same way, as an inverted file has them (IVF: Sivic and Zisserman 2003; Jégou
 * et al. 2011). The vectors of a group stand one after the other, the longest first.
 */
export type Clusters = {
  /** Group g is the rows `starts[g]` up to, and without, `starts[g + 1]`. */
  readonly starts: Uint32Array
  /** Of each group: the root mean square distance of its vectors from their mean, over sqrt(d). */
  readonly spreads: Float32Array
  /** By row: the length of its vector. */
  readonly lengths: Float32Array
  /** By row: its place before the rows were put in groups. */
  readonly places: Uint32Array
  /** The rows as codes (see `Codes`), a step for each group. */
  readonly rowCodes: Int16Array
  readonly rowSteps: Float64Array
  readonly rowErrors: Float64Array
  /** The mean vector of each group as codes, each with a step of its own. */
  readonly meanCodes: Int16Array
  readonly meanSteps: Float64Array
}

export type ClusteredRows = { readonly clusters: Clusters; readonly values: Float32Array }

/** Of n rows, this many times sqrt(n) are in the groups of the longest. */
const LONGEST_PER_ROOT = 16
const LONG_GROUP_ROWS = 256

/** How many groups have the longest of `count` rows. */
export function longGroups(count: number): number {
  return Math.ceil(longestOf(count) / LONG_GROUP_ROWS)
}

function longestOf(count: number): number {
  return Math.min(count, Math.round(LONGEST_PER_ROOT * Math.sqrt(count)))
}

/** Groups for n rows are this many times sqrt(n): more of them find more, and cost more to order. */
const GROUPS_PER_ROOT = 6

/** Coarse groups whose centroids a row is compared with. With fewer, a row between two coarse groups may miss its own. */
const COARSE_TRIED = 4

/**
 * Puts rows in groups, about 6 sqrt(n) of them by direction. The centroids of these are learned in two steps, those of
 * coarse groups and then some within each, and a row is compared only with those of the coarse groups nearest to it. The
 * same rows give the same groups, on any machine: there is nothing random, and each operation on numbers is one that
 * IEEE 754 defines to the bit.
 *
 * Yields between pieces of work. Takes some 20 n^(5/4) d multiplications, and as much memory again as the rows, and half of
 * that for codes.
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
  const lengths = lengthsOf(rows)
  const longest = longestRows(all, lengths)
  const isLongest = new Uint8Array(count)
  for (const row of longest) isLongest[row] = 1
  yield
  const others = membersOf(groups, total).map((members) => members.filter((row) => isLongest[row] === 0))
  return yield* arrange(rows, [...inBlocks(longest), ...others.filter(({ length }) => length > 0)], lengths)
}

/** The longest first, by place among equals. */
function longestRows(all: Uint32Array, lengths: Float32Array): Uint32Array {
  const count = longestOf(all.length)
  // Without a function that compares, a million is sorted in a fraction of a second.
  const shortest = lengths.toSorted()[all.length - count] ?? 0
  return all
    .filter((row) => (lengths[row] ?? 0) >= shortest)
    .sort((a, b) => (lengths[b] ?? 0) - (lengths[a] ?? 0) || a - b)
    .subarray(0, count)
}

function inBlocks(rows: Uint32Array): Uint32Array[] {
  return Array.from({ length: Math.ceil(rows.length / LONG_GROUP_ROWS) }, (_, n) =>
    rows.subarray(n * LONG_GROUP_ROWS, (n + 1) * LONG_GROUP_ROWS),
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
  lengthOf: Float32Array,
): Generator<void, ClusteredRows, void> {
  const count = values.length / dimensions
  const arranged = new Float32Array(values.length)
  const places = new Uint32Array(count)
  const starts = new Uint32Array(groups.length + 1)
  const means = { dimensions, values: new Float32Array(groups.length * dimensions) }
  const rowsAsCodes = createCodes(count, groups.length, dimensions)
  const meansAsCodes = createCodes(groups.length, groups.length, dimensions)
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
    means.values.set(mean, group * dimensions)
    encodeGroup(meansAsCodes, group, means, group, group + 1)
    encodeGroup(rowsAsCodes, group, { dimensions, values: arranged }, starts[group] ?? 0, row)
    const variance = squares / members.length - dotProduct(mean, 0, mean, 0, dimensions)
    spreads[group] = Math.sqrt(Math.max(0, variance) / dimensions)
    yield
  }
  starts[groups.length] = row
  const lengths = Float32Array.from(places, (place) => lengthOf[place] ?? 0)
  return {
    clusters: {
      ...{ starts, spreads, lengths, places },
      rowCodes: rowsAsCodes.codes,
      rowSteps: rowsAsCodes.steps,
      rowErrors: rowsAsCodes.errors,
      meanCodes: meansAsCodes.codes,
      meanSteps: meansAsCodes.steps,
    },
    values: arranged,
  }
}

function lengthsOf({ dimensions, values }: Rows): Float32Array {
  return Float32Array.from({ length: values.length / dimensions }, (_, row) =>
    Math.sqrt(dotProduct(values, row * dimensions, values, row * dimensions, dimensions)),
  )
}
