import type { LintConfig } from '../config/check-config.ts'
import type { Finding } from '../model/finding.ts'
import type { Graph } from '../model/graph.ts'

/** What the rules say of a graph: section `lint`. */
export function lintGraph(_graph: Graph, _config: LintConfig): readonly Finding[] {
  return []
}
