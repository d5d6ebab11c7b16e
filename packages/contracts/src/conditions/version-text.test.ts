import { evalCondition } from '@growthbook/growthbook'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { evaluateCondition } from './condition.ts'

const part = fc.constantFrom(
  '0',
  '1',
  '9',
  '10',
  '010',
  '99999',
  '100000',
  'rc',
  'RC',
  'a1',
  '',
  'v',
  'é',
  '~',
  ' ',
)
const version = fc.oneof(
  fc
    .tuple(
      fc.constantFrom('', '', 'v', 'vv', 'V'),
      fc.array(fc.tuple(part, fc.constantFrom('.', '.', '-', '+', '+\n', '\u2028+')), { maxLength: 5 }),
      part,
    )
    .map(([prefix, parts, last]) => `${prefix}${parts.flat().join('')}${last}`),
  fc.constantFrom<string | number | null | boolean>(0, 1, 1.5, -1, null, true),
)

test("compares any two versions as GrowthBook's SDK does", () => {
  let equal = 0
  fc.assert(
    fc.property(version, version, (one, other) => {
      for (const operator of ['$veq', '$vlt', '$vgte'] as const) {
        const condition = { v: { [operator]: other as string } }
        const theirs = evalCondition({ v: one }, condition)
        if (operator === '$veq' && theirs) equal++
        expect(evaluateCondition(condition, { v: one })).toBe(theirs)
      }
    }),
    { numRuns: 20_000, seed: 20_261_128 },
  )
  expect(equal).toBeGreaterThan(100)
})
