import { expect, test } from 'vitest'
import type { MetricSums, Sums } from '../read-model/port.ts'
import { NO_SUMS, sampleMetricSums } from '../testing/sample-metrics.ts'
import { preExposureBalance } from './pre-exposure-balance.ts'

const MILLION = 1_000_000n
const VARIANTS = [
  { key: 'a', isControl: true },
  { key: 'b', isControl: false },
]

/** What units did before: the mean in tenths, with a variance of about 1. */
function before(
  variantKey: string,
  n: bigint,
  tenths: bigint,
  metricKey = 'plays',
  complete = true,
): MetricSums {
  const sum = (n * tenths * MILLION) / 10n
  const sumSquares = (sum * sum) / n + (n - 1n) * MILLION ** 2n
  const covariate = { sum, sumSquares, cross: 0n, denominatorCross: null }
  return { ...sampleMetricSums({ variantKey, metricKey, complete, n, sum: 0n, sumSquares: 0n }), covariate }
}

function check(metrics: readonly MetricSums[], keys = ['plays']) {
  return preExposureBalance({ ...NO_SUMS, metrics } as Sums, VARIANTS, keys, 0.0025)
}

test('variants whose units did the same before are balanced, and others are not', () => {
  expect(check([before('a', 5_000n, 20n), before('b', 5_000n, 20n)])).toMatchObject({
    passed: true,
    pValue: 1,
    observed: [2, 2],
    expected: [2, 2],
  })
  const other = check([before('a', 5_000n, 20n), before('b', 5_000n, 22n)])
  expect(other).toMatchObject({ passed: false, observed: [2, 2.2], expected: [2.1, 2.1] })
  expect(other.detail).toBe('plays before the first exposure differs most, of 1 metrics')
})

test('units in the middle of their windows are compared as well', () => {
  const halves = (key: string, tenths: bigint) => [
    before(key, 5_000n, 20n),
    before(key, 5_000n, tenths, 'plays', false),
  ]
  expect(check([...halves('a', 20n), ...halves('b', 23n)]).passed).toBe(false)
})

test('the metric that differs most is shown, and pays for the others', () => {
  const pair = (key: string, tenths: bigint) => [
    before('a', 5_000n, 20n, key),
    before('b', 5_000n, tenths, key),
  ]
  const alone = check(pair('plays', 21n))
  const among = check([...pair('plays', 21n), ...pair('skips', 20n)], ['plays', 'skips'])
  expect(among.observed).toEqual([2, 2.1])
  expect(among.pValue).toBeGreaterThan((alone.pValue ?? 1) * 1.5)
})

test('few units, and units without history, say nothing', () => {
  expect(check([before('a', 99n, 20n), before('b', 5_000n, 30n)])).toMatchObject({
    passed: true,
    pValue: null,
  })
  const none = { covariate: { sum: 0n, sumSquares: 0n, cross: 0n, denominatorCross: null } }
  const idle = ['a', 'b'].map((key) => ({ ...before(key, 500n, 0n), ...none }))
  expect(check(idle)).toMatchObject({ passed: true, pValue: null })
  expect(check([])).toMatchObject({ passed: true, pValue: null, observed: [] })
})
