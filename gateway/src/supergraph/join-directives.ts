import type { Supergraph as FederationSupergraph } from '@apollo/federation-internals'
import { type DirectiveNode, Kind } from 'graphql'

/** Says which subgraph has a type: its keys, and whether it is an interface object there. */
const JOIN_TYPE = 'join__type'
/** Says which subgraph has a field, and what the field requires, of its object or of its context. */
export const JOIN_FIELD = 'join__field'

/** See `Supergraph.requiredWithArguments`. */
export function requiredWithArguments({ schema }: FederationSupergraph): ReadonlySet<string> {
  const required = new Set<string>()
  const withArguments = new Set<string>()
  for (const type of [...schema.objectTypes(), ...schema.interfaceTypes()]) {
    for (const field of type.fields()) {
      if (field.hasArguments()) withArguments.add(field.name)
      for (const { requires = '', contextArguments = [] } of argumentsOf(field, JOIN_FIELD)) {
        // Every word of the selections, since some of them are names of fields.
        for (const [word] of JSON.stringify([requires, contextArguments]).matchAll(/\w+/g)) required.add(word)
      }
    }
  }
  return new Set([...withArguments].filter((name) => required.has(name)))
}

/** See `Supergraph.interfaceObjects`. */
export function interfaceObjectsOf({
  schema,
}: FederationSupergraph): ReadonlyMap<string, ReadonlySet<string>> {
  const interfaces = new Map<string, ReadonlySet<string>>()
  for (const type of schema.interfaceTypes()) {
    const graphs = new Set(
      argumentsOf(type, JOIN_TYPE).flatMap(({ isInterfaceObject, graph }) =>
        isInterfaceObject ? [graph] : [],
      ),
    )
    if (graphs.size === 0) continue
    const requiring = type
      .fields()
      .filter((field) =>
        argumentsOf(field, JOIN_FIELD).some(({ graph, requires }) => requires && graphs.has(graph)),
      )
    interfaces.set(type.name, new Set(requiring.map(({ name }) => name)))
  }
  return interfaces
}

export type Annotated = {
  readonly appliedDirectives: readonly {
    readonly name: string
    arguments(): Readonly<Record<string, unknown>>
  }[]
}

export function argumentsOf(
  element: Annotated,
  directive: string,
): readonly Readonly<Record<string, unknown>>[] {
  return element.appliedDirectives
    .filter(({ name }) => name === directive)
    .map((applied) => applied.arguments())
}

/** The value of a directive's argument that is a string or an enum's value; undefined where it has none. */
export function stringArgument(
  { arguments: args = [] }: DirectiveNode,
  argument: string,
): string | undefined {
  const value = args.find(({ name }) => name.value === argument)?.value
  return value?.kind === Kind.STRING || value?.kind === Kind.ENUM ? value.value : undefined
}
