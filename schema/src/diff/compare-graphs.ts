import type { Finding } from '../model/finding.ts'
import type { Graph } from '../model/graph.ts'
import type { KnownOperations } from '../model/operation.ts'

/** What changed between two graphs, graded by what it does to those who use them: section `changes`. */
export function compareGraphs(_base: Graph, _head: Graph, _operations: KnownOperations): readonly Finding[] {
  return []
}
