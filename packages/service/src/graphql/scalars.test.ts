import fc from 'fast-check'
import { parseValue } from 'graphql'
import { expect, test } from 'vitest'
import { DateTime, JSONScalar, MAX_JSON_DEPTH, parseInstant } from './scalars.ts'

test('an instant that is written is read as the same', () => {
  fc.assert(
    fc.property(
      fc.date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }),
      (date) => {
        expect(DateTime.parseValue(DateTime.serialize(date.getTime()))).toBe(date.getTime())
      },
    ),
  )
})

test('an instant is written in UTC with milliseconds', () => {
  expect(DateTime.serialize(0)).toBe('1970-01-01T00:00:00.000Z')
  expect(DateTime.serialize(new Date(1_500))).toBe('1970-01-01T00:00:01.500Z')
})

test.each([
  ['2026-01-31T12:00:00Z', '2026-01-31T12:00:00.000Z'],
  ['2026-01-31t12:00:00.1z', '2026-01-31T12:00:00.100Z'],
  ['2026-01-31T12:00:00.123456789+02:30', '2026-01-31T09:30:00.123Z'],
  ['2026-01-31T23:30:00-01:00', '2026-02-01T00:30:00.000Z'],
  ['0050-03-01T00:00:00Z', '0050-03-01T00:00:00.000Z'],
  ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000Z'],
  ['2026-01-31T12:00:00.9999-00:00', '2026-01-31T12:00:00.999Z'],
])('%s is read as %s', (text, iso) => {
  expect(new Date(parseInstant(text) ?? Number.NaN).toISOString()).toBe(iso)
})

test.each([
  '2026-01-31',
  '2026-01-31T12:00:00',
  '2026-01-31T12:00Z',
  '2026-01-31T12:00:00.Z',
  '2026-06-30T23:59:60Z',
  '2026-02-30T12:00:00Z',
  '2025-02-29T12:00:00Z',
  '2026-13-01T12:00:00Z',
  '2026-01-31T24:00:00Z',
  '2026-01-31T12:00:00+25:00',
  '2026-01-31T12:00:00+0200',
  '2026-01-31 12:00:00Z',
  'yesterday',
  1_700_000_000_000,
  null,
])('%s is not an instant', (value) => {
  expect(() => DateTime.parseValue(value)).toThrow('RFC 3339')
})

test('what is not a time is not written', () => {
  expect(() => DateTime.serialize('2026-01-31T12:00:00Z')).toThrow('cannot represent')
  expect(() => DateTime.serialize(Number.NaN)).toThrow('cannot represent')
})

function nested(depth: number): unknown {
  return depth === 0 ? 1 : [nested(depth - 1)]
}

test('JSON goes through as it is, to a bounded depth', () => {
  expect(JSONScalar.parseValue({ a: [1, null, 'x'] })).toEqual({ a: [1, null, 'x'] })
  expect(() => JSONScalar.parseValue(nested(MAX_JSON_DEPTH))).not.toThrow()
  expect(() => JSONScalar.parseValue(nested(MAX_JSON_DEPTH + 1))).toThrow('32 levels')
})

test('JSON literals are read with their variables, to the same depth', () => {
  const literal = parseValue('{ a: [1, 2.5, true, null, "x", $v] }')
  expect(JSONScalar.parseLiteral(literal, { v: { b: 1 } })).toEqual({
    a: [1, 2.5, true, null, 'x', { b: 1 }],
  })
  expect(() => JSONScalar.parseLiteral(literal, { v: nested(31) })).toThrow('32 levels')
  expect(() => JSONScalar.parseLiteral(parseValue('['.repeat(33) + ']'.repeat(33)), {})).toThrow('32 levels')
  expect(() => JSONScalar.parseLiteral(parseValue('{ a: HOME }'), {})).toThrow('write "HOME" as a string')
})

test.each([
  ['{ __proto__: { admin: true } }', 'constructor.prototype'],
  ['[{ a: { constructor: { prototype: { admin: true } } } }]', 'constructor.prototype'],
  ['{ x: 1e999 }', 'finite'],
])('the JSON literal %s is refused, as other services could not read it', (literal, message) => {
  expect(() => JSONScalar.parseLiteral(parseValue(literal), {})).toThrow(message)
})

test.each([
  [JSON.parse('{"a":{"__proto__":1}}')],
  [{ constructor: { prototype: 1 } }],
  [[Number.POSITIVE_INFINITY]],
])('the JSON value %j is refused, as other services could not read it', (value) => {
  expect(() => JSONScalar.parseValue(value)).toThrow('JSON')
})

test('a member named "constructor" with any other value is allowed', () => {
  expect(JSONScalar.parseValue({ constructor: 'Renault' })).toEqual({ constructor: 'Renault' })
})
