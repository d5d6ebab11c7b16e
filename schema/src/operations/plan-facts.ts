import { isRecord } from '@bulkhead/service/json'
import {
  type ConstDirectiveNode,
  type ConstValueNode,
  type FieldDefinitionNode,
  type InterfaceTypeDefinitionNode,
  Kind,
  type ObjectTypeDefinitionNode,
  parse,
  type SelectionSetNode,
  type TypeNode,
  type UnionTypeDefinitionNode,
  valueFromASTUntyped,
} from 'graphql'

/**
 * What a supergraph says that plans depend on, as a network: a node is a type (`Item`) or a field (`Item.title`).
 * Nullability, lists, arguments, descriptions and tags are not in it: no plan depends on them.
 */
export type PlanFacts = {
  /** What it says of each node, in a form to be compared. */
  readonly facts: ReadonlyMap<string, string>
  /** The nodes that a node's part in a plan depends on besides itself. */
  readonly dependencies: ReadonlyMap<string, ReadonlySet<string>>
}

type Composite = ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode | UnionTypeDefinitionNode
type Arguments = Readonly<Record<string, unknown>>

const ROOTS = new Set(['Query', 'Mutation', 'Subscription'])

export function planFacts(supergraphSdl: string): PlanFacts {
  const { definitions } = parse(supergraphSdl, { noLocation: true })
  const types = new Map<string, Composite>()
  const graphs = new Map<string, string>()
  const possible = new Map<string, string[]>()
  for (const definition of definitions) {
    if (definition.kind === Kind.ENUM_TYPE_DEFINITION && definition.name.value === 'join__Graph') {
      for (const { name, directives } of definition.values ?? []) {
        graphs.set(name.value, String(argumentsOf(directives, 'join__graph')[0]?.name))
      }
    }
    if (definition.kind === Kind.UNION_TYPE_DEFINITION) {
      possible.set(
        definition.name.value,
        (definition.types ?? []).map(({ name }) => name.value),
      )
    }
    if (
      definition.kind === Kind.OBJECT_TYPE_DEFINITION ||
      definition.kind === Kind.INTERFACE_TYPE_DEFINITION
    ) {
      for (const { name } of definition.interfaces ?? []) {
        const known = possible.get(name.value) ?? []
        possible.set(name.value, known)
        known.push(definition.name.value)
      }
    }
    if (
      definition.kind === Kind.OBJECT_TYPE_DEFINITION ||
      definition.kind === Kind.INTERFACE_TYPE_DEFINITION ||
      definition.kind === Kind.UNION_TYPE_DEFINITION
    ) {
      types.set(definition.name.value, definition)
    }
  }
  return new FactCollector(types, possible, graphs).collect()
}

class FactCollector {
  readonly #facts = new Map<string, string>()
  readonly #dependencies = new Map<string, Set<string>>()
  readonly #types: ReadonlyMap<string, Composite>
  readonly #possible: ReadonlyMap<string, readonly string[]>
  readonly #graphs: ReadonlyMap<string, string>

  constructor(
    types: ReadonlyMap<string, Composite>,
    possible: ReadonlyMap<string, readonly string[]>,
    graphs: ReadonlyMap<string, string>,
  ) {
    this.#types = types
    this.#possible = possible
    this.#graphs = graphs
  }

  collect(): PlanFacts {
    for (const type of this.#types.values()) this.#addType(type)
    return { facts: this.#facts, dependencies: this.#dependencies }
  }

  #addType(type: Composite): void {
    const name = type.name.value
    const joins = argumentsOf(type.directives, 'join__type')
    const possible = (this.#possible.get(name) ?? []).toSorted()
    // Each subgraph has the root types, so one that is new changes them without changing what their fields need.
    const isRoot = ROOTS.has(name)
    this.#facts.set(
      name,
      isRoot
        ? type.kind
        : JSON.stringify([
            type.kind,
            possible,
            ...['join__type', 'join__implements', 'join__unionMember', 'context']
              .map((directive) => argumentsOf(type.directives, directive))
              .map((uses) => uses.map((use) => this.#comparable(use)).toSorted()),
          ]),
    )
    for (const { key } of joins) this.#dependOnFields(name, name, key)
    for (const other of possible) this.#depend(name, other)
    if (type.kind === Kind.UNION_TYPE_DEFINITION) return
    const interfaceObjects = (type.interfaces ?? [])
      .map(({ name: one }) => one.value)
      .filter((one) => this.#isInterfaceObject(one))
    for (const one of interfaceObjects) this.#depend(name, one)
    for (const field of type.fields ?? [])
      this.#addField(name, joins, field, [...interfaceObjects, ...possible])
  }

  #isInterfaceObject(name: string): boolean {
    return argumentsOf(this.#types.get(name)?.directives, 'join__type').some(
      (use) => use.isInterfaceObject === true,
    )
  }

  /** @param relatives types that may have the same field for it */
  #addField(
    type: string,
    joins: readonly Arguments[],
    field: FieldDefinitionNode,
    relatives: readonly string[],
  ): void {
    const name = `${type}.${field.name.value}`
    const own = argumentsOf(field.directives, 'join__field')
    // A field without the directive is in each subgraph that has its type.
    const graphs = [...new Set(joins.map(({ graph }) => graph))]
    const uses = own.length > 0 ? own : graphs.map((graph) => ({ graph }))
    const output = namedType(field.type)
    this.#facts.set(name, JSON.stringify([output, uses.map((use) => this.#comparable(use)).toSorted()]))
    this.#depend(name, output)
    for (const relative of relatives) this.#depend(name, `${relative}.${field.name.value}`)
    for (const { requires, contextArguments } of own) {
      this.#dependOnFields(name, type, requires)
      if (contextArguments !== undefined) this.#dependOnContexts(name)
    }
  }

  /** Contexts are rare: a field that reads one depends on all types that set one, and on their fields. */
  #dependOnContexts(node: string): void {
    for (const [name, type] of this.#types) {
      if (argumentsOf(type.directives, 'context').length === 0) continue
      this.#depend(node, name)
      if (type.kind === Kind.UNION_TYPE_DEFINITION) continue
      for (const field of type.fields ?? []) this.#depend(node, `${name}.${field.name.value}`)
    }
  }

  #dependOnFields(node: string, type: string, fieldSet: unknown): void {
    if (typeof fieldSet !== 'string') return
    const [definition] = parse(`{ ${fieldSet} }`, { noLocation: true }).definitions
    if (definition?.kind === Kind.OPERATION_DEFINITION)
      this.#dependOnSelection(node, type, definition.selectionSet)
  }

  #dependOnSelection(node: string, type: string, { selections }: SelectionSetNode): void {
    for (const selection of selections) {
      if (selection.kind === Kind.FRAGMENT_SPREAD) continue
      if (selection.kind === Kind.INLINE_FRAGMENT) {
        const on = selection.typeCondition?.name.value ?? type
        this.#depend(node, on)
        this.#dependOnSelection(node, on, selection.selectionSet)
        continue
      }
      const parent = this.#types.get(type)
      const fields = parent === undefined || parent.kind === Kind.UNION_TYPE_DEFINITION ? [] : parent.fields
      const field = fields?.find(({ name }) => name.value === selection.name.value)
      if (field === undefined) continue
      this.#depend(node, `${type}.${field.name.value}`)
      if (selection.selectionSet !== undefined) {
        this.#dependOnSelection(node, namedType(field.type), selection.selectionSet)
      }
    }
  }

  #depend(node: string, on: string): void {
    const known = this.#dependencies.get(node)
    if (known === undefined) this.#dependencies.set(node, new Set([on]))
    else known.add(on)
  }

  /** With the names of subgraphs, and without what no plan depends on. */
  #comparable({ graph, type, ...rest }: Arguments): string {
    const plain = Object.entries(rest).toSorted(([a], [b]) => (a < b ? -1 : 1))
    const named = typeof graph === 'string' ? (this.#graphs.get(graph) ?? graph) : null
    return JSON.stringify([named, typeof type === 'string' ? type.replace(/[[\]!]/g, '') : null, plain])
  }
}

function argumentsOf(
  directives: readonly ConstDirectiveNode[] | undefined,
  name: string,
): readonly Arguments[] {
  return (directives ?? [])
    .filter((directive) => directive.name.value === name)
    .map((directive) =>
      Object.fromEntries((directive.arguments ?? []).map((one) => [one.name.value, plainValue(one.value)])),
    )
}

function plainValue(node: ConstValueNode): unknown {
  const value: unknown = valueFromASTUntyped(node)
  return isRecord(value) ? { ...value } : value
}

function namedType(type: TypeNode): string {
  return type.kind === Kind.NAMED_TYPE ? type.name.value : namedType(type.type)
}
