import { expect, test } from 'vitest'
import { readApprovals } from '../decision/approvals.ts'
import { sampleFinding } from '../testing/sample-report.ts'
import { approvalOf } from './wording.ts'

test('the line that a report offers is an entry of the file of approvals, once it is filled in', () => {
  // Digits only: YAML takes them for a number where they are not quoted.
  const line = approvalOf(sampleFinding({ fingerprint: '1234567890123456' }))
  const filled = line
    ?.replace('WHY', 'nobody uses it')
    .replace('WHO', 'ada')
    .replace('YYYY-MM-DD', '2027-01-31')
  expect(readApprovals({ path: 'approvals.yaml', text: `approvals:\n  ${filled}\n` })).toMatchObject([
    { fingerprint: '1234567890123456', reason: 'nobody uses it', by: 'ada', expires: '2027-01-31' },
  ])
  // As it is offered it says nothing yet, and so is refused.
  expect(() => readApprovals({ path: 'approvals.yaml', text: `approvals:\n  ${line}\n` })).toThrow()
})

test('what cannot be approved is offered no line', () => {
  expect(approvalOf(sampleFinding({ section: 'composition' }))).toBe(null)
  expect(approvalOf(sampleFinding({ section: 'approvals' }))).toBe(null)
  expect(approvalOf(sampleFinding({ fails: false }))).toBe(null)
})
