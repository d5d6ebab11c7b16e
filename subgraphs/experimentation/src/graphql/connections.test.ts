import { expect, test } from 'vitest'
import { EMPTY_LOG } from '../domain/audit/entry.ts'
import { sampleEntry } from '../testing/sample-changes.ts'
import { sampleExperiment } from '../testing/samples.ts'
import { auditConnection } from './connections.ts'

function pageOf(sizes: readonly number[], hasMore: boolean) {
  const entries = sizes.map((size, index) => ({
    ...sampleEntry(EMPTY_LOG, sampleExperiment({ key: 'mix', hypothesis: 'x'.repeat(size) })),
    sequence: index + 1,
  }))
  return auditConnection({ first: 100 }, { findAuditEntries: async () => ({ entries, hasMore }) })
}

test('a page of the audit log ends at a mebibyte, and has at least one entry', async () => {
  const third = 350_000
  const long = await pageOf([third, third, third, third], false)
  expect(long.nodes.map(({ sequence }) => sequence)).toEqual([1, 2])
  expect(long.pageInfo).toMatchObject({ hasNextPage: true, endCursor: long.edges[1]?.cursor })
  const huge = await pageOf([2_000_000, 1], false)
  expect([huge.nodes.length, huge.pageInfo.hasNextPage]).toEqual([1, true])
  const whole = await pageOf([third, third], false)
  expect([whole.nodes.length, whole.pageInfo.hasNextPage]).toEqual([2, false])
})
