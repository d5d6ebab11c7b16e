import { parse } from 'graphql'
import { composeGraph } from '../composition/compose-graph.ts'
import type { Graph } from '../model/graph.ts'
import { graphqlSource } from '../model/source.ts'

const FEDERATION = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.12", import: [
  "@key", "@shareable", "@requires", "@provides", "@external", "@override", "@inaccessible", "@tag", "@composeDirective",
  "@interfaceObject", "@authenticated", "@requiresScopes", "@policy", "@cost", "@listSize", "@context", "@fromContext"
])
`

/** A composed graph of these subgraphs, by name. SDL without `@link` gets one that imports all of federation's directives. */
export function sampleGraph(sdlByName: Readonly<Record<string, string>>, name = 'head'): Graph {
  const subgraphs = Object.entries(sdlByName).map(([subgraph, sdl]) => {
    const text = sdl.includes('@link(') ? sdl : FEDERATION + sdl
    const path = `${name}/${subgraph}.graphql`
    return {
      name: subgraph,
      routingUrl: `http://${subgraph}.invalid/graphql`,
      files: [{ path, text }],
      document: parse(graphqlSource({ path, text })),
    }
  })
  const composition = composeGraph(name, subgraphs)
  if (composition.type === 'failed') {
    throw new Error(composition.findings.map(({ message }) => message).join('\n'))
  }
  return composition.graph
}
