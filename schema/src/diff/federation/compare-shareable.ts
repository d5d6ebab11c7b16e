import {
  type DirectiveNode,
  type DocumentNode,
  Kind,
  type ObjectTypeDefinitionNode,
  type ObjectTypeExtensionNode,
  type ValueNode,
} from 'graphql'
import type { Graph, Subgraph } from '../../model/graph.ts'
import { type Change, change } from '../change.ts'
import { fieldCoordinate } from '../use.ts'

/**
 * `@shareable` is the one directive that leaves no trace in the supergraph: it is read from what the teams wrote. A graph
 * that was given as a supergraph says nothing of it.
 */
export function* compareShareable(base: Graph, head: Graph): Generator<Change> {
  const before = new Map(base.subgraphs.map((subgraph) => [subgraph.name, subgraph]))
  for (const subgraph of head.subgraphs) {
    const earlier = before.get(subgraph.name)
    if (earlier === undefined || earlier.files.length === 0 || subgraph.files.length === 0) continue
    const was = readShareable(earlier)
    const is = readShareable(subgraph)
    if (was === null || is === null) continue
    for (const [coordinate, shareable] of is) {
      const wasShareable = was.get(coordinate)
      if (wasShareable === undefined || wasShareable === shareable) continue
      const rest = { detail: subgraph.name, subgraphs: [subgraph.name] }
      const where = `${coordinate} in subgraph ${subgraph.name}`
      if (shareable) yield change('SHAREABLE_ADDED', 'SAFE', coordinate, `${where} is now @shareable.`, rest)
      else yield change('SHAREABLE_REMOVED', 'SAFE', coordinate, `${where} is no longer @shareable.`, rest)
    }
  }
}

/** Whether each field of an object type is shareable; null for Federation 1, where all are. */
function readShareable({ document }: Subgraph): ReadonlyMap<string, boolean> | null {
  const name = nameOfShareable(document)
  if (name === null) return null
  const isShareable = (directives: readonly DirectiveNode[] | undefined) =>
    directives?.some((directive) => directive.name.value === name) ?? false
  const fields = new Map<string, boolean>()
  for (const definition of document.definitions) {
    if (!isObjectNode(definition)) continue
    const all = isShareable(definition.directives)
    for (const field of definition.fields ?? []) {
      fields.set(
        fieldCoordinate(definition.name.value, field.name.value),
        all || isShareable(field.directives),
      )
    }
  }
  return fields
}

function isObjectNode(node: {
  readonly kind: Kind
}): node is ObjectTypeDefinitionNode | ObjectTypeExtensionNode {
  return node.kind === Kind.OBJECT_TYPE_DEFINITION || node.kind === Kind.OBJECT_TYPE_EXTENSION
}

const FEDERATION = /^https:\/\/specs\.apollo\.dev\/federation\/v2/

/** What a subgraph calls `@shareable`: it may import it, by another name, or use its full name. */
function nameOfShareable(document: DocumentNode): string | null {
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.SCHEMA_DEFINITION && definition.kind !== Kind.SCHEMA_EXTENSION) continue
    for (const directive of definition.directives ?? []) {
      const values = new Map(directive.arguments?.map(({ name, value }) => [name.value, value]))
      const url = values.get('url')
      if (url?.kind !== Kind.STRING || !FEDERATION.test(url.value)) continue
      const imports = values.get('import')
      const prefix = values.get('as')
      const imported = imports?.kind === Kind.LIST ? imports.values.map(readImport) : []
      const found = imported.find(({ name }) => name === '@shareable')
      if (found !== undefined) return found.as.slice(1)
      return `${prefix?.kind === Kind.STRING ? prefix.value : 'federation'}__shareable`
    }
  }
  return null
}

function readImport(value: ValueNode): { name: string; as: string } {
  if (value.kind === Kind.STRING) return { name: value.value, as: value.value }
  if (value.kind !== Kind.OBJECT) return { name: '', as: '' }
  const text = (field: string) => {
    const found = value.fields.find(({ name }) => name.value === field)?.value
    return found?.kind === Kind.STRING ? found.value : null
  }
  const name = text('name') ?? ''
  return { name, as: text('as') ?? name }
}
