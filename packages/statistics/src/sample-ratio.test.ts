import fc from 'fast-check'
import { expect, test } from 'vitest'
import { anytimeSampleRatio, sampleRatio } from './sample-ratio.ts'
import { seededRandom } from './seeded-random.ts'
import { answer } from './testing/sums.ts'

const EVEN = [1, 1]

test('1000 and 1200 units at 50/50 have p = 2.00787e-5', () => {
  const { statistic, degreesOfFreedom, pValue } = answer(sampleRatio([1000, 1200], EVEN))
  expect(statistic).toBeCloseTo(18.181818181818183, 12)
  expect(degreesOfFreedom).toBe(1)
  expect(pValue).toBeCloseTo(2.00787e-5, 10)
  expect(pValue / 2.00786561242648e-5).toBeCloseTo(1, 10)
})

test('counts in the planned shares have p = 1, whatever unit the weights are in', () => {
  expect(sampleRatio([50, 30, 20], [0.5, 0.3, 0.2])).toMatchObject({ degreesOfFreedom: 2 })
  expect(answer(sampleRatio([50, 30, 20], [5, 3, 2])).pValue).toBeCloseTo(1, 12)
})

test('the order of the variants does not matter', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: 1, max: 1e6 }), fc.integer({ min: 1, max: 100 })), {
        minLength: 2,
        maxLength: 6,
      }),
      (variants) => {
        const test = (list: typeof variants) =>
          answer(
            sampleRatio(
              list.map(([count]) => count),
              list.map(([, weight]) => weight),
            ),
          )
        const there = test(variants)
        const back = test([...variants].reverse())
        expect(Math.abs(back.statistic - there.statistic)).toBeLessThanOrEqual(1e-9 * (1 + there.statistic))
      },
    ),
  )
})

test("the Bayes factors are those of the paper's formula in scipy 1.17.1", () => {
  const factor = (counts: number[], weights: number[], concentration: number) =>
    answer(anytimeSampleRatio([counts], weights, concentration))[0]!
  expect(factor([510, 430], EVEN, 10_000)).toBeCloseTo(0.7806632369711817, 9)
  expect(factor([1000, 1200], EVEN, 10_000)).toBeCloseTo(0.214354914637555, 9)
  expect(factor([10, 900], EVEN, 10_000) / 1.7153954233980065e-16).toBeCloseTo(1, 8)
  expect(factor([300, 420, 700], [1, 1, 2], 500)).toBeCloseTo(0.0020255693973487148, 9)
  expect(factor([3000, 3400, 6000], [1, 1, 2], 500) / 3.136173758288997e-7).toBeCloseTo(1, 8)
})

test('p is the smallest so far: a mismatch that was found is not forgotten', () => {
  const looks = [
    [0, 0],
    [100, 100],
    [510, 430],
    [1000, 1200],
    [1700, 1750],
  ]
  const pValues = answer(anytimeSampleRatio(looks, EVEN, 10_000))
  expect(pValues.slice(0, 2)).toEqual([1, 1])
  expect(pValues[2]).toBeCloseTo(0.78066, 5)
  expect(pValues[3]).toBeCloseTo(0.21435, 5)
  expect(pValues[4]).toBe(pValues[3])
})

test('with the planned shares, looking after every 20 units finds a mismatch in at most 10 % of experiments', () => {
  const random = seededRandom(5)
  const runs = 400
  let found = 0
  for (let run = 0; run < runs; run++) {
    const counts = [0, 0]
    const looks = Array.from({ length: 150 }, () => {
      for (let unit = 0; unit < 20; unit++) counts[random() < 0.25 ? 0 : 1]! += 1
      return [...counts]
    })
    if (answer(anytimeSampleRatio(looks, [1, 3], 50)).at(-1)! < 0.1) found++
  }
  // 0.1 and three standard errors above.
  expect(found / runs).toBeLessThan(0.145)
  expect(found / runs).toBeGreaterThan(0.01)
})

test.each([
  ['no units', [0, 0], EVEN, 'too-few-units'],
  ['one variant', [10], [1], 'invalid-input'],
  ['a negative count', [-1, 10], EVEN, 'invalid-input'],
  ['half a unit', [0.5, 10], EVEN, 'invalid-input'],
  ['a weight of 0', [5, 10], [0, 1], 'invalid-input'],
  ['a weight that is no number', [5, 10], [Number.NaN, 1], 'invalid-input'],
  ['lists of unequal length', [5, 10, 3], EVEN, 'invalid-input'],
] as const)('%s: refused', (_, counts, weights, reason) => {
  expect(sampleRatio(counts, weights)).toEqual({ refused: reason })
  if (reason === 'invalid-input')
    expect(anytimeSampleRatio([counts], weights, 10)).toEqual({ refused: reason })
})

test('counts that fall from one look to the next are refused, and a prior without weight', () => {
  expect(
    anytimeSampleRatio(
      [
        [5, 5],
        [6, 4],
      ],
      EVEN,
      10,
    ),
  ).toEqual({ refused: 'looks-not-increasing' })
  expect(anytimeSampleRatio([[5, 5]], EVEN, 0)).toEqual({ refused: 'invalid-input' })
  expect(anytimeSampleRatio([], EVEN, 10)).toEqual([])
})
