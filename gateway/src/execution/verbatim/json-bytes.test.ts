import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  endOfBoolean,
  endOfInt,
  endOfNumber,
  endOfString,
  endOfValue,
  NOT_THERE,
  standsAt,
} from './json-bytes.ts'

function utf8(text: string): Buffer {
  return Buffer.from(text)
}

/** Of values that `JSON.stringify` may write, and of texts that look like them. */
const almostJson = fc.oneof(
  fc.json(),
  fc.string({ unit: fc.constantFrom(...'{}[]",:\\/bfnrtu01aeE+-. truefalsnl\n\u0000é“'), maxLength: 20 }),
  fc.tuple(fc.json(), fc.nat(), fc.string({ maxLength: 2 })).map(([json, at, put]) => {
    const place = at % (json.length + 1)
    return json.slice(0, place) + put + json.slice(place + 1)
  }),
)

describe('where a value ends', () => {
  test('whatever JSON.stringify writes is read to its end, and not further', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), fc.constantFrom('', ',', '}', ']'), (value, behind) => {
        const text = JSON.stringify(value)
        // A number may be too long to be told finite without computing it.
        fc.pre(!/\d{25}|e[+-]?\d{3}/.test(text))
        expect(endOfValue(utf8(`,${text}${behind}`), 1)).toBe(1 + utf8(text).length)
      }),
      { numRuns: 3_000 },
    )
  })

  test('what is read as a value is JSON', () => {
    fc.assert(
      fc.property(almostJson, (text) => {
        const bytes = utf8(text)
        const end = endOfValue(bytes, 0)
        if (end !== NOT_THERE) expect(() => JSON.parse(bytes.toString('utf8', 0, end))).not.toThrow()
      }),
      { numRuns: 20_000 },
    )
  })

  test('values that are nested too deeply are left to the parser', () => {
    const nested = (depth: number) => utf8(`${'['.repeat(depth)}1${']'.repeat(depth)}`)
    expect(endOfValue(nested(64), 0)).toBe(129)
    expect(endOfValue(nested(65), 0)).toBe(NOT_THERE)
    expect(endOfValue(nested(1_000_000), 0)).toBe(NOT_THERE)
  })
})

test.each([
  ['"a"', 3],
  ['"a\\"b"', 6],
  ['"\\u00e9\\uD83D"', 14],
  ['"“é”"', 10],
  ['"a', NOT_THERE],
  ['"a\\', NOT_THERE],
  ['"a\nb"', NOT_THERE],
  ['"\\x41"', NOT_THERE],
  ['"\\u00g0"', NOT_THERE],
  ['"\\u00e"', NOT_THERE],
  ['a"', NOT_THERE],
  ['', NOT_THERE],
])('the string %s ends at %i', (text, end) => {
  expect(endOfString(utf8(text), 0)).toBe(end)
})

test.each([
  ['0', 1],
  ['-7,', 2],
  ['-0', NOT_THERE],
  ['2147483647', 10],
  ['-2147483648', 11],
  ['2147483648', NOT_THERE],
  ['-2147483649', NOT_THERE],
  ['12345678901234567890', NOT_THERE],
  ['-', NOT_THERE],
  ['', NOT_THERE],
  ['+1', NOT_THERE],
  ['"1"', NOT_THERE],
])('the Int %s ends at %i', (text, end) => {
  expect(endOfInt(utf8(text), 0)).toBe(end)
})

test('an Int has neither a fraction nor an exponent nor a zero before it', () => {
  // What follows an Int in an answer is none of these, so whoever reads on refuses it.
  expect(endOfInt(utf8('1.0'), 0)).toBe(1)
  expect(endOfInt(utf8('1e3'), 0)).toBe(1)
  expect(endOfInt(utf8('01'), 0)).toBe(1)
})

test.each([
  ['0.5', 3],
  ['-1.25e-7,', 8],
  ['1E+20', 5],
  ['1', 1],
  ['1.', NOT_THERE],
  ['.5', NOT_THERE],
  ['1e', NOT_THERE],
  ['1e+', NOT_THERE],
  ['1e999', NOT_THERE],
  [`1${'0'.repeat(400)}`, NOT_THERE],
  [`0.${'1'.repeat(400)}`, NOT_THERE],
])('the number %s ends at %i', (text, end) => {
  expect(endOfNumber(utf8(text), 0)).toBe(end)
})

test('a number that is read is finite', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'0123456789.eE+-'), maxLength: 60 }), (text) => {
      const end = endOfNumber(utf8(text), 0)
      if (end !== NOT_THERE) expect(Number.isFinite(JSON.parse(text.slice(0, end)))).toBe(true)
    }),
    { numRuns: 5_000 },
  )
})

test('true and false, whole', () => {
  expect(endOfBoolean(utf8('[true]'), 1)).toBe(5)
  expect(endOfBoolean(utf8('false'), 0)).toBe(5)
  expect(endOfBoolean(utf8('tru'), 0)).toBe(NOT_THERE)
  expect(endOfBoolean(utf8('null'), 0)).toBe(NOT_THERE)
})

test('bytes stand at a place where all of them do', () => {
  expect(standsAt(utf8('bc'), utf8('abc'), 1)).toBe(true)
  expect(standsAt(utf8('bc'), utf8('abc'), 2)).toBe(false)
  expect(standsAt(utf8('bd'), utf8('abc'), 1)).toBe(false)
  expect(standsAt(utf8('bcd'), utf8('abc'), 1)).toBe(false)
})
