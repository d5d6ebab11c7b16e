import { expect, test } from 'vitest'
import { CannotCheckError } from '../model/cannot-check.ts'
import { readApprovals } from './approvals.ts'

function read(text: string) {
  return readApprovals({ path: 'approvals.yaml', text })
}

const GOOD = `approvals:
  - fingerprint: 0123456789012345
    reason: gone
    by: ada
    expires: 2027-01-31
  # A number to YAML, were it not read as text.
  - { fingerprint: 12345678901234e5, reason: gone, by: ada, expires: "2028-02-29" }
`

test('reads YAML and JSON, with the line of each approval', () => {
  const approvals = read(GOOD)
  expect(
    approvals.map(({ location, ...approval }) => [approval.fingerprint, approval.expires, location.line]),
  ).toEqual([
    ['0123456789012345', '2027-01-31', 2],
    ['12345678901234e5', '2028-02-29', 7],
  ])
  const json = JSON.stringify({ approvals: approvals.map(({ location: _, ...approval }) => approval) })
  expect(read(json).map(({ fingerprint }) => fingerprint)).toEqual(['0123456789012345', '12345678901234e5'])
  expect(read('approvals: []')).toEqual([])
})

test.each([
  ['broken YAML', 'approvals:\n  - {', 2, 'cannot be read'],
  ['no list', 'approvals: 3', 1, 'Approval 1 cannot be read'],
  ['an empty file', '', 1, 'The file of approvals cannot be read'],
  ['an unknown key of the file', `aprovals: []\n${GOOD}`, 1, 'unknown key "aprovals". Expected: approvals'],
  [
    'an unknown key',
    GOOD.replace('by: ada\n', 'by: ada\n    who: eve\n'),
    5,
    'Approval 1 has the unknown key "who"',
  ],
  ['no reason', GOOD.replace('    reason: gone\n', ''), 2, 'The key "reason" of approval 1 is missing'],
  ['an empty reason', GOOD.replace('reason: gone\n', 'reason: " "\n'), 3, 'The key "reason" of approval 1'],
  [
    'no fingerprint',
    GOOD.replace('0123456789012345', 'FIELD_REMOVED'),
    2,
    'Expected: the 16 hexadecimal digits',
  ],
  ['no day', GOOD.replace('2027-01-31', 'never'), 5, 'Expected: a day as YYYY-MM-DD'],
  ['a day that there is not', GOOD.replace('2027-01-31', '2027-02-29'), 5, 'Expected: a day as YYYY-MM-DD'],
  ['a finding twice', GOOD.replace('12345678901234e5', '0123456789012345'), 7, 'approved twice'],
])('%s cannot be read, and the line is named', (_what, text, line, message) => {
  expect(() => read(text)).toThrow(CannotCheckError)
  expect(() => read(text)).toThrow(`approvals.yaml:${line}:`)
  expect(() => read(text)).toThrow(message)
})

test('all problems are told at once', () => {
  const text = GOOD.replace('reason: gone\n', 'reason: ""\n').replace('2028-02-29', 'x')
  expect(() => read(text)).toThrow(/approval 1.*\n.*approval 2/)
})
