import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import vectors from '../vectors/exposure-context.json' with { type: 'json' }
import {
  type ContextAssignment,
  decodeExposureContext,
  type ExposureContext,
  encodeExposureContext,
  MAX_CONTEXT_ASSIGNMENTS,
  MAX_ENCODED_CONTEXT_LENGTH,
} from './exposure-context.ts'

const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 })

const contextArbitrary: fc.Arbitrary<ExposureContext> = fc.record({
  snapshotVersion: fc.option(fc.integer({ min: 1 })),
  assignments: fc.array(
    fc.record({
      experimentKey: text,
      experimentVersion: fc.integer({ min: 1 }),
      variantKey: text,
      unit: fc.oneof(text, fc.constantFrom('u1', '__proto__', 'length')),
      applied: fc.boolean(),
    }),
    { maxLength: 10 },
  ),
})

const assignment: ContextAssignment = {
  experimentKey: 'ranking',
  experimentVersion: 1,
  variantKey: 'treatment',
  unit: 'u1',
  applied: true,
}

describe('the vectors', () => {
  test.each(vectors.decodable)('decodes $name, for ever', ({ encoded, context }) => {
    expect(decodeExposureContext(encoded)).toEqual({ type: 'context', context })
  })

  test.each(vectors.decodable)('encodes $name as every process does', ({ encoded, context }) => {
    expect(encodeExposureContext(context)).toBe(encoded)
  })

  test.each(vectors.refused)('refuses $name', ({ encoded }) => {
    expect(decodeExposureContext(encoded).type).toBe('refused')
  })
})

test('decodes what it encoded, whatever the names are', () => {
  fc.assert(
    fc.property(contextArbitrary, (context) => {
      expect(decodeExposureContext(encodeExposureContext(context))).toEqual({ type: 'context', context })
    }),
  )
})

test('is safe in a URL, a header and a log line', () => {
  fc.assert(
    fc.property(contextArbitrary, (context) => {
      expect(encodeExposureContext(context)).toMatch(/^1\.[A-Za-z0-9_-]+$/)
    }),
  )
})

test('never throws on text that it did not write', () => {
  fc.assert(
    fc.property(fc.string(), fc.jsonValue(), (anyText, json) => {
      expect(decodeExposureContext(anyText).type).toBe('refused')
      decodeExposureContext(`1.${anyText}`)
      decodeExposureContext(`1.${Buffer.from(JSON.stringify(json)).toString('base64url')}`)
    }),
  )
})

test('64 assignments of one unit with keys of 40 characters fit', () => {
  const assignments = Array.from({ length: MAX_CONTEXT_ASSIGNMENTS }, (_, index) => ({
    ...assignment,
    experimentKey: `experiment-${index}`.padEnd(40, '-'),
    variantKey: 'variant'.padEnd(40, '-'),
    unit: 'u'.repeat(256),
  }))
  const context = { snapshotVersion: Number.MAX_SAFE_INTEGER, assignments }
  expect(decodeExposureContext(encodeExposureContext(context))).toEqual({ type: 'context', context })
})

test('refuses to write what nobody could read', () => {
  const tooMany = new Array<ContextAssignment>(MAX_CONTEXT_ASSIGNMENTS + 1).fill(assignment)
  expect(() => encodeExposureContext({ snapshotVersion: 1, assignments: tooMany })).toThrow(RangeError)
  const tooLong = Array.from({ length: MAX_CONTEXT_ASSIGNMENTS }, (_, index) => ({
    ...assignment,
    unit: `${index}`.padStart(256, 'é'),
  }))
  expect(() => encodeExposureContext({ snapshotVersion: 1, assignments: tooLong })).toThrow(RangeError)
})

test('refuses text beyond the limit unread', () => {
  const long = `1.${'A'.repeat(MAX_ENCODED_CONTEXT_LENGTH)}`
  expect(decodeExposureContext(long)).toEqual({
    type: 'refused',
    message: 'the exposure context is too long',
  })
})
