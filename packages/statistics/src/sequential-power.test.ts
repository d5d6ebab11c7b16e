import { describe, expect, test } from 'vitest'
import { alwaysValidBounds } from './always-valid.ts'
import { groupSequentialBounds } from './group-sequential.ts'
import { seededRandom } from './seeded-random.ts'
import { driftFor, sequentialPower, simulateSequentialPower } from './sequential-power.ts'
import { answer } from './testing/sums.ts'

const FRACTIONS = [0.3, 0.55, 0.8, 1]

describe('integration and simulation agree within three standard errors', () => {
  test.each([
    ['TWO_SIDED', 0],
    ['TWO_SIDED', 2.5],
    ['GREATER', 2.5],
    ['GREATER', -0.5],
    ['LESS', -2],
  ] as const)('%s with drift %f', (alternative, drift) => {
    const bounds = answer(
      groupSequentialBounds({ alternative, alpha: 0.05, spending: 'POCOCK', fractions: FRACTIONS }),
    )
    const exact = answer(sequentialPower({ bounds, alternative, drift }))
    const runs = 20_000
    const simulated = answer(
      simulateSequentialPower({ bounds, alternative, drift }, { runs, random: seededRandom(1) }),
    )
    const close = (a: number, b: number) =>
      expect(Math.abs(a - b)).toBeLessThan(3 * Math.sqrt((b * (1 - b) + 1e-4) / runs))
    close(simulated.power, exact.power)
    for (const [index, chance] of simulated.byLook.entries()) close(chance, exact.byLook[index]!)
    expect(simulated.expectedFraction).toBeCloseTo(exact.expectedFraction, 2)
  })
})

test('without an effect the power is alpha, and the experiment lasts almost to the last look', () => {
  const bounds = answer(
    groupSequentialBounds({
      alternative: 'GREATER',
      alpha: 0.05,
      spending: 'OBRIEN_FLEMING',
      fractions: FRACTIONS,
    }),
  )
  const { power, expectedFraction } = answer(sequentialPower({ bounds, alternative: 'GREATER', drift: 0 }))
  expect(power).toBeCloseTo(0.05, 8)
  expect(expectedFraction).toBeGreaterThan(0.98)
  expect(expectedFraction).toBeLessThan(1)
})

describe('an always-valid test of a relative effect of 0.05, with 133,333 units an arm (growthbook power.test.ts)', () => {
  const units = 266_666
  const drift = 0.05 / (Math.sqrt((3909.99977 * (1.05 ** 2 + 1)) / 133_333) / 10)
  const power = (looks: number) => {
    const at = Array.from({ length: looks }, (_, index) => Math.round((units * (index + 1)) / looks))
    const bounds = answer(alwaysValidBounds(at, { alternative: 'TWO_SIDED', alpha: 0.05, tuning: 5000 }))
    return answer(
      sequentialPower({
        bounds: bounds.map((bound, index) => ({ fraction: at[index]! / units, bound })),
        alternative: 'TWO_SIDED',
        drift,
      }),
    ).power
  }

  test('a single look has a power of about 0.07', () => {
    expect(power(1)).toBeCloseTo(0.07, 2)
  })

  test('14 looks have about 0.12, and 28 about 0.14', () => {
    expect(power(14)).toBeCloseTo(0.12, 2)
    expect(power(28)).toBeCloseTo(0.14, 2)
  })
})

test('the same seed gives the same figures', () => {
  const design = { bounds: [{ fraction: 1, bound: 2 }], alternative: 'GREATER', drift: 1 } as const
  const run = () => simulateSequentialPower(design, { runs: 500, random: seededRandom(2) })
  expect(run()).toEqual(run())
})

test('impossible simulations are refused', () => {
  const simulate = (fractions: number[], runs = 10, drift = 0) =>
    simulateSequentialPower(
      { bounds: fractions.map((fraction) => ({ fraction, bound: 2 })), alternative: 'GREATER', drift },
      { runs, random: seededRandom(2) },
    )
  expect(simulate([])).toEqual({ refused: 'invalid-input' })
  expect(simulate([1], 0)).toEqual({ refused: 'invalid-input' })
  expect(simulate([1], 10, Number.NaN)).toEqual({ refused: 'invalid-input' })
  expect(simulate([0.5, 0.5])).toEqual({ refused: 'looks-not-increasing' })
  expect(sequentialPower({ bounds: [], alternative: 'GREATER', drift: 0 })).toEqual({
    refused: 'invalid-input',
  })
})

describe('the simulated drift has the power that was asked for, by integration', () => {
  const fractions = [0.2, 0.4, 0.6, 0.8, 1]
  const groups = answer(
    groupSequentialBounds({
      alternative: 'TWO_SIDED',
      alpha: 0.05,
      spending: 'OBRIEN_FLEMING',
      fractions,
    }),
  )
  const units = fractions.map((fraction) => fraction * 10_000)
  const widths = answer(alwaysValidBounds(units, { alternative: 'TWO_SIDED', alpha: 0.05, tuning: 10_000 }))
  const sequence = fractions.map((fraction, index) => ({ fraction, bound: widths[index]! }))
  test.each([
    ['group sequential bounds', groups, 0.8],
    ['group sequential bounds', groups, 0.95],
    ['a confidence sequence', sequence, 0.8],
  ])('%s, power %f', (_, bounds, power) => {
    const drift = answer(driftFor(bounds, power, { runs: 20_000, random: seededRandom(3) }))
    const exact = answer(sequentialPower({ bounds, alternative: 'TWO_SIDED', drift }))
    expect(Math.abs(exact.power - power)).toBeLessThan(0.01)
    expect(driftFor(bounds, power, { runs: 20_000, random: seededRandom(3) })).toBe(drift)
  })

  test('what it cannot simulate is refused', () => {
    const simulation = { runs: 10, random: seededRandom(1) }
    expect(driftFor(groups, 1, simulation)).toEqual({ refused: 'invalid-input' })
    expect(driftFor([], 0.8, simulation)).toEqual({ refused: 'invalid-input' })
    expect(driftFor(groups, 0.8, { ...simulation, runs: 0 })).toEqual({ refused: 'invalid-input' })
    expect(driftFor(groups.toReversed(), 0.8, simulation)).toEqual({ refused: 'looks-not-increasing' })
  })
})
