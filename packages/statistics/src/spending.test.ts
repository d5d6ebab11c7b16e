import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SPENDING_FUNCTIONS, spentAlpha } from './spending.ts'

test.each([
  ['OBRIEN_FLEMING', 5.388712629e-7],
  ['POCOCK', 0.00738486322800869],
  ['LINEAR', 0.005],
  ['QUADRATIC', 0.001],
] as const)('%s has spent %f of 0.025 at a fifth of the information (scipy 1.17.1)', (spending, spent) => {
  expect(spentAlpha(spending, 0.025, 0.2) / spent).toBeCloseTo(1, 9)
})

test('every function grows, and has spent exactly alpha at the end and after it', () => {
  const fraction = fc.double({ min: 1e-3, max: 1, noNaN: true })
  fc.assert(
    fc.property(fc.constantFrom(...SPENDING_FUNCTIONS), fraction, fraction, (spending, a, b) => {
      const [early, late] = [Math.min(a, b), Math.max(a, b)].map((at) => spentAlpha(spending, 0.05, at))
      expect(early).toBeLessThanOrEqual(late!)
      expect(late).toBeLessThanOrEqual(0.05 * (1 + 1e-12))
      expect(spentAlpha(spending, 0.05, 1 + a)).toBe(0.05)
    }),
  )
  for (const spending of SPENDING_FUNCTIONS) {
    expect(spentAlpha(spending, 0.05, 1 - 1e-12)).toBeCloseTo(0.05, 9)
  }
})
