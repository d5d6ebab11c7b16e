import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ALTERNATIVES } from './comparison.ts'
import { normalTail } from './distributions.ts'
import {
  type GroupSequentialDesign,
  groupSequentialBounds,
  MAX_BOUND,
  rejectionChances,
  repeatedInterval,
  stagewisePValue,
} from './group-sequential.ts'
import { SPENDING_FUNCTIONS } from './spending.ts'
import { answer } from './testing/sums.ts'

const FIVE: GroupSequentialDesign = {
  alternative: 'TWO_SIDED',
  alpha: 0.05,
  spending: 'OBRIEN_FLEMING',
  fractions: [0.2, 0.4, 0.6, 0.8, 1],
}

function boundsOf(design: GroupSequentialDesign): number[] {
  return answer(groupSequentialBounds(design)).map(({ bound }) => bound)
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0)
}

test('spotify/confidence, tests/frequentist/test_bounds.py: alpha t^2, looks at 250, 450, 630 and 810 of 810', () => {
  const looks = answer(
    groupSequentialBounds({
      alternative: 'TWO_SIDED',
      alpha: 0.01,
      spending: 'QUADRATIC',
      fractions: [250, 450, 630, 810].map((n) => n / 810),
    }),
  )
  const expected = [0.00095, 0.00241, 0.0041, 0.00636]
  for (const [index, { nominalAlpha }] of looks.entries()) {
    expect(nominalAlpha).toBeCloseTo(expected[index]!, 5)
  }
  expect(looks.at(-1)!.spent).toBe(0.01)
})

describe('published bounds of the Lan-DeMets families: five equal looks, two-sided 5 %', () => {
  test.each([
    ['OBRIEN_FLEMING', [4.877, 3.357, 2.68, 2.29, 2.031]],
    ['POCOCK', [2.438, 2.427, 2.41, 2.397, 2.386]],
  ] as const)('%s', (spending, expected) => {
    for (const [index, bound] of boundsOf({ ...FIVE, spending }).entries()) {
      expect(bound).toBeCloseTo(expected[index]!, 3)
    }
  })

  test("what O'Brien-Fleming has spent by each look, by scipy's multivariate normal of our bounds", () => {
    const spent = [1.07774253e-6, 0.000788304, 0.00761613, 0.02442359, 0.04999999]
    for (const [index, look] of answer(groupSequentialBounds(FIVE)).entries()) {
      expect(look.spent).toBeCloseTo(spent[index]!, 7)
    }
  })
})

describe('the constants of Jennison and Turnbull 2000, tables 2.1 to 2.4, for alpha 0.05', () => {
  const pocock = [
    [2, 2.178],
    [3, 2.289],
    [5, 2.413],
  ] as const
  const obrienFleming = [
    [2, 1.977],
    [3, 2.004],
    [5, 2.04],
  ] as const
  const looks = (count: number, boundAt: (fraction: number) => number) =>
    Array.from({ length: count }, (_, index) => {
      const fraction = (index + 1) / count
      return { fraction, bound: boundAt(fraction) }
    })

  /** The constants are rounded to three digits: half a step to either side has alpha between. */
  function expectAlphaNear(constant: number, boundsAt: (constant: number) => ReturnType<typeof looks>) {
    const alphaAt = (at: number) => sumOf(answer(rejectionChances(boundsAt(at), 0, 'TWO_SIDED')))
    expect(alphaAt(constant - 0.0005)).toBeGreaterThan(0.05)
    expect(alphaAt(constant + 0.0005)).toBeLessThan(0.05)
  }

  test.each(pocock)('%i looks at the constant bound %f reject in 5 % of experiments', (count, constant) => {
    expectAlphaNear(constant, (at) => looks(count, () => at))
  })

  test.each(obrienFleming)("%i looks at O'Brien and Fleming's %f / sqrt(t) do as well", (count, constant) => {
    expectAlphaNear(constant, (at) => looks(count, (fraction) => at / Math.sqrt(fraction)))
  })

  test('power is 80 % with the published inflation of the sample: 1.229 and 1.028 for five looks', () => {
    const fixed = 1.959964 + 0.841621
    const power = (bounds: ReturnType<typeof looks>, inflation: number) =>
      sumOf(answer(rejectionChances(bounds, fixed * Math.sqrt(inflation), 'TWO_SIDED')))
    expect(
      power(
        looks(5, () => 2.413),
        1.229,
      ),
    ).toBeCloseTo(0.8, 3)
    expect(
      power(
        looks(5, (fraction) => 2.04 / Math.sqrt(fraction)),
        1.028,
      ),
    ).toBeCloseTo(0.8, 3)
  })
})

const arbitraryFractions = fc
  .array(fc.integer({ min: 5, max: 100 }), { minLength: 1, maxLength: 6 })
  .map((parts) => {
    const total = sumOf(parts)
    let sum = 0
    return parts.map((part) => {
      sum += part
      return sum / total
    })
  })

const arbitraryDesign: fc.Arbitrary<GroupSequentialDesign> = fc.record({
  alternative: fc.constantFrom(...ALTERNATIVES),
  alpha: fc.double({ min: 1e-3, max: 0.4, noNaN: true }),
  spending: fc.constantFrom(...SPENDING_FUNCTIONS),
  fractions: arbitraryFractions,
})

test('without any effect the bounds reject by each look with the probability that is spent', () => {
  fc.assert(
    fc.property(arbitraryDesign, (design) => {
      const bounds = answer(groupSequentialBounds(design))
      const chances = answer(rejectionChances(bounds, 0, design.alternative))
      for (const [index, { spent }] of bounds.entries()) {
        expect(sumOf(chances.slice(0, index + 1))).toBeCloseTo(spent, 7)
      }
      expect(bounds.at(-1)!.spent).toBeCloseTo(design.alpha, 12)
    }),
    { numRuns: 20 },
  )
})

test('a bound depends on its own look and those before it, not on later ones', () => {
  fc.assert(
    fc.property(arbitraryDesign, (design) => {
      const all = boundsOf(design)
      const first = boundsOf({ ...design, fractions: design.fractions.slice(0, -1).concat(0.9999) })
      for (const [index, bound] of first.slice(0, -1).entries()) expect(bound).toBeCloseTo(all[index]!, 6)
    }),
    { numRuns: 10 },
  )
})

test('spending follows the information that is there: fewer units at the first look spend less', () => {
  const planned = answer(groupSequentialBounds({ ...FIVE, fractions: [0.5, 1] }))
  const fewer = answer(groupSequentialBounds({ ...FIVE, fractions: [0.4, 1] }))
  expect(fewer[0]!.spent).toBeLessThan(planned[0]!.spent)
  expect(fewer[0]!.bound).toBeGreaterThan(planned[0]!.bound)
  expect(fewer[1]!.bound).toBeLessThan(planned[1]!.bound)
})

test('more information than planned spends what is left, and counts with its true correlation', () => {
  const [first, last] = answer(groupSequentialBounds({ ...FIVE, fractions: [0.5, 1.5] }))
  const [, planned] = answer(groupSequentialBounds({ ...FIVE, fractions: [0.5, 1] }))
  expect(last!.spent).toBe(0.05)
  expect(last!.bound).not.toBeCloseTo(planned!.bound, 4)
  const chances = answer(rejectionChances([first!, last!], 0, 'TWO_SIDED'))
  expect(sumOf(chances)).toBeCloseTo(0.05, 8)
})

test('a look so early that almost nothing may be spent has the highest bound', () => {
  const [first] = answer(groupSequentialBounds({ ...FIVE, fractions: [0.01, 1] }))
  expect(first).toMatchObject({ bound: MAX_BOUND })
  expect(first!.spent).toBeLessThan(1e-100)
})

test('120 daily looks keep the level to seven digits', () => {
  const fractions = Array.from({ length: 120 }, (_, index) => (index + 1) / 120)
  const bounds = answer(groupSequentialBounds({ ...FIVE, spending: 'LINEAR', fractions }))
  const chances = answer(rejectionChances(bounds, 0, 'TWO_SIDED'))
  expect(sumOf(chances)).toBeCloseTo(0.05, 7)
})

describe('the repeated confidence interval', () => {
  const difference = { estimate: 0.5, standardError: 0.2 }

  test('is the estimate with the bound times the standard error', () => {
    expect(repeatedInterval(difference, 3, 'TWO_SIDED')).toMatchObject({
      lower: 0.5 - 0.6000000000000001,
      upper: 1.1,
    })
    expect(repeatedInterval(difference, 3, 'GREATER')).toMatchObject({
      lower: 0.5 - 0.6000000000000001,
      upper: null,
    })
    expect(repeatedInterval(difference, 3, 'LESS')).toMatchObject({ lower: null, upper: 1.1 })
  })

  test('excludes 0 exactly when the z-statistic passes the bound', () => {
    for (const bound of [2.4, 2.49, 2.51, 2.6]) {
      expect(repeatedInterval(difference, bound, 'TWO_SIDED').lower! > 0).toBe(bound < 2.5)
    }
  })
})

describe('the stagewise p-value', () => {
  const bounds = answer(groupSequentialBounds({ ...FIVE, spending: 'POCOCK' }))

  test('at the first look it is the ordinary p-value', () => {
    expect(answer(stagewisePValue(bounds.slice(0, 1), 2.6, 'TWO_SIDED'))).toBeCloseTo(2 * normalTail(2.6), 12)
    expect(answer(stagewisePValue(bounds.slice(0, 1), -2.6, 'LESS'))).toBeCloseTo(normalTail(2.6), 12)
    expect(answer(stagewisePValue(bounds.slice(0, 1), -2.6, 'GREATER'))).toBeCloseTo(1 - normalTail(2.6), 12)
  })

  test.each(['TWO_SIDED', 'GREATER', 'LESS'] as const)(
    'at a bound it is the alpha spent so far (%s)',
    (alternative) => {
      const design = answer(groupSequentialBounds({ ...FIVE, alternative }))
      for (const [index, { bound, spent }] of design.entries()) {
        const z = alternative === 'LESS' ? -bound : bound
        expect(answer(stagewisePValue(design.slice(0, index + 1), z, alternative))).toBeCloseTo(spent, 9)
      }
    },
  )

  test('it falls as z grows, and an earlier stop is stronger evidence', () => {
    const at = (looks: number, z: number) => answer(stagewisePValue(bounds.slice(0, looks), z, 'TWO_SIDED'))
    expect(at(3, 2.6)).toBeLessThan(at(3, 2.5))
    expect(at(3, 0)).toBeLessThanOrEqual(1)
    expect(at(2, 2.5)).toBeLessThan(at(4, 3.5))
  })
})

test.each([
  [{ fractions: [0.5, 0.5] }, 'looks-not-increasing'],
  [{ fractions: [0.5, 0.4] }, 'looks-not-increasing'],
  [{ fractions: [0.5, 0.50001] }, 'looks-too-close'],
  [{ fractions: [0.5, 1, 1.2] }, 'nothing-left-to-spend'],
  [{ fractions: [1.1, 1.2] }, 'nothing-left-to-spend'],
  [{ fractions: [] }, 'invalid-input'],
  [{ fractions: [0, 1] }, 'invalid-input'],
  [{ fractions: [Number.NaN] }, 'invalid-input'],
  [{ alpha: 0 }, 'invalid-input'],
  [{ alternative: 'LESS', alpha: 0.5 }, 'invalid-input'],
] as const)('%j is refused', (change, reason) => {
  expect(groupSequentialBounds({ ...FIVE, ...change })).toEqual({ refused: reason })
})

test('p-values and chances of impossible looks are refused', () => {
  const one = { fraction: 1, bound: 2 }
  expect(stagewisePValue([], 2, 'GREATER')).toEqual({ refused: 'invalid-input' })
  expect(stagewisePValue([one], Number.NaN, 'GREATER')).toEqual({ refused: 'invalid-input' })
  expect(stagewisePValue([one, one], 2, 'GREATER')).toEqual({ refused: 'looks-not-increasing' })
  expect(rejectionChances([one, one], 0, 'GREATER')).toEqual({ refused: 'looks-not-increasing' })
  expect(rejectionChances([one], 101, 'GREATER')).toEqual({ refused: 'invalid-input' })
  expect(rejectionChances([{ fraction: 1, bound: -1 }], 0, 'TWO_SIDED')).toEqual({ refused: 'invalid-input' })
})
