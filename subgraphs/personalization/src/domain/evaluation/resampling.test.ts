import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { runSteps } from '../../testing/run-steps.ts'
import { bootstrapMeans } from './bootstrap.ts'
import { signFlipTest } from './paired-test.ts'
import { resamplingRandom } from './resampling-random.ts'

function means(columns: readonly Float64Array[], seed = 1, resamples = 400) {
  return runSteps(bootstrapMeans(columns, { resamples, random: resamplingRandom(seed) }))
}

function pValues(columns: readonly Float64Array[], seed = 1, flips = 2_000) {
  return runSteps(signFlipTest(columns, { flips, random: resamplingRandom(seed) }))
}

const valuesArbitrary = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 1, maxLength: 30 })

describe('bootstrap intervals', () => {
  test('hold the mean, lie within the values, and are the same for the same seed', () => {
    fc.assert(
      fc.property(valuesArbitrary, (values) => {
        const column = Float64Array.from(values)
        const [estimate] = means([column], 3, 60)
        expect(estimate?.users).toBe(values.length)
        expect(estimate?.value).toBeCloseTo(values.reduce((sum, one) => sum + one, 0) / values.length, 10)
        expect(estimate?.lower).toBeGreaterThanOrEqual(Math.min(...values) - 1e-12)
        expect(estimate?.upper).toBeLessThanOrEqual(Math.max(...values) + 1e-12)
        expect(means([column], 3, 60)).toEqual([estimate])
      }),
      { numRuns: 50 },
    )
  })

  test('are as wide as the normal interval of a mean, and other seeds give others', () => {
    const column = Float64Array.from({ length: 400 }, (_, n) => (n % 4 === 0 ? 1 : 0))
    const [estimate] = means([column], 1, 2_000)
    const half = 1.96 * Math.sqrt((0.25 * 0.75) / 400)
    expect(estimate?.value).toBe(0.25)
    expect(estimate?.lower).toBeCloseTo(0.25 - half, 2)
    expect(estimate?.upper).toBeCloseTo(0.25 + half, 2)
    expect(means([column], 2, 2_000)).not.toEqual([estimate])
  })

  test('cover the true mean in about 95 of 100 samples', () => {
    const draw = resamplingRandom(5)
    let covered = 0
    const samples = 300
    for (let sample = 0; sample < samples; sample++) {
      const [estimate] = means([Float64Array.from({ length: 80 }, draw)], sample + 1, 300)
      if (estimate !== null && estimate!.lower <= 0.5 && estimate!.upper >= 0.5) covered++
    }
    expect(covered / samples).toBeGreaterThan(0.9)
    expect(covered / samples).toBeLessThan(0.985)
  })

  test('leave out users without a value, and are null where none has one', () => {
    const [some, none] = means([
      Float64Array.of(1, Number.NaN, 1),
      Float64Array.of(Number.NaN, Number.NaN, Number.NaN),
    ])
    expect(some).toEqual({ value: 1, lower: 1, upper: 1, users: 2 })
    expect(none).toBeNull()
    expect(means([])).toEqual([])
  })
})

describe('paired sign-flip test', () => {
  test('agrees with all sign patterns of few differences', () => {
    const differences = [0.5, 0.25, -0.125, 0.4, 0.3, 0.2]
    const sums = Array.from({ length: 2 ** differences.length }, (_, pattern) =>
      differences.reduce((sum, value, n) => sum + (pattern & (1 << n) ? value : -value), 0),
    )
    const observed = differences.reduce((sum, value) => sum + value, 0)
    const exact = sums.filter((sum) => Math.abs(sum) >= observed - 1e-9).length / sums.length
    expect(pValues([Float64Array.from(differences)], 1, 20_000)[0]).toBeCloseTo(exact, 2)
  })

  test('is 1 for equal models, small for a clear difference, the same for the same seed, and null without values', () => {
    const equal = new Float64Array(50)
    const clear = new Float64Array(50).fill(0.1)
    const none = new Float64Array(50).fill(Number.NaN)
    const result = pValues([equal, clear, none])
    expect(result).toEqual([1, 1 / 2_001, null])
    expect(pValues([equal, clear, none])).toEqual(result)
  })

  test('does not depend on which model comes first', () => {
    fc.assert(
      fc.property(valuesArbitrary, (values) => {
        const column = Float64Array.from(values)
        expect(pValues([column.map((value) => -value)], 1, 50)).toEqual(pValues([column], 1, 50))
      }),
      { numRuns: 50 },
    )
  })

  test('rejects a true null in about 5 of 100 comparisons', () => {
    const draw = resamplingRandom(9)
    const columns = Array.from({ length: 400 }, () =>
      Float64Array.from({ length: 40 }, () => draw() - draw()),
    )
    const rejected = columns.filter((column, n) => (pValues([column], n + 1, 199)[0] ?? 1) <= 0.05).length
    expect(rejected / columns.length).toBeGreaterThan(0.02)
    expect(rejected / columns.length).toBeLessThan(0.085)
  })
})
