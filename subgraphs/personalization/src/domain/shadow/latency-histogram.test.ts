import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bucketOf, emptyHistogram, quantileMs } from './latency-histogram.ts'

function histogramOf(durations: readonly number[]) {
  const counts = emptyHistogram()
  for (const ms of durations) counts[bucketOf(ms)] = (counts[bucketOf(ms)] ?? 0) + 1
  return counts
}

test('a quantile is within 5 % of the exact one', () => {
  const durations = fc.array(fc.double({ min: 0.02, max: 60_000, noNaN: true }), {
    minLength: 1,
    maxLength: 200,
  })
  fc.assert(
    fc.property(durations, fc.constantFrom(0.5, 0.9, 0.99, 1), (all, share) => {
      const exact = all.toSorted((a, b) => a - b)[Math.ceil(share * all.length) - 1] ?? expect.unreachable()
      expect(Math.abs(quantileMs(histogramOf(all), share) - exact)).toBeLessThanOrEqual(0.05 * exact)
    }),
  )
})

test('whatever a clock says is in some bucket', () => {
  expect(quantileMs(emptyHistogram(), 0.99)).toBe(0)
  for (const ms of [Number.NaN, -1, 0]) expect(bucketOf(ms)).toBe(0)
  expect(bucketOf(Number.POSITIVE_INFINITY)).toBe(emptyHistogram().length - 1)
  expect(bucketOf(1e9)).toBe(emptyHistogram().length - 1)
})
