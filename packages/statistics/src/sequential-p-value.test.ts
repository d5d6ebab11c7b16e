import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ALTERNATIVES } from './comparison.ts'
import { normalTail } from './distributions.ts'
import { type GroupSequentialDesign, groupSequentialBounds } from './group-sequential.ts'
import { seededRandom, standardNormal } from './seeded-random.ts'
import { sequentialPValue } from './sequential-p-value.ts'
import { SPENDING_FUNCTIONS } from './spending.ts'
import { answer } from './testing/sums.ts'

const FOUR: GroupSequentialDesign = {
  alternative: 'TWO_SIDED',
  alpha: 0.05,
  spending: 'OBRIEN_FLEMING',
  fractions: [0.25, 0.5, 0.75, 1],
}

test.each(ALTERNATIVES)('of one look at all of the sample it is the ordinary p-value: %s', (alternative) => {
  for (const p of [1e-9, 0.003, 0.05, 0.2, 0.4]) {
    const found = answer(sequentialPValue({ ...FOUR, alternative, fractions: [1] }, [p]))
    expect(found / p).toBeGreaterThanOrEqual(1 - 1e-9)
    expect(found / p).toBeLessThan(1 + 2e-4)
  }
})

test('of one early look it is the level whose spending allows the look its p-value', () => {
  // Half of alpha t on either side: a look at half of the sample has alpha / 2.
  const early = answer(sequentialPValue({ ...FOUR, spending: 'LINEAR', fractions: [0.5] }, [0.01]))
  expect(early).toBeCloseTo(0.02, 5)
})

const lookArbitrary = fc.record({
  alternative: fc.constantFrom(...ALTERNATIVES),
  spending: fc.constantFrom(...SPENDING_FUNCTIONS),
  alpha: fc.double({ min: 1e-3, max: 0.4, noNaN: true }),
  pValues: fc.array(
    fc.oneof(fc.double({ min: 1e-12, max: 1, noNaN: true }), fc.constantFrom(0, 1e-5, 1e-3, 0.01, 0.04)),
    { minLength: 1, maxLength: 5 },
  ),
})

test('it is below alpha when a look has rejected at alpha, and not before, and it never rises', () => {
  fc.assert(
    fc.property(lookArbitrary, ({ pValues, ...design }) => {
      let before = 1
      for (const [index] of pValues.entries()) {
        const fractions = pValues.slice(0, index + 1).map((_, look) => (look + 1) / pValues.length)
        const seen = pValues.slice(0, index + 1)
        const bounds = answer(groupSequentialBounds({ ...design, fractions }))
        const hasRejected = bounds.some(({ nominalAlpha }, look) => (seen[look] ?? 1) < nominalAlpha)
        const p = answer(sequentialPValue({ ...design, fractions }, seen))
        expect(p <= design.alpha).toBe(hasRejected)
        expect(p).toBeLessThanOrEqual(before * (1 + 2e-4))
        before = p
      }
    }),
    {
      numRuns: 40,
      // So near to its bound that the logarithms of both are equal.
      examples: [[{ alternative: 'TWO_SIDED', spending: 'OBRIEN_FLEMING', alpha: 0.001, pValues: [0.001] }]],
    },
  )
})

test('without an effect it is below any level with this probability at most, though it is looked at four times', () => {
  const random = seededRandom(11)
  const runs = 300
  const levels = [0.01, 0.05, 0.2]
  const below = levels.map(() => 0)
  for (let run = 0; run < runs; run++) {
    let sum = 0
    const pValues = FOUR.fractions.map((fraction) => {
      sum += Math.sqrt(0.25) * standardNormal(random)
      return 2 * normalTail(Math.abs(sum / Math.sqrt(fraction)))
    })
    const p = answer(sequentialPValue({ ...FOUR, spending: 'POCOCK' }, pValues))
    for (const [index, level] of levels.entries()) if (p < level) below[index] = (below[index] ?? 0) + 1
  }
  for (const [index, level] of levels.entries()) {
    const error = Math.sqrt((level * (1 - level)) / runs)
    expect((below[index] ?? 0) / runs).toBeGreaterThan(level - 3.5 * error)
    expect((below[index] ?? 0) / runs).toBeLessThan(level + 3.5 * error)
  }
})

test('what is no p-value, or not one for each look, is refused', () => {
  expect(sequentialPValue(FOUR, [0.1, 0.1])).toEqual({ refused: 'invalid-input' })
  expect(sequentialPValue(FOUR, [0.1, 0.1, 0.1, 1.1])).toEqual({ refused: 'invalid-input' })
  expect(sequentialPValue({ ...FOUR, fractions: [0.5, 0.5] }, [0.1, 0.1])).toEqual({
    refused: 'looks-not-increasing',
  })
})
