import fc from 'fast-check'
import { expect, test } from 'vitest'
import vectors from '../../vectors/exact-values.json' with { type: 'json' }
import { approximateValue, exactValue, MAX_EVENT_VALUE } from './exact-value.ts'

test.each(vectors.values)('$value is $exact', ({ value, exact }) => {
  expect(String(exactValue(value))).toBe(exact)
})

const valueArbitrary = fc.double({ min: -MAX_EVENT_VALUE, max: MAX_EVENT_VALUE, noNaN: true })

test('is the nearest multiple of 10^-6 to the decimal text of the number', () => {
  fc.assert(
    fc.property(valueArbitrary, (value) => {
      const [numerator, scale] = fractionOf(value)
      const doubled = 2n * (exactValue(value) * scale - numerator * 1_000_000n)
      expect(doubled >= -scale && doubled <= scale).toBe(true)
    }),
    { numRuns: 5_000 },
  )
})

test('is odd: a refund takes back exactly what a purchase brought', () => {
  fc.assert(fc.property(valueArbitrary, (value) => exactValue(-value) === -exactValue(value)))
})

test('an integer of 10^-6 that a double can hold comes back as it was', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 50n), max: 2n ** 50n }), (exact) => {
      expect(exactValue(approximateValue(exact))).toBe(exact)
    }),
  )
})

test.each([Number.NaN, Number.POSITIVE_INFINITY, 1.0000001e12, -1.0000001e12])('refuses %s', (value) => {
  expect(() => exactValue(value)).toThrow(RangeError)
})

/** The number's decimal text as a fraction of integers, read digit by digit. */
function fractionOf(value: number): [numerator: bigint, denominator: bigint] {
  const [mantissa = '', exponent = '0'] = String(value).split('e')
  const [whole = '', fraction = ''] = mantissa.split('.')
  const power = Number(exponent) - fraction.length
  const numerator = BigInt(whole + fraction)
  return power >= 0 ? [numerator * 10n ** BigInt(power), 1n] : [numerator, 10n ** BigInt(-power)]
}
