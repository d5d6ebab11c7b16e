import {
  type ASTNode,
  type DefinitionNode,
  type DirectiveDefinitionNode,
  Kind,
  print,
  type TypeDefinitionNode,
  type TypeExtensionNode,
  visit,
} from 'graphql'
import type { Graph, Subgraph } from '../model/graph.ts'
import { locationOf, type SourceLocation } from '../model/source.ts'
import {
  argumentCoordinate,
  directiveArgumentCoordinate,
  directiveCoordinate,
  fieldCoordinate,
} from './use.ts'

/** Where subgraphs define a coordinate: a type has a node for its definition and one for each extension. */
type Elements = ReadonlyMap<string, ReadonlyMap<string, readonly ASTNode[]>>

export type ChangedPlace = {
  readonly subgraphs: readonly string[]
  readonly location: SourceLocation | null
}

/** Finds who wrote what of two graphs. */
export function createSubgraphElements(base: Graph, head: Graph) {
  const before = indexElements(base.subgraphs)
  const after = indexElements(head.subgraphs)

  /** The subgraphs that have the coordinate in one of the graphs, or those of them that say something else than before. */
  function subgraphsWith(coordinate: string, isChanged: boolean): readonly string[] {
    const was = before.get(coordinate)
    const is = after.get(coordinate)
    const all = [...new Set([...(was?.keys() ?? []), ...(is?.keys() ?? [])])].toSorted()
    return isChanged
      ? all.filter((name) => printElement(was?.get(name)) !== printElement(is?.get(name)))
      : all
  }

  /**
   * Who has changed something. A subgraph that joins can take away what it does not have itself, such as an argument:
   * then the element is the same everywhere, and what it belongs to is not.
   */
  function subgraphsToBlame(coordinate: string): readonly string[] {
    for (const one of withParents(coordinate)) {
      const changed = subgraphsWith(one, true)
      if (changed.length > 0) return changed
    }
    const lacking = head.subgraphs.map(({ name }) => name).filter((name) => !after.get(coordinate)?.has(name))
    return coordinate.startsWith('@') && lacking.length > 0
      ? lacking.toSorted()
      : subgraphsWith(coordinate, false)
  }

  function locate(coordinate: string, subgraphs: readonly string[]): SourceLocation | null {
    for (const elements of [after, before]) {
      const definedBy = elements.get(coordinate)
      for (const name of subgraphs) {
        for (const node of definedBy?.get(name) ?? []) {
          const location = locationOf(node)
          if (location !== null) return location
        }
      }
    }
    return null
  }

  return {
    /** @param known the subgraphs to blame, where the change tells them itself */
    placeOf(coordinate: string, known: readonly string[] | null): ChangedPlace {
      const subgraphs = known ?? subgraphsToBlame(coordinate)
      for (const one of withParents(coordinate)) {
        const location = locate(one, subgraphs)
        if (location !== null) return { subgraphs, location }
      }
      return { subgraphs, location: locate(coordinate, subgraphsWith(coordinate, false)) }
    },
  }
}

/** `Query.items(first:)`, `Query.items`, `Query`. */
function withParents(coordinate: string): readonly string[] {
  const field = coordinate.replace(/\(.*/, '')
  return [...new Set([coordinate, field, field.replace(/\..*/, '')])]
}

function indexElements(subgraphs: readonly Subgraph[]): Elements {
  const elements = new Map<string, Map<string, ASTNode[]>>()
  for (const { name, document } of subgraphs) {
    const roots = rootNames(document.definitions)
    const add = (coordinate: string, node: ASTNode) => {
      const bySubgraph = elements.get(coordinate) ?? new Map<string, ASTNode[]>()
      elements.set(coordinate, bySubgraph)
      const nodes = bySubgraph.get(name)
      if (nodes === undefined) bySubgraph.set(name, [node])
      else nodes.push(node)
    }
    for (const definition of document.definitions) {
      if (definition.kind === Kind.DIRECTIVE_DEFINITION) addDirective(definition, add)
      else if (isTypeNode(definition)) addType(definition, roots.get(definition.name.value), add)
    }
  }
  return elements
}

type Add = (coordinate: string, node: ASTNode) => void

function addDirective(node: DirectiveDefinitionNode, add: Add) {
  add(directiveCoordinate(node.name.value), node)
  for (const argument of node.arguments ?? []) {
    add(directiveArgumentCoordinate(node.name.value, argument.name.value), argument)
  }
}

/** @param rootName its name in the graph, where a subgraph calls a root type differently */
function addType(node: TypeDefinitionNode | TypeExtensionNode, rootName: string | undefined, add: Add) {
  const type = rootName ?? node.name.value
  add(type, node)
  if ('values' in node) {
    for (const value of node.values ?? []) add(fieldCoordinate(type, value.name.value), value)
  }
  if (!('fields' in node)) return
  for (const field of node.fields ?? []) {
    add(fieldCoordinate(type, field.name.value), field)
    if (field.kind !== Kind.FIELD_DEFINITION) continue
    for (const argument of field.arguments ?? []) {
      add(argumentCoordinate(type, field.name.value, argument.name.value), argument)
    }
  }
}

const ROOT_NAMES = { query: 'Query', mutation: 'Mutation', subscription: 'Subscription' } as const

/** The names of root types in the graph, by their names in a subgraph. */
function rootNames(definitions: readonly DefinitionNode[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>()
  for (const node of definitions) {
    if (node.kind !== Kind.SCHEMA_DEFINITION && node.kind !== Kind.SCHEMA_EXTENSION) continue
    for (const { operation, type } of node.operationTypes ?? [])
      names.set(type.name.value, ROOT_NAMES[operation])
  }
  return names
}

function isTypeNode(node: DefinitionNode): node is TypeDefinitionNode | TypeExtensionNode {
  return node.kind.endsWith('TypeDefinition') || node.kind.endsWith('TypeExtension')
}

/** What a subgraph says of one coordinate: without descriptions, and without what has a coordinate of its own. */
function printElement(nodes: readonly ASTNode[] = []): string {
  return nodes.map(printHeader).toSorted().join('\n')
}

function printHeader(node: ASTNode): string {
  const header = { ...node, description: undefined, ...('type' in node ? {} : { fields: [], values: [] }) }
  return print(
    visit(header as ASTNode, {
      enter: (inner) => ('description' in inner ? { ...inner, description: undefined } : undefined),
    }),
  )
}
