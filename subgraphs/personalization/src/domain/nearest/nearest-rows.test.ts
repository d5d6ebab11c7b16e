import fc from 'fast-check'
import { expect, test } from 'vitest'
import { runSteps } from '../../testing/run-steps.ts'
import { clusterRows } from './clusters.ts'
import { rowProduct } from './dot-product.ts'
import { createNearestRows, mostScored } from './nearest-rows.ts'
import { makeClusteredRows } from './testing/clustered-rows.ts'

/** So few that a search may score all of them. */
const MAX_ROWS = 400
const DIMENSIONS = 3

test('a search that may score every row finds the best ones, of equal ones those with the smaller places', () => {
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
      expect(mostScored(wanted, count)).toBeGreaterThanOrEqual(count)
      const values = Float32Array.from(numbers.slice(0, count * DIMENSIONS))
      const { clusters, values: grouped } = runSteps(clusterRows({ dimensions: DIMENSIONS, values }))
      const without = new Set(places.map((place) => clusters.places.indexOf(place)))

      const search = createNearestRows({ dimensions: DIMENSIONS, values: grouped }, clusters)
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

test('finds the best rows of hundreds of groups, although those that cannot reach them are left out', () => {
  const count = 1_500
  const dimensions = 8
  const { values } = makeClusteredRows(count, dimensions)
  const { clusters, values: grouped } = runSteps(clusterRows({ dimensions, values }))
  expect(clusters.starts.length).toBeGreaterThan(200)
  const search = createNearestRows({ dimensions, values: grouped }, clusters)
  for (let n = 0; n < 50; n++) {
    const query = Float64Array.from(values.subarray(n * dimensions, (n + 1) * dimensions))
    for (const wanted of [1, 10, 60]) {
      expect(mostScored(wanted, count)).toBeGreaterThanOrEqual(count)
      const scores = Float64Array.from({ length: count }, (_, row) =>
        rowProduct(query, 0, grouped, row * dimensions, dimensions),
      )
      const found = search(query, wanted, new Set())
      expect(found.scores.subarray(0, found.count).toSorted()).toEqual(scores.toSorted().slice(-wanted))
    }
  }
})
