import { InvalidArgumentError } from 'commander'
import { expect, test } from 'vitest'
import { finiteNumber, instant, wholeNumber } from './option-values.ts'

test.each([
  [wholeNumber(1, 500), '1', 1],
  [wholeNumber(1, 500), '0500', 500],
  [wholeNumber(0), '9007199254740991', Number.MAX_SAFE_INTEGER],
  [finiteNumber, '-1.5e3', -1500],
  [instant, '1970-01-02T01:00:00+01:00', 86_400_000],
])('%o reads %j as %d', (read, text, value) => {
  expect(read(text)).toBe(value)
})

test.each([
  [wholeNumber(1, 500), ['0', '501', '', ' 5', '1.5', '-1', '1e2', '0x10'], 'from 1 to 500'],
  [wholeNumber(0), ['9007199254740992', 'ten'], 'from 0 on'],
  [finiteNumber, ['', ' ', 'Infinity', 'NaN', 'ten'], 'not a number'],
  [instant, ['yesterday', '2026-01-31', '2026-01-31T00:00:00', '2026-02-30T00:00:00Z'], 'not a time such as'],
])('%o refuses %j', (read, texts, message) => {
  for (const text of texts) {
    expect(() => read(text), text).toThrow(InvalidArgumentError)
    expect(() => read(text), text).toThrow(message)
  }
})
