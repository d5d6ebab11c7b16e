import fc from 'fast-check'
import { expect, test } from 'vitest'
import { runSteps } from '../../testing/run-steps.ts'
import { clusterRows } from './clusters.ts'
import { rowProduct } from './dot-product.ts'
import { createNearestRows } from './nearest-rows.ts'
import { makeClusteredRows } from './testing/clustered-rows.ts'

const MAX_ROWS = 400
const DIMENSIONS = 3
const UNLIMITED = { read: () => Number.POSITIVE_INFINITY, multiplied: () => Number.POSITIVE_INFINITY }

test('a search that may read every row finds the best ones, of equal ones those with the smaller places', () => {
  const some = fc.record({
    values: fc.array(fc.integer({ min: -3, max: 3 }), {
      minLength: DIMENSIONS,
      maxLength: DIMENSIONS * MAX_ROWS,
    }),
    query: fc.tuple(
      fc.integer({ min: -3, max: 3 }),
      fc.double({ min: -1, max: 1, noNaN: true }),
      fc.constant(0.1),
    ),
    wanted: fc.integer({ min: 1, max: 30 }),
    without: fc.array(fc.nat({ max: MAX_ROWS }), { maxLength: 5 }),
  })
  fc.assert(
    fc.property(some, ({ values: numbers, query, wanted, without: places }) => {
      const count = Math.floor(numbers.length / DIMENSIONS)
      const values = Float32Array.from(numbers.slice(0, count * DIMENSIONS))
      const { clusters, values: grouped } = runSteps(clusterRows({ dimensions: DIMENSIONS, values }))
      const without = new Set(places.map((place) => clusters.places.indexOf(place)))

      const search = createNearestRows({ dimensions: DIMENSIONS, values: grouped }, clusters, UNLIMITED)
      const found = search(Float64Array.from(query), wanted, without)

      const scoreOf = (place: number) =>
        query.reduce((sum, number, k) => sum + number * (values[place * DIMENSIONS + k] ?? 0), 0)
      const best = [...Array(count).keys()]
        .filter((place) => !places.includes(place))
        .sort((a, b) => scoreOf(b) - scoreOf(a) || a - b)
        .slice(0, wanted)
      const foundPlaces = [...found.rows.subarray(0, found.count)].map((row) => clusters.places[row] ?? 0)
      expect(foundPlaces.toSorted((a, b) => a - b)).toEqual(best.toSorted((a, b) => a - b))
      for (let n = 0; n < found.count; n++) expect(found.scores[n]).toBe(scoreOf(foundPlaces[n] ?? 0))
    }),
  )
})

test.each([
  ['a query of nothing', [0, 0, 0], [1, 1, 1]],
  ['rows of nothing', [1, 2, 3], [0, 0, 0]],
])('%s: as many rows as are wanted', (_, query, one) => {
  const values = new Float32Array(DIMENSIONS * 300)
  values.set(one, 30)
  const { clusters, values: grouped } = runSteps(clusterRows({ dimensions: DIMENSIONS, values }))
  const search = createNearestRows({ dimensions: DIMENSIONS, values: grouped }, clusters)
  expect(search(Float64Array.from(query), 5, new Set()).count).toBe(5)
})

/** Some numbers of -0.5 to 0.5, the same at every call. */
function makeNoise(count: number): (n: number) => number {
  const noise = Float64Array.from({ length: count }, (_, n) => {
    const x = Math.sin(n + 1) * 43_758.5453
    return x - Math.floor(x) - 0.5
  })
  return (n) => noise[n] ?? 0
}

const BEST = { dimensions: 8, count: 1_500 } as const
const noise = makeNoise(BEST.count * BEST.dimensions)

function isFirst(n: number): boolean {
  return n % BEST.dimensions === 0
}

function rowsOf(numberAt: (n: number) => number): Float32Array {
  return Float32Array.from({ length: BEST.count * BEST.dimensions }, (_, n) => numberAt(n))
}

// One large number, and others that decide: of the query's codes, or of the rows', these are next to nothing.
test.each([
  ['clusters', makeClusteredRows(BEST.count, BEST.dimensions).values, null],
  ['rows that are nearly the same', rowsOf((n) => 1 + 0.2 * noise(n)), null],
  [
    'a query whose codes are coarse',
    rowsOf((n) => (isFirst(n) ? 1 : 1 + noise(n))),
    (n: number) => (isFirst(n) ? 1 : 2e-5 * (1 + noise(n))),
  ],
  ['rows whose codes are coarse', rowsOf((n) => (isFirst(n) ? 1 : 2e-5 * noise(n))), () => 1],
])('finds the best of %s, although groups that cannot reach them are left out', (_, values, queryAt) => {
  const { count, dimensions } = BEST
  const { clusters, values: grouped } = runSteps(clusterRows({ dimensions, values }))
  expect(clusters.starts.length).toBeGreaterThan(100)
  const search = createNearestRows({ dimensions, values: grouped }, clusters, UNLIMITED)
  for (let start = 0; start < 50 * dimensions; start += dimensions) {
    const query =
      queryAt === null
        ? Float64Array.from(values.subarray(start, start + dimensions))
        : Float64Array.from({ length: dimensions }, (_, k) => queryAt(start + k))
    for (const wanted of [1, 10, 60]) {
      const scores = Float64Array.from({ length: count }, (_, row) =>
        rowProduct(query, 0, grouped, row * dimensions, dimensions),
      )
      const found = search(query, wanted, new Set())
      expect(found.scores.subarray(0, found.count).toSorted()).toEqual(scores.toSorted().slice(-wanted))
    }
  }
})

test('of rows that hardly differ no more are multiplied than are allowed, and the list is full', () => {
  const { dimensions } = BEST
  const values = rowsOf((n) => 1 + 1e-6 * noise(n))
  const { clusters, values: grouped } = runSteps(clusterRows({ dimensions, values }))
  let offered = 0
  const without = new Set<number>()
  without.has = () => {
    offered++
    return false
  }
  const query = Float64Array.from({ length: dimensions }, () => 1)
  const searchWith = (multiplied: number) =>
    createNearestRows({ dimensions, values: grouped }, clusters, {
      ...UNLIMITED,
      multiplied: () => multiplied,
    })
  expect(searchWith(300)(query, 250, without).count).toBe(250)
  const offeredOfFew = offered
  offered = 0
  searchWith(Number.POSITIVE_INFINITY)(query, 250, without)
  expect(offeredOfFew).toBeLessThan(offered)
})
