import type { ASTNode } from 'graphql'
import type { LintConfig } from '../config/check-config.ts'
import { compareTexts } from '../model/compare-texts.ts'
import type { Finding } from '../model/finding.ts'
import type { Graph } from '../model/graph.ts'
import { locationOf } from '../model/source.ts'
import { indexTypes } from './graph-index.ts'
import { type ActiveRule, activeRules } from './lint-settings.ts'
import type { Owners } from './owners.ts'
import { resolve } from './resolution.ts'
import type { Violation } from './rule.ts'

/**
 * What the rules say of a graph: section `lint`, by coordinate and rule.
 * @throws CannotCheckError where the configuration names what there is not.
 */
export function lintGraph(graph: Graph, config: LintConfig, owners: Owners): readonly Finding[] {
  const active = activeRules(config)
  const types = indexTypes(graph)
  const byName = new Map(types.map((type) => [type.name, type]))
  const context = { types, typeOf: (name: string) => byName.get(name), resolution: resolve(graph), owners }
  return active
    .flatMap((rule) =>
      rule.rule
        .find(context, rule.options)
        .filter((violation) => !isIgnored(violation, rule))
        .map((violation) => findingOf(violation, rule)),
    )
    .sort((a, b) => compareTexts(a.coordinate ?? '', b.coordinate ?? '') || compareTexts(a.code, b.code))
}

function isIgnored({ coordinate, declarations }: Violation, { ignore }: ActiveRule): boolean {
  const subgraphs = declarations.length > 0 ? declarations.map(({ subgraph }) => subgraph) : [null]
  return ignore.some((matches) => subgraphs.every((subgraph) => matches(coordinate ?? '', subgraph)))
}

function findingOf({ coordinate, message, declarations }: Violation, { rule, level }: ActiveRule): Finding {
  const [first] = declarations
  return {
    section: 'lint',
    code: rule.name,
    grade: level === 'error' ? 'ERROR' : 'WARNING',
    message,
    reason: rule.reason,
    coordinate,
    subgraphs: [...new Set(declarations.map(({ subgraph }) => subgraph))].sort(),
    location: locationOf(first?.node as ASTNode | undefined),
    affected: [],
  }
}
