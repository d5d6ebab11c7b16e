import type { GraphQLNamedType, GraphQLSchema } from 'graphql'
import { isIntrospectionType, isSpecifiedScalarType } from 'graphql'
import { resolve } from '../lint/resolution.ts'
import type { Owner } from '../model/finding.ts'
import type { Graph } from '../model/graph.ts'
import type { KnownOperations } from '../model/operation.ts'
import { type CoordinateUsage, countUsage } from './coordinate-usage.ts'
import { type Reference, referencesTo } from './references.ts'

export type OwnersOf = (coordinate: string | null, subgraphs: readonly string[]) => readonly Owner[]

/** What the pages are made from: everything is looked up, nothing searched. */
export type Site = {
  readonly schema: GraphQLSchema
  /** The types that the graph defines, by name. */
  readonly types: readonly GraphQLNamedType[]
  readonly subgraphs: readonly string[]
  /** The page of a type from the top of the site; null for a type without one, such as `Int`. */
  pageOf(type: string): string | null
  /** The subgraphs that define a type. */
  definedIn(type: string): readonly string[]
  /** The subgraphs that resolve a field. */
  resolvedBy(type: string, field: string): readonly string[]
  ownersOf: OwnersOf
  usageOf(coordinate: string): CoordinateUsage
  readonly known: KnownOperations
  /** The fields and arguments of a type, by its name. */
  referencesTo(type: string): readonly Reference[]
}

export function createSite(graph: Graph, known: KnownOperations, ownersOf: OwnersOf): Site {
  const schema = graph.apiSchema
  const types = Object.values(schema.getTypeMap())
    .filter((type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
  const pages = namePages(types.map(({ name }) => name))
  const resolution = resolve(graph)
  const definedIn = subgraphsOfTypes(graph)
  const references = referencesTo(types)
  return {
    schema,
    types,
    subgraphs: graph.subgraphs.map(({ name }) => name),
    pageOf: (type) => pages.get(type) ?? null,
    definedIn: (type) => definedIn.get(type) ?? [],
    resolvedBy: (type, field) =>
      resolution
        .of(type)
        .filter(({ fields }) => fields.has(field))
        .map(({ subgraph }) => subgraph)
        .toSorted((a, b) => (a < b ? -1 : 1)),
    ownersOf,
    usageOf: countUsage(schema, known),
    known,
    referencesTo: (type) => references.get(type) ?? [],
  }
}

/** A file for each type. Names that differ in case only are one file on some systems, so the later ones get a number. */
function namePages(names: readonly string[]): ReadonlyMap<string, string> {
  const taken = new Map<string, number>()
  return new Map(
    names.map((name) => {
      const count = (taken.get(name.toLowerCase()) ?? 0) + 1
      taken.set(name.toLowerCase(), count)
      return [name, `types/${name}${count === 1 ? '' : `-${count}`}.html`]
    }),
  )
}

function subgraphsOfTypes(graph: Graph): ReadonlyMap<string, readonly string[]> {
  const subgraphs = new Map<string, string[]>()
  for (const subgraph of graph.supergraph.subgraphs()) {
    for (const { name } of subgraph.schema.types()) {
      const known = subgraphs.get(name)
      if (known === undefined) subgraphs.set(name, [subgraph.name])
      else known.push(subgraph.name)
    }
  }
  for (const names of subgraphs.values()) names.sort((a, b) => (a < b ? -1 : 1))
  return subgraphs
}
