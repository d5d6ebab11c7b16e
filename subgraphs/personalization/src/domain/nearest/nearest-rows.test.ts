import fc from 'fast-check'
import { expect, test } from 'vitest'
import { runSteps } from '../../testing/run-steps.ts'
import { clusterRows } from './clusters.ts'
import { rowProduct } from './dot-product.ts'
import { createNearestRows } from './nearest-rows.ts'
import { makeClusteredRows } from './testing/clustered-rows.ts'

const MAX_ROWS = 400
const DIMENSIONS = 3

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

      const search = createNearestRows({ dimensions: DIMENSIONS, values: grouped }, clusters, () => count)
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

test('a query of nothing finds rows, and so does one among rows of nothing', () => {
  const values = new Float32Array(DIMENSIONS * 300)
  for (const [n, query] of [Float64Array.of(0, 0, 0), Float64Array.of(1, 2, 3)].entries()) {
    if (n === 0) values.set([1, 1, 1], 30)
    const { clusters, values: grouped } = runSteps(clusterRows({ dimensions: DIMENSIONS, values }))
    const found = createNearestRows({ dimensions: DIMENSIONS, values: grouped }, clusters)(
      query,
      5,
      new Set(),
    )
    expect(found.count).toBe(5)
  }
})

/** Nearly of one length and direction, so that each of them may be the best. */
function makeNarrowRows(count: number, dimensions: number): Float32Array {
  return Float32Array.from({ length: count * dimensions }, (_, n) => 1 + 0.2 * Math.sin(n * n))
}

test.each([
  ['clusters', makeClusteredRows(1_500, 8).values],
  ['rows that are nearly the same', makeNarrowRows(1_500, 8)],
])('finds the best of %s, although groups that cannot reach them are left out', (_, values) => {
  const [count, dimensions] = [1_500, 8]
  const { clusters, values: grouped } = runSteps(clusterRows({ dimensions, values }))
  expect(clusters.starts.length).toBeGreaterThan(150)
  const search = createNearestRows({ dimensions, values: grouped }, clusters, () => count)
  for (let n = 0; n < 50; n++) {
    const query = Float64Array.from(values.subarray(n * dimensions, (n + 1) * dimensions))
    for (const wanted of [1, 10, 60]) {
      const scores = Float64Array.from({ length: count }, (_, row) =>
        rowProduct(query, 0, grouped, row * dimensions, dimensions),
      )
      const found = search(query, wanted, new Set())
      expect(found.scores.subarray(0, found.count).toSorted()).toEqual(scores.toSorted().slice(-wanted))
    }
  }
})
