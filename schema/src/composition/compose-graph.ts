import { composeServices } from '@apollo/composition'
import { Supergraph } from '@apollo/federation-internals'
import type { Finding } from '../model/finding.ts'
import type { Graph, Subgraph } from '../model/graph.ts'

export type Composition =
  | { readonly type: 'composed'; readonly graph: Graph; readonly findings: readonly Finding[] }
  | { readonly type: 'failed'; readonly findings: readonly Finding[] }

/** Composes subgraphs: sections `subgraphs` and `composition`. */
export function composeGraph(name: string, subgraphs: readonly Subgraph[]): Composition {
  const sorted = subgraphs.toSorted((a, b) => (a.name < b.name ? -1 : 1))
  const result = composeServices(
    sorted.map(({ name, routingUrl, document }) => ({ name, url: routingUrl, typeDefs: document })),
  )
  if (result.supergraphSdl === undefined) throw new Error(String(result.errors))
  // Nothing is executed here, so a feature such as @policy needs nobody who enforces it.
  const supergraph = Supergraph.build(result.supergraphSdl, { supportedFeatures: null })
  return {
    type: 'composed',
    graph: {
      name,
      subgraphs: sorted,
      supergraphSdl: result.supergraphSdl,
      supergraph,
      apiSchema: supergraph.apiSchema().toGraphQLJSSchema({ includeDefer: true }),
    },
    findings: [],
  }
}
