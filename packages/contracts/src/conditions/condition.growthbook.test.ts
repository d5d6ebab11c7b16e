import { type ConditionInterface, evalCondition, type SavedGroupsPayload } from '@growthbook/growthbook'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { attributesArbitrary, conditionArbitrary, SAVED_GROUPS } from '../testing/condition-arbitrary.ts'
import { evaluateCondition } from './condition.ts'

const CONDITIONS = 20_000
const ATTRIBUTES_PER_CONDITION = 10
/** Each answer has to be frequent, or the comparison shows little. */
const MIN_SHARE = 0.15

// The SDK reports each operator that it does not know.
beforeEach(() => void vi.spyOn(console, 'error').mockImplementation(() => {}))
afterEach(() => void vi.restoreAllMocks())

/** What the SDK says; false where it throws, as for a list whose text cannot be made. */
function askGrowthBook(condition: unknown, attributes: unknown): boolean {
  try {
    return evalCondition(
      attributes as Record<string, unknown>,
      condition as ConditionInterface,
      SAVED_GROUPS as SavedGroupsPayload,
    )
  } catch {
    return false
  }
}

test("answers every generated condition as GrowthBook's published SDK does", () => {
  let pairs = 0
  let met = 0
  const operators = new Map<string, number>()
  fc.assert(
    fc.property(
      conditionArbitrary,
      fc.array(attributesArbitrary, {
        minLength: ATTRIBUTES_PER_CONDITION,
        maxLength: ATTRIBUTES_PER_CONDITION,
      }),
      (condition, attributesOfUsers) => {
        for (const [operator] of JSON.stringify(condition).matchAll(/\$\w+(?=":)/g)) {
          operators.set(operator, (operators.get(operator) ?? 0) + 1)
        }
        for (const attributes of attributesOfUsers) {
          const ours = evaluateCondition(condition, attributes, SAVED_GROUPS)
          pairs++
          if (ours) met++
          if (ours !== askGrowthBook(condition, attributes)) {
            expect({ condition, attributes, met: ours }).toEqual({ condition, attributes, met: !ours })
          }
        }
      },
    ),
    { numRuns: CONDITIONS, seed: 20_261_128 },
  )
  console.info(
    `conditions: ${pairs} pairs, ${met} met, ${operators.size} operators, each at least ${Math.min(...operators.values())} times`,
  )
  expect(pairs).toBeGreaterThanOrEqual(CONDITIONS * ATTRIBUTES_PER_CONDITION)
  expect(met / pairs).toBeGreaterThan(MIN_SHARE)
  expect(met / pairs).toBeLessThan(1 - MIN_SHARE)
  expect(operators.size).toBeGreaterThanOrEqual(31)
})
