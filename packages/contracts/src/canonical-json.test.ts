import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import vectors from '../vectors/canonical-json.json' with { type: 'json' }
import { CanonicalJsonError, canonicalJson, MAX_CANONICAL_DEPTH } from './canonical-json.ts'
import type { JsonValue } from './json.ts'

const wellFormed = fc.jsonValue({ stringUnit: 'binary' }) as fc.Arbitrary<JsonValue>

/** What no type allows and the wire or a bug may bring all the same. */
function notJson(value: unknown): JsonValue {
  return value as JsonValue
}

describe('the vectors', () => {
  test.each(vectors.texts)('$name', ({ input, canonical }) => {
    expect(canonicalJson(JSON.parse(input))).toBe(canonical)
  })

  test.each(vectors.refused)('refuses $name', ({ input }) => {
    expect(() => canonicalJson(JSON.parse(input))).toThrow(CanonicalJsonError)
  })

  test.each(vectors.numbers)('writes the double $ieee754 as $canonical', ({ ieee754, canonical }) => {
    const number = Buffer.from(ieee754, 'hex').readDoubleBE()
    if (canonical === null) expect(() => canonicalJson(number)).toThrow(CanonicalJsonError)
    else expect(canonicalJson(number)).toBe(canonical)
  })
})

test('what it writes parses to the same value', () => {
  fc.assert(
    fc.property(wellFormed, (value) => {
      // Through JSON first, which has no negative zero.
      const plain: unknown = JSON.parse(JSON.stringify(value))
      expect(JSON.parse(canonicalJson(value))).toEqual(plain)
    }),
  )
})

test('canonical text is its own canonical form', () => {
  fc.assert(
    fc.property(wellFormed, (value) => {
      const text = canonicalJson(value)
      expect(canonicalJson(JSON.parse(text))).toBe(text)
    }),
  )
})

test('the order in which members were added does not show', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string({ unit: 'binary' }), wellFormed), (object) => {
      const reversed = Object.fromEntries(Object.entries(object).reverse())
      expect(canonicalJson(reversed)).toBe(canonicalJson(object))
    }),
  )
})

test.each([
  ['undefined', notJson(undefined), 'the value'],
  ['an undefined member', notJson({ a: { 'b/~': undefined } }), '/a/b~1~0'],
  ['a hole in an array', notJson(new Array(1)), '/0'],
  ['NaN', notJson({ a: [Number.NaN] }), '/a/0'],
  ['a function', notJson({ a: () => 1 }), '/a'],
  ['a bigint', notJson([1n]), '/0'],
  ['a symbol', notJson([Symbol('s')]), '/0'],
  ['an instance of a class', notJson({ at: new Date(0) }), '/at'],
])('refuses %s and says where', (_, value, place) => {
  expect(() => canonicalJson(value)).toThrow(CanonicalJsonError)
  expect(() => canonicalJson(value)).toThrow(`canonical JSON: ${place} `)
})

test('refuses deep nesting before the stack is exhausted', () => {
  const nested = (levels: number): JsonValue => JSON.parse('['.repeat(levels) + ']'.repeat(levels))
  expect(canonicalJson(nested(MAX_CANONICAL_DEPTH))).toHaveLength(2 * MAX_CANONICAL_DEPTH)
  expect(() => canonicalJson(nested(100_000))).toThrow(CanonicalJsonError)
})
