import { Supergraph as FederationSupergraph } from '@apollo/federation-internals'
import { QueryPlanner } from '@apollo/query-planner'
import type { GraphQLSchema } from 'graphql'

/** Everything that executing operations needs to know of one supergraph. */
export type Supergraph = {
  readonly sdl: string
  /** What clients see, with `@defer`. */
  readonly schema: GraphQLSchema
  /** All types, those that clients do not see included. */
  readonly fullSchema: GraphQLSchema
  readonly planner: QueryPlanner
  readonly subgraphs: readonly { readonly name: string; readonly url: string }[]
  /** `Type.field` of each field with `@tag(name: "effect")`: fetching it changes something. */
  readonly effects: ReadonlySet<string>
}

const EFFECT_TAG = 'effect'

/** @throws {Error} where the SDL is not a supergraph, or uses a feature that must not be ignored */
export function buildSupergraph(sdl: string): Supergraph {
  const supergraph = FederationSupergraph.build(sdl)
  return {
    sdl,
    schema: supergraph.apiSchema().toGraphQLJSSchema({ includeDefer: true }),
    fullSchema: supergraph.schema.toGraphQLJSSchema(),
    planner: new QueryPlanner(supergraph, { incrementalDelivery: { enableDefer: true } }),
    subgraphs: supergraph.subgraphsMetadata(),
    effects: effectsOf(supergraph),
  }
}

function effectsOf({ schema }: FederationSupergraph): ReadonlySet<string> {
  const effects = new Set<string>()
  for (const type of [...schema.objectTypes(), ...schema.interfaceTypes()]) {
    for (const field of type.fields()) {
      const tags = field.appliedDirectives.filter(({ name }) => name === 'tag')
      if (tags.some((tag) => tag.arguments().name === EFFECT_TAG)) effects.add(`${type.name}.${field.name}`)
    }
  }
  return effects
}
