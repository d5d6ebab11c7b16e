import { expect, test } from 'vitest'
import type { MetricSums } from '../read-model/port.ts'
import { sampleMetricSums } from '../testing/sample-metrics.ts'
import { sumsOf } from './populations.ts'

test('units with open windows are added to the others field by field', () => {
  const moments = (first: bigint) => ({ sum: first, sumSquares: first + 1n, cross: first + 2n })
  const row = (complete: boolean, first: bigint): MetricSums => ({
    ...sampleMetricSums({ variantKey: 'a', n: first, sum: first + 1n, sumSquares: first + 2n }),
    complete,
    denominator: moments(first + 3n),
    covariate: { ...moments(first + 6n), denominatorCross: first + 9n },
    covariateDenominator: {
      ...moments(first + 10n),
      denominatorCross: first + 13n,
      covariateCross: first + 14n,
    },
  })
  const fields = (sums: MetricSums | undefined) => {
    const { n, sum, sumSquares, denominator, covariate, covariateDenominator } = sums ?? row(true, 0n)
    const numbers = [{ n, sum, sumSquares }, denominator, covariate, covariateDenominator]
    return numbers.flatMap((part) => Object.values(part ?? {}))
  }
  const { means } = sumsOf({ metrics: [row(true, 100n), row(false, 1000n)], quantiles: [] }, 'plays', 'ALL')
  expect(means).toHaveLength(1)
  expect(fields(means[0])).toEqual(Array.from({ length: 15 }, (_, index) => 1100n + 2n * BigInt(index)))
})
