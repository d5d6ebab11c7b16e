import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { renderDecisionTable } from './decision-table.ts'

test('the documentation has the table as it is', () => {
  const page = readFileSync(new URL('../../docs/decisions.md', import.meta.url), 'utf8')
  expect(page, 'stale: copy what renderDecisionTable() gives').toContain(`\n${renderDecisionTable()}`)
})
