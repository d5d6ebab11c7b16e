import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cutJson } from './rejected-body.ts'

test('a body is never longer than its limit, begins as the JSON does, and holds no broken character', () => {
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: 'grapheme' }), fc.nat(60), (value, limit) => {
      const cut = cutJson(value, limit)
      expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(limit)
      expect(JSON.stringify(value).startsWith(cut)).toBe(true)
    }),
  )
})

test('what nests too deep to be written is named instead', () => {
  const depth = 200_000
  const deep: unknown = JSON.parse('['.repeat(depth) + ']'.repeat(depth))
  expect(cutJson(deep, 8_192)).toContain('too deep')
})
