import { expect, test } from 'vitest'
import { leastDifference } from './share-difference.ts'

// The examples of Newcombe, Statistics in Medicine 17 (1998), table II, method 10.
test.each([
  [56, 70, 48, 80, 0.0524],
  [9, 10, 3, 10, 0.1705],
  [6, 7, 2, 7, 0.0582],
  [5, 56, 0, 29, -0.0381],
  [0, 10, 0, 20, -0.1611],
  [10, 10, 0, 20, 0.6791],
])('%i of %i is more than %i of %i by as much as Newcombe says', (own, units, other, others, least) => {
  const difference = leastDifference({ share: own / units, units }, { share: other / others, units: others })
  expect(difference).toBeCloseTo(least, 4)
})
