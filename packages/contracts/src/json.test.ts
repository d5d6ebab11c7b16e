import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalJson } from './canonical-json.ts'
import { type JsonValue, jsonObjectSchema, jsonValueSchema, MAX_JSON_DEPTH } from './json.ts'

function nested(levels: number): unknown {
  return JSON.parse('['.repeat(levels) + ']'.repeat(levels))
}

test('accepts whatever JSON.parse gives, as long as its text is well-formed', () => {
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
      expect(jsonValueSchema.parse(value)).toEqual(value)
    }),
  )
})

test('accepts only what canonical JSON can write', () => {
  fc.assert(
    fc.property(fc.anything(), (value) => {
      if (jsonValueSchema.safeParse(value).success)
        expect(() => canonicalJson(value as JsonValue)).not.toThrow()
    }),
  )
})

test('refuses deep nesting with an answer, not with an exhausted stack', () => {
  expect(jsonValueSchema.safeParse(nested(MAX_JSON_DEPTH)).success).toBe(true)
  expect(jsonValueSchema.safeParse(nested(MAX_JSON_DEPTH + 1)).success).toBe(false)
  expect(jsonValueSchema.safeParse(nested(100_000)).success).toBe(false)
})

test('keeps a member named __proto__', () => {
  const parsed = jsonObjectSchema.parse(JSON.parse('{"__proto__":{"a":1}}'))
  expect(Object.keys(parsed)).toEqual(['__proto__'])
})

test.each([[[]], [null], ['text'], [new Date(0)], [new Map()], [undefined]])(
  'an object is not %j',
  (value) => {
    expect(jsonObjectSchema.safeParse(value).success).toBe(false)
  },
)
