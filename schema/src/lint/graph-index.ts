import {
  type DefinitionNode,
  type EnumValueDefinitionNode,
  type FieldDefinitionNode,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLNamedType,
  type InputValueDefinitionNode,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isTypeDefinitionNode,
  isTypeExtensionNode,
  Kind,
  type TypeDefinitionNode,
  type TypeExtensionNode,
} from 'graphql'
import type { Graph } from '../model/graph.ts'

/** Where a subgraph writes something down. */
export type Declaration<N> = { readonly subgraph: string; readonly node: N }

/** What the subgraphs write about one type of the composed graph, with what clients see of it. */
export type TypeView = {
  readonly name: string
  readonly root: RootOperation | null
  /** As clients see it; undefined where it is `@inaccessible`. */
  readonly api: GraphQLNamedType | undefined
  /** Definitions and extensions, by subgraph. */
  readonly declarations: readonly Declaration<TypeNode>[]
  /** Of objects, interfaces and inputs; by name. */
  readonly fields: readonly FieldView[]
  readonly values: readonly ElementView<EnumValueDefinitionNode>[]
}

/** A field, an argument or an enum value. */
export type ElementView<N = AnyNode> = {
  readonly coordinate: string
  readonly name: string
  readonly isPublic: boolean
  readonly declarations: readonly Declaration<N>[]
}

export type FieldView = ElementView<FieldDefinitionNode | InputValueDefinitionNode> & {
  readonly arguments: readonly ElementView<InputValueDefinitionNode>[]
}

export type RootOperation = 'query' | 'mutation' | 'subscription'
type TypeNode = TypeDefinitionNode | TypeExtensionNode
type AnyNode = EnumValueDefinitionNode | FieldDefinitionNode | InputValueDefinitionNode

const ROOT_TYPES: ReadonlyMap<string, RootOperation> = new Map([
  ['Query', 'query'],
  ['Mutation', 'mutation'],
  ['Subscription', 'subscription'],
])

/** Every type of the composed graph that a subgraph writes down, by name; federation's own are left out. */
export function indexTypes(graph: Graph): readonly TypeView[] {
  const declarations = new Map<string, Declaration<TypeNode>[]>()
  for (const { name: subgraph, document } of graph.subgraphs) {
    const canonicalName = rootNames(document.definitions)
    for (const node of document.definitions) {
      if (!isTypeDefinitionNode(node) && !isTypeExtensionNode(node)) continue
      const name = canonicalName.get(node.name.value) ?? node.name.value
      if (name.startsWith('_') || name.includes('__')) continue
      append(declarations, name, { subgraph, node })
    }
  }
  return [...declarations]
    .filter(([name]) => graph.supergraph.schema.type(name) !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, nodes]) => viewType(name, nodes, graph.apiSchema.getType(name)))
}

function viewType(
  name: string,
  declarations: readonly Declaration<TypeNode>[],
  api: GraphQLNamedType | undefined,
): TypeView {
  const fields = new Map<string, Declaration<FieldDefinitionNode | InputValueDefinitionNode>[]>()
  const values = new Map<string, Declaration<EnumValueDefinitionNode>[]>()
  for (const { subgraph, node } of declarations) {
    if ('fields' in node) {
      for (const field of node.fields ?? []) append(fields, field.name.value, { subgraph, node: field })
    }
    if ('values' in node) {
      for (const value of node.values ?? []) append(values, value.name.value, { subgraph, node: value })
    }
  }
  const publicFields =
    isObjectType(api) || isInterfaceType(api) || isInputObjectType(api) ? api.getFields() : {}
  return {
    name,
    root: ROOT_TYPES.get(name) ?? null,
    api,
    declarations,
    fields: byName(fields).map(([field, nodes]) => viewField(name, field, nodes, publicFields[field])),
    values: byName(values).map(([value, nodes]) => ({
      coordinate: `${name}.${value}`,
      name: value,
      isPublic: isEnumType(api) && api.getValue(value) !== undefined,
      declarations: nodes,
    })),
  }
}

function viewField(
  type: string,
  name: string,
  declarations: readonly Declaration<FieldDefinitionNode | InputValueDefinitionNode>[],
  api: GraphQLField<unknown, unknown> | GraphQLInputField | undefined,
): FieldView {
  const coordinate = `${type}.${name}`
  const argumentNodes = new Map<string, Declaration<InputValueDefinitionNode>[]>()
  for (const { subgraph, node } of declarations) {
    if (node.kind !== Kind.FIELD_DEFINITION) continue
    for (const argument of node.arguments ?? []) {
      append(argumentNodes, argument.name.value, { subgraph, node: argument })
    }
  }
  const publicArguments = new Set(
    api !== undefined && 'args' in api ? api.args.map((argument) => argument.name) : [],
  )
  return {
    coordinate,
    name,
    isPublic: api !== undefined,
    declarations,
    arguments: byName(argumentNodes).map(([argument, nodes]) => ({
      coordinate: `${coordinate}(${argument}:)`,
      name: argument,
      isPublic: publicArguments.has(argument),
      declarations: nodes,
    })),
  }
}

/** Composition calls root types by their usual names, whatever a subgraph calls them. */
function rootNames(definitions: readonly DefinitionNode[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>()
  for (const node of definitions) {
    if (node.kind !== Kind.SCHEMA_DEFINITION && node.kind !== Kind.SCHEMA_EXTENSION) continue
    for (const { operation, type } of node.operationTypes ?? []) {
      names.set(type.name.value, operation.charAt(0).toUpperCase() + operation.slice(1))
    }
  }
  return names
}

function append<T>(lists: Map<string, T[]>, name: string, item: T): void {
  const list = lists.get(name)
  if (list) list.push(item)
  else lists.set(name, [item])
}

function byName<T>(entries: ReadonlyMap<string, T>): readonly (readonly [string, T])[] {
  return [...entries].sort(([a], [b]) => (a < b ? -1 : 1))
}
