import type { Finding } from '../model/finding.ts'
import type { Graph } from '../model/graph.ts'
import type { KnownOperations } from '../model/operation.ts'

/**
 * Every known operation validated against the head and planned: section `operations`. Without a base only what is
 * invalid is found.
 */
export function checkOperations(
  _base: Graph | null,
  _head: Graph,
  _operations: KnownOperations,
): readonly Finding[] {
  return []
}
