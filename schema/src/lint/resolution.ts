import {
  baseType,
  type Directive,
  type InterfaceType,
  isObjectType,
  type ObjectType,
  type Subgraph,
} from '@apollo/federation-internals'
import { Kind, parse } from 'graphql'
import type { Graph } from '../model/graph.ts'

/** Which subgraph answers which field, as composition reads it: overrides, renamed directives and all. */
export type Resolution = {
  /** What each subgraph has of an object or interface type, by the subgraph's name. */
  of(type: string): readonly SubgraphType[]
  /** The type of a field in the composed graph, such as `[Item!]!`; it is nullable where one subgraph's is. */
  fieldType(type: string, field: string): string | null
  /** The object types that a field of this named type can return. */
  possibleTypes(type: string): readonly string[]
}

export type SubgraphType = {
  readonly subgraph: string
  /** Selections of its `@key`s, as written. */
  readonly keys: readonly string[]
  /** Those that the subgraph resolves by itself, keys included. */
  readonly fields: ReadonlyMap<string, SubgraphField>
}

export type SubgraphField = {
  /** Name of the type without lists and non-null. */
  readonly type: string
  /** It cannot be computed without fields of another subgraph. */
  readonly hasRequires: boolean
  /** Fields of the returned type that it brings along, although its subgraph does not resolve them elsewhere. */
  readonly provides: ReadonlySet<string>
}

export function resolve(graph: Graph): Resolution {
  const { schema } = graph.supergraph
  const types = new Map<string, SubgraphType[]>()
  for (const subgraph of graph.supergraph.subgraphs()) {
    for (const type of [...subgraph.schema.objectTypes(), ...subgraph.schema.interfaceTypes()]) {
      if (type.name.startsWith('_') || type.name.includes('__')) continue
      const list = types.get(type.name) ?? []
      types.set(type.name, list)
      list.push(readType(subgraph, type))
    }
  }
  return {
    of: (type) => types.get(type) ?? [],
    fieldType(type, field) {
      const definition = schema.type(type)
      if (definition?.kind !== 'ObjectType' && definition?.kind !== 'InterfaceType') return null
      return definition.field(field)?.type?.toString() ?? null
    },
    possibleTypes(name) {
      const type = schema.type(name)
      if (type === undefined) return []
      if (isObjectType(type)) return [name]
      if (type.kind === 'InterfaceType') return type.possibleRuntimeTypes().map((possible) => possible.name)
      return type.kind === 'UnionType' ? type.types().map((member) => member.name) : []
    },
  }
}

/** The fields that a subgraph resolves beside the keys, by which others refer to the type too. */
export function ownFields(type: SubgraphType): readonly string[] {
  const keys = new Set(type.keys.flatMap(topLevelFields))
  return [...type.fields.keys()].filter((name) => !keys.has(name) && name !== '__typename')
}

/** The fields at the top of a selection such as `id organization { id }`. */
export function topLevelFields(fieldSet: string): readonly string[] {
  const [definition] = parse(`{ ${fieldSet} }`, { noLocation: true }).definitions
  if (definition?.kind !== Kind.OPERATION_DEFINITION) return []
  return definition.selectionSet.selections.flatMap((selection) =>
    selection.kind === Kind.FIELD ? [selection.name.value] : [],
  )
}

function readType(subgraph: Subgraph, type: ObjectType | InterfaceType): SubgraphType {
  const metadata = subgraph.metadata()
  const fields = new Map<string, SubgraphField>()
  for (const field of type.fields()) {
    if (field.name.startsWith('_') || metadata.isFieldExternal(field) || !field.type) continue
    fields.set(field.name, {
      type: baseType(field.type).name,
      hasRequires: field.appliedDirectivesOf(metadata.requiresDirective()).length > 0,
      provides: new Set(
        field
          .appliedDirectivesOf(metadata.providesDirective())
          .flatMap((directive) => topLevelFields(fieldSetOf(directive))),
      ),
    })
  }
  const keys = type.appliedDirectivesOf(metadata.keyDirective()).map(fieldSetOf)
  return { subgraph: subgraph.name, keys, fields }
}

function fieldSetOf(directive: Directive): string {
  const { fields } = directive.arguments() as { readonly fields: unknown }
  return typeof fields === 'string' ? fields : String(fields)
}
