import { describe, expect, test } from 'vitest'
import vectors from '../../vectors/conditions.json' with { type: 'json' }
import type { JsonObject, JsonValue } from '../json.ts'
import { MAX_CONDITION_DEPTH } from './compiled-condition.ts'
import { evaluateCondition, MAX_CONDITION_LENGTH, validateCondition } from './condition.ts'
import type { SavedGroups } from './saved-groups.ts'

describe('the vectors', () => {
  test.each(vectors.cases)('$name', ({ condition, attributes, met }) => {
    const groups = vectors.savedGroups as unknown as SavedGroups
    expect(evaluateCondition(condition as JsonValue, attributes as JsonObject, groups)).toBe(met)
  })

  test.each(vectors.problems)('problems: $name', ({ condition, savedGroupKeys, problems }) => {
    const found = validateCondition(condition as JsonValue, savedGroupKeys)
    expect(found.map(({ path, code }) => ({ path, code }))).toEqual(problems)
  })
})

describe('evaluateCondition', () => {
  test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'a.constructor', 'a.__proto__'])(
    'does not find %s where it is not an attribute',
    (path) => {
      expect(evaluateCondition({ [path]: { $exists: false } }, { a: {} })).toBe(true)
    },
  )

  test('finds __proto__ where it is an attribute', () => {
    const condition = JSON.parse('{"__proto__":"x"}')
    expect(evaluateCondition(condition, JSON.parse('{"__proto__":"x"}'))).toBe(true)
    expect(evaluateCondition(condition, {})).toBe(false)
  })

  test('does not find a group that objects inherit', () => {
    expect(evaluateCondition({ a: { $inGroup: 'constructor' } }, { a: 'x' })).toBe(false)
    expect(evaluateCondition({ a: { $notInGroup: 'constructor' } }, { a: 'x' })).toBe(true)
  })

  test('matches nobody where an attribute cannot become a text or number', () => {
    const attributes = { a: { toString: 1 } }
    expect(evaluateCondition({ a: 'x' }, attributes)).toBe(false)
    expect(evaluateCondition({ $not: { a: 'x' } }, attributes)).toBe(false)
    expect(evaluateCondition({ a: { $not: { $gt: 1 } } }, attributes)).toBe(false)
  })

  test.each<[string, unknown]>([
    ['null', null],
    ['undefined', undefined],
    ['a null in $and', { $and: [null] }],
    ['a null in $nor', { $nor: [null] }],
    ['$not null', { $not: null }],
    ['$or null', { $or: null }],
    ['undefined for a value', { a: { $not: undefined } }],
  ])('matches nobody with %s', (_, condition) => {
    expect(evaluateCondition(condition as JsonValue, { a: 1 })).toBe(false)
  })

  test('matches nobody beyond the depth that it allows, however deep the condition is', () => {
    const nested = (levels: number): JsonObject => {
      let condition: JsonObject = {}
      for (let level = 1; level < levels; level++) condition = { $and: condition } as JsonObject
      return condition
    }
    const logic = (levels: number): JsonValue => (levels <= 1 ? {} : { $not: logic(levels - 1) })
    // An even number of negations of what everybody meets.
    expect(evaluateCondition(logic(MAX_CONDITION_DEPTH - 1), {})).toBe(true)
    expect(validateCondition(logic(MAX_CONDITION_DEPTH))).toEqual([])
    expect(validateCondition(logic(MAX_CONDITION_DEPTH + 1))).toMatchObject([{ code: 'TOO_DEEP' }])
    expect(evaluateCondition(logic(MAX_CONDITION_DEPTH + 1), {})).toBe(false)
    expect(evaluateCondition(nested(1_000_000), {})).toBe(false)
    expect(validateCondition(nested(1_000_000))).toMatchObject([{ code: 'TOO_DEEP' }])
  })

  test('a chain of groups that name each other ends', () => {
    const groups: Record<string, SavedGroups[string]> = {}
    for (let index = 0; index < 100_000; index++) {
      groups[`g${index}`] = { type: 'condition', condition: { $savedGroup: { id: `g${index + 1}` } } }
    }
    expect(evaluateCondition({ $savedGroup: { id: 'g0' } }, {}, groups)).toBe(false)
  })

  test('looks into the groups that it is given, whatever it was given before', () => {
    const condition = { a: { $inGroup: 'g' } }
    const answers = [{ g: ['x'] }, { g: ['y'] }, {}, { g: ['x'] }].map((groups) =>
      evaluateCondition(condition, { a: 'x' }, groups),
    )
    expect(answers).toEqual([true, false, false, true])
  })

  test('compiles a condition once, and answers for each of its users', () => {
    const condition = { a: { $in: ['x'] }, b: { $regex: '^y' } }
    expect(evaluateCondition(condition, { a: 'x', b: 'yes' })).toBe(true)
    expect(evaluateCondition(condition, { a: 'x', b: 'no' })).toBe(false)
    expect(evaluateCondition(condition, { a: 'z', b: 'yes' })).toBe(false)
  })
})

test('a condition that is too large has a problem', () => {
  const condition = (length: number): JsonObject => ({ a: 'x'.repeat(length - '{"a":""}'.length) })
  expect(validateCondition(condition(MAX_CONDITION_LENGTH))).toEqual([])
  expect(validateCondition(condition(MAX_CONDITION_LENGTH + 1))).toMatchObject([
    { path: '', code: 'TOO_LARGE' },
  ])
})

describe('what a condition may cost', () => {
  const listOf = (count: number, one: JsonValue) => Array.from({ length: count }, () => one)
  test.each<[string, JsonValue]>([
    ['501 operators', { $or: listOf(500, { a: 1 }) }],
    ['501 operators and paths', { $and: listOf(250, { a: { $ne: 1 } }) }],
    ['$all with 499 entries', { a: { $all: listOf(499, 'x') } }],
    ['$all with 51 conditions', { a: { $all: listOf(51, { $regex: 'x' }) } }],
    [
      '51 paths within $elemMatch',
      { a: { $elemMatch: Object.fromEntries(listOf(51, 1).map((one, at) => [`p${at}`, one])) } },
    ],
  ])('%s are too large', (_, condition) => {
    expect(validateCondition(condition).map(({ code }) => code)).toContain('TOO_LARGE')
  })

  test.each<[string, JsonValue]>([
    ['500 operators', { $or: listOf(499, { a: 1 }) }],
    ['$all with 498 entries', { a: { $all: listOf(498, 'x') } }],
    ['$all with 50 conditions', { a: { $all: listOf(50, { $regex: 'x' }) } }],
    ['a long list of $in', { a: { $in: listOf(5_000, 'x') } }],
  ])('%s are not', (_, condition) => {
    expect(validateCondition(condition)).toEqual([])
  })
})
