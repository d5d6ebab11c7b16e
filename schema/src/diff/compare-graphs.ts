import { compareTexts } from '../model/compare-texts.ts'
import type { Finding } from '../model/finding.ts'
import type { Graph } from '../model/graph.ts'
import type { KnownOperations } from '../model/operation.ts'
import { compareApi } from './api/compare-api.ts'
import { compareApplied } from './federation/compare-applied.ts'
import { compareShareable } from './federation/compare-shareable.ts'
import { compareSubgraphs, usesOf } from './federation/compare-subgraphs.ts'
import { readMetadata } from './federation/graph-metadata.ts'
import { createGradeByUsage } from './grade-by-usage.ts'
import { indexOperations } from './operation-index.ts'
import { createSubgraphElements } from './subgraph-elements.ts'

/**
 * What changed between two graphs, graded by what it does to those who use them: section `changes`. In the order of
 * coordinates, codes and keys.
 */
export function compareGraphs(
  base: Graph,
  head: Graph,
  { operations, recorded }: KnownOperations,
): readonly Finding[] {
  const before = readMetadata(base.supergraph)
  const after = readMetadata(head.supergraph)
  const uses = usesOf(base.apiSchema)
  const changes = [
    ...compareApi(base, head),
    ...compareSubgraphs(before, after, uses),
    ...compareApplied(before, after, uses),
    ...compareShareable(base, head),
  ]
  if (changes.length === 0) return []

  const index = indexOperations(operations, base.apiSchema)
  const gradeByUsage = createGradeByUsage(recorded, base.apiSchema)
  const elements = createSubgraphElements(base, head)
  return changes
    .map((change): Finding => {
      const { code, coordinate, message, detail } = change
      // Something that changes nothing for operations affects none.
      const affected = change.grade === 'SAFE' ? [] : index.affectedBy(change.uses)
      const { grade, downgradedFrom, reason } = gradeByUsage(change, affected)
      const { subgraphs, location } = elements.placeOf(coordinate ?? '', change.subgraphs)
      const key = [code, coordinate ?? '', detail].filter((part) => part !== '').join(' ')
      const finding = {
        section: 'changes',
        code,
        grade,
        message,
        reason,
        coordinate,
        subgraphs,
        location,
        affected,
        key,
        uses: change.uses,
      } as const
      return downgradedFrom === null ? finding : { ...finding, downgradedFrom }
    })
    .toSorted(compareFindings)
}

function compareFindings(a: Finding, b: Finding): number {
  return compareTexts(a.coordinate ?? '', b.coordinate ?? '') || compareTexts(a.key ?? '', b.key ?? '')
}
