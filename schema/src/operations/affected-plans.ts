import {
  type DocumentNode,
  type GraphQLSchema,
  getNamedType,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql'
import type { Graph } from '../model/graph.ts'
import { planFacts } from './plan-facts.ts'

/**
 * Says whether an operation's plan may differ between two graphs, without planning it. It never says no where it does.
 * Planning takes milliseconds, and most changes touch few operations.
 */
export function createMayPlanDiffer(base: Graph, head: Graph): (document: DocumentNode) => boolean {
  if (base.supergraphSdl === head.supergraphSdl) return () => false
  const before = planFacts(base.supergraphSdl)
  const after = planFacts(head.supergraphSdl)
  const changed = [...before.facts].filter(([node, facts]) => after.facts.get(node) !== facts)
  const affected = dependents(
    changed.map(([node]) => node),
    before.dependencies,
  )
  return (document) => affected.size > 0 && uses(document, base.apiSchema, affected)
}

/** The nodes that depend on some node, directly or through others. */
function dependents(
  nodes: readonly string[],
  dependencies: ReadonlyMap<string, ReadonlySet<string>>,
): ReadonlySet<string> {
  const reversed = new Map<string, string[]>()
  for (const [node, others] of dependencies) {
    for (const other of others) {
      const known = reversed.get(other)
      if (known === undefined) reversed.set(other, [node])
      else known.push(node)
    }
  }
  const found = new Set(nodes)
  for (const node of found) for (const dependent of reversed.get(node) ?? []) found.add(dependent)
  return found
}

function uses(document: DocumentNode, schema: GraphQLSchema, nodes: ReadonlySet<string>): boolean {
  const types = new TypeInfo(schema)
  let isUsed = false
  const look = (...names: readonly string[]) => {
    isUsed ||= names.some((name) => nodes.has(name))
  }
  visit(
    document,
    visitWithTypeInfo(types, {
      Field(node) {
        const parent = types.getParentType()
        if (!parent) return
        look(parent.name, `${parent.name}.${node.name.value}`)
        const output = types.getType()
        if (output) look(getNamedType(output).name)
      },
      NamedType(node) {
        look(node.name.value)
      },
    }),
  )
  return isUsed
}
