import fc from 'fast-check'
import { expect, test } from 'vitest'
import vectors from '../vectors/ids.json' with { type: 'json' }
import { createSlateId, readSlateId, SLATE_ID_RANDOM_BYTES, slateUnitHash } from './slate-id.ts'

const random = fc.uint8Array({ minLength: SLATE_ID_RANDOM_BYTES, maxLength: SLATE_ID_RANDOM_BYTES })
const now = fc.integer({ min: 0, max: 2 ** 48 - 1 })

test.each(vectors.slateIds)('$id', ({ unit, now, random, id, unitHash }) => {
  expect(createSlateId({ unit, now, random: Buffer.from(random, 'hex') })).toBe(id)
  expect(readSlateId(id)).toEqual({ unitHash, createdAt: now })
})

test.each(vectors.notSlateIds)('%j is not a slate id', (id) => {
  expect(readSlateId(id)).toBeNull()
})

test("tells its unit's hash and its time", () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), now, random, (unit, now, random) => {
      const id = createSlateId({ unit, now, random })
      expect(readSlateId(id)).toEqual({ unitHash: slateUnitHash(unit), createdAt: now })
    }),
  )
})

test("a unit's later slates sort after its earlier ones", () => {
  fc.assert(
    fc.property(fc.tuple(now, now), random, random, ([a, b], first, second) => {
      fc.pre(a < b)
      expect(
        createSlateId({ unit: 'u1', now: a, random: first }) <
          createSlateId({ unit: 'u1', now: b, random: second }),
      ).toBe(true)
    }),
  )
})

test('refuses times and randomness that it cannot hold', () => {
  const bytes = new Uint8Array(SLATE_ID_RANDOM_BYTES)
  for (const now of [-1, 1.5, 2 ** 48, Number.NaN]) {
    expect(() => createSlateId({ unit: 'u1', now, random: bytes })).toThrow(RangeError)
  }
  expect(() => createSlateId({ unit: 'u1', now: 0, random: bytes.subarray(1) })).toThrow(RangeError)
})
