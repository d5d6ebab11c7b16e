import { expect, test } from 'vitest'
import { isRecord, parseJson } from './json.ts'

test.each([
  [{}, true],
  [{ a: 1 }, true],
  [Object.create(null), true],
  [[], false],
  [null, false],
  [undefined, false],
  ['text', false],
])('whether %j is a record: %s', (value, expected) => {
  expect(isRecord(value)).toBe(expected)
})

test.each([
  ['{"a":[1,null]}', { a: [1, null] }],
  ['null', null],
  ['', undefined],
  ['{"a":', undefined],
  ['<html>', undefined],
])('%s is read as %j', (text, value) => {
  expect(parseJson(text)).toEqual(value)
})
