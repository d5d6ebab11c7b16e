import type { Finding } from '../model/finding.ts'
import { onlyGrade } from '../model/only-grade.ts'
import type { SourceLocation } from '../model/source.ts'
import { APPROVAL_CODES } from './approval-codes.ts'

/** Subgraphs that are said to be removed, and that the base does not have: section `approvals`. */
export function unusedRemovals(
  removed: readonly { readonly name: string; readonly location: SourceLocation }[],
  base: readonly string[],
): readonly Finding[] {
  const { grade, reason } = onlyGrade(APPROVAL_CODES.REMOVED_SUBGRAPH_UNUSED)
  return removed
    .filter(({ name }) => !base.includes(name))
    .map(({ name, location }) => ({
      section: 'approvals',
      code: 'REMOVED_SUBGRAPH_UNUSED',
      grade,
      message: `\`removed_subgraphs\` has ${name}, which is no subgraph of the base.`,
      reason,
      coordinate: null,
      subgraphs: [],
      location,
      affected: [],
      key: name,
    }))
}
