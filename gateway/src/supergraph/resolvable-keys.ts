import { type ConstDirectiveNode, type DocumentNode, Kind, visit } from 'graphql'

const JOIN_TYPE = 'join__type'

/**
 * A supergraph's document without the keys that are not `resolvable`, where the type has a resolvable one in the same
 * subgraph. The planner takes the first key of a type to come back to a subgraph with what `@requires` needs, and does
 * not look whether that key can be resolved.
 */
export function withResolvableKeys(document: DocumentNode): DocumentNode {
  return visit(document, {
    enter(node) {
      if (node.kind !== Kind.OBJECT_TYPE_DEFINITION && node.kind !== Kind.INTERFACE_TYPE_DEFINITION)
        return undefined
      const directives = node.directives ?? []
      const resolvable = new Set(directives.filter(isResolvableKey).map((key) => argumentOf(key, 'graph')))
      const kept = directives.filter(
        (directive) => !isUnresolvableKey(directive) || !resolvable.has(argumentOf(directive, 'graph')),
      )
      return kept.length === directives.length ? false : { ...node, directives: kept }
    },
  })
}

function isResolvableKey(directive: ConstDirectiveNode): boolean {
  return (
    directive.name.value === JOIN_TYPE &&
    argumentOf(directive, 'key') !== undefined &&
    argumentOf(directive, 'resolvable') !== false
  )
}

function isUnresolvableKey(directive: ConstDirectiveNode): boolean {
  return directive.name.value === JOIN_TYPE && argumentOf(directive, 'resolvable') === false
}

function argumentOf(directive: ConstDirectiveNode, argument: string): unknown {
  const value = directive.arguments?.find(({ name }) => name.value === argument)?.value
  return value && 'value' in value ? value.value : undefined
}
