import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { estimateOffPolicy, type WeightedReward } from './estimators.ts'

function one(reward: number, weight: number, cluster = `${reward}:${weight}`): WeightedReward {
  return { reward, weight, cluster }
}

describe('off-policy estimators', () => {
  test('agree with figures worked out by hand', () => {
    const decisions = [one(1, 2, 'a'), one(0, 0, 'b'), one(1, 0, 'c'), one(0, 4, 'd')]
    const { ips, snips, ...rest } = estimateOffPolicy(decisions)
    expect(rest).toEqual({
      decisions: 4,
      clusters: 4,
      // 6^2 / (4 + 16)
      effectiveSampleSize: 1.8,
      meanWeight: 1.5,
      largestWeight: 4,
      clipped: 0,
    })
    // w r is 2, 0, 0, 0: mean 0.5, sample variance 1, so the error of the mean is sqrt(1 / 4).
    expect(ips).toMatchObject({ value: 0.5, standardError: 0.5 })
    // Residuals w (r - 1/3): 4/3 and -4/3; sqrt((32 / 9) (4 / 3)) / 6.
    expect(snips.value).toBeCloseTo(1 / 3, 12)
    expect(snips.standardError).toBeCloseTo(Math.sqrt(128 / 27) / 6, 12)
    expect(snips.upper).toBeCloseTo(1 / 3 + 1.959964 * (Math.sqrt(128 / 27) / 6), 6)
  })

  test('clip weights, and count those that were cut', () => {
    const report = estimateOffPolicy([one(1, 2), one(0, 4)], { maxWeight: 3 })
    expect(report).toMatchObject({ clipped: 1, largestWeight: 3, meanWeight: 2.5 })
    expect(report.snips.value).toBeCloseTo(2 / 5, 12)
  })

  test('say nothing where there is nothing to say', () => {
    const none = { value: null, standardError: null, lower: null, upper: null }
    expect(estimateOffPolicy([])).toMatchObject({
      ips: none,
      snips: none,
      effectiveSampleSize: 0,
      meanWeight: null,
    })
    const unsupported = estimateOffPolicy([one(1, 0), one(0, 0)])
    expect(unsupported).toMatchObject({ ips: { value: 0 }, snips: none, effectiveSampleSize: 0 })
    expect(estimateOffPolicy([one(1, 1, 'a'), one(1, 1, 'a')]).ips).toEqual({ ...none, value: 1 })
  })

  const decisions = fc.array(
    fc.record({
      reward: fc.double({ min: 0, max: 1, noNaN: true }),
      weight: fc.double({ min: 0, max: 100, noNaN: true }).map((weight) => (weight < 1e-6 ? 0 : weight)),
      cluster: fc.constantFrom('a', 'b', 'c', 'd'),
    }),
    { minLength: 1, maxLength: 50 },
  )

  test('the effective sample size is at most the number of decisions, and the whole of it for equal weights', () => {
    fc.assert(
      fc.property(decisions, (some) => {
        expect(estimateOffPolicy(some).effectiveSampleSize).toBeLessThanOrEqual(some.length + 1e-9)
        const equal = some.map((decision) => ({ ...decision, weight: 3 }))
        expect(estimateOffPolicy(equal).effectiveSampleSize).toBeCloseTo(some.length, 9)
      }),
    )
  })

  test('SNIPS stays within the range of rewards, moves with them, and does not depend on the scale of weights', () => {
    fc.assert(
      fc.property(decisions, fc.double({ min: 0.1, max: 10, noNaN: true }), (some, factor) => {
        const { snips } = estimateOffPolicy(some)
        if (snips.value === null) return
        expect(snips.value).toBeGreaterThanOrEqual(-1e-9)
        expect(snips.value).toBeLessThanOrEqual(1 + 1e-9)
        const shifted = estimateOffPolicy(
          some.map((decision) => ({ ...decision, reward: decision.reward + 5 })),
        )
        expect(shifted.snips.value).toBeCloseTo(snips.value + 5, 6)
        expect(shifted.snips.standardError ?? 0).toBeCloseTo(snips.standardError ?? 0, 6)
        const scaled = estimateOffPolicy(
          some.map((decision) => ({ ...decision, weight: decision.weight * factor })),
        )
        expect(scaled.snips.value).toBeCloseTo(snips.value, 6)
      }),
    )
  })

  test('decisions of one cluster count as one for the error, however often they are repeated', () => {
    const once = [one(1, 1, 'a'), one(0, 1, 'b'), one(1, 1, 'c')]
    const repeated = Array.from({ length: 7 }, () => once).flat()
    expect(estimateOffPolicy(repeated).ips.standardError).toBeCloseTo(
      estimateOffPolicy(once).ips.standardError ?? Number.NaN,
      12,
    )
  })
})
