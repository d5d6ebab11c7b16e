import fc from 'fast-check'
import { expect, test } from 'vitest'
import { runSteps } from '../../testing/run-steps.ts'
import { type ClusteredRows, clusterRows, longGroups } from './clusters.ts'
import type { Rows } from './k-means.ts'
import { makeClusteredRows } from './testing/clustered-rows.ts'

function cluster(rows: Rows): ClusteredRows {
  return runSteps(clusterRows(rows))
}

const anyRows = fc
  .record({ dimensions: fc.integer({ min: 1, max: 9 }), count: fc.integer({ min: 0, max: 60 }) })
  .chain(({ dimensions, count }) =>
    fc
      .array(fc.float({ min: -100, max: 100, noNaN: true }), {
        minLength: dimensions * count,
        maxLength: dimensions * count,
      })
      .map((values): Rows => ({ dimensions, values: Float32Array.from(values) })),
  )

test('every row is in one group, with its vector, the longest of the group first', () => {
  fc.assert(
    fc.property(anyRows, (rows) => {
      const { dimensions } = rows
      const { clusters, values } = cluster(rows)
      const { starts, places, lengths, meanCodes, spreads } = clusters
      const count = rows.values.length / dimensions
      expect([...places].sort((a, b) => a - b)).toEqual([...Array(count).keys()])
      places.forEach((place, row) => {
        const vector = rows.values.subarray(place * dimensions, (place + 1) * dimensions)
        expect(values.subarray(row * dimensions, (row + 1) * dimensions)).toEqual(vector)
        expect(lengths[row]).toBeCloseTo(Math.hypot(...vector), 2)
      })
      expect([starts[0], starts.at(-1)]).toEqual([0, count])
      expect([meanCodes.length, spreads.length]).toEqual([(starts.length - 1) * 16, starts.length - 1])
      for (let group = 0; group + 1 < starts.length; group++) {
        const inGroup = [...lengths.subarray(starts[group], starts[group + 1])]
        expect(inGroup.length).toBeGreaterThan(0)
        expect(inGroup).toEqual(inGroup.toSorted((a, b) => b - a))
      }
    }),
  )
})

test('there are about 6 sqrt(n) groups, and the same rows always give the same', () => {
  const rows = makeClusteredRows(10_000, 16)
  const first = cluster(rows)
  expect(first.clusters.starts.length - 1).toBeGreaterThan(450)
  expect(first.clusters.starts.length - 1).toBeLessThanOrEqual(650)
  expect(cluster(makeClusteredRows(10_000, 16))).toEqual(first)
})

test('the longest of all rows are in the first groups, in their order', () => {
  for (const count of [1, 300, 1_000, 3_000]) {
    const { lengths, starts } = cluster(makeClusteredRows(count, 8)).clusters
    const longest = lengths.subarray(0, starts[longGroups(count)])
    expect(longest).toHaveLength(Math.min(count, Math.round(16 * Math.sqrt(count))))
    expect(longest).toEqual(lengths.toSorted().toReversed().subarray(0, longest.length))
  }
})

test('rows of one direction are together', () => {
  const values = Float32Array.from({ length: 4 * 2_000 }, (_, n) =>
    n % 4 === Math.floor(n / 4) % 4 ? 1 + n / 10_000 : 0,
  )
  const { clusters } = cluster({ dimensions: 4, values })
  for (let group = longGroups(2_000); group + 1 < clusters.starts.length; group++) {
    const members = clusters.places.subarray(clusters.starts[group], clusters.starts[group + 1])
    expect(new Set([...members].map((place) => place % 4)).size).toBe(1)
  }
})
