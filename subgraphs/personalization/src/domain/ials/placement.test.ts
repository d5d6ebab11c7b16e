import fc from 'fast-check'
import { expect, test } from 'vitest'
import { gramOf } from './fold-in.ts'
import { createPlacement, type Placement, placeAny, placeFew } from './placement.ts'

const DIMENSIONS = 9
const ITEMS = 20
const PARAMETERS = { unobservedWeight: 0.1, regularization: 0.01, frequencyExponent: 1 }
const history = fc.array(fc.record({ item: fc.nat(ITEMS - 1), weight: fc.constantFrom(0.01, 0.5, 1, 3) }), {
  minLength: 1,
  maxLength: 2 * DIMENSIONS,
})
const anyFactors = fc
  .array(fc.integer({ min: -16, max: 16 }), { minLength: ITEMS * DIMENSIONS, maxLength: ITEMS * DIMENSIONS })
  .map((values) => ({ dimensions: DIMENSIONS, values: Float32Array.from(values, (value) => value / 8) }))

function expectClose(one: Placement, other: Placement): void {
  for (const key of ['place', 'directions'] as const) {
    expect(one[key].length).toBe(other[key].length)
    one[key].forEach((value, at) => {
      expect(value).toBeCloseTo(other[key][at] as number, 8)
    })
  }
}

test.each([placeFew, createPlacement])('%o places any history where its equations do', (place) => {
  fc.assert(
    fc.property(
      anyFactors,
      fc.array(history, { minLength: 1, maxLength: 3 }),
      fc.nat(20),
      (factors, histories, wanted) => {
        const gram = gramOf(factors)
        const placed = place(factors, gram, PARAMETERS)
        const expected = placeAny(factors, gram, PARAMETERS)
        for (const had of histories) {
          const items = had.map(({ item }) => item)
          const weights = had.map(({ weight }) => weight)
          expectClose(placed(items, weights, wanted), expected(items, weights, wanted))
        }
      },
    ),
  )
})
