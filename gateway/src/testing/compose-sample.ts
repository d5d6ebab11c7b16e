import { composeServices } from '@apollo/composition'
import { parse } from 'graphql'

/**
 * Composes subgraphs, by name, into a supergraph. Each SDL gets the `@link` to federation.
 * @param urlOf where a subgraph is, by its name; nowhere if left out
 */
export function composeSample(
  subgraphs: Readonly<Record<string, string>>,
  urlOf: (name: string) => string = (name) => `http://${name}.example/graphql`,
): string {
  const services = Object.entries(subgraphs).map(([name, sdl]) => ({
    name,
    url: urlOf(name),
    typeDefs: parse(`${FEDERATION}\n${sdl}`),
  }))
  const { supergraphSdl, errors } = composeServices(services)
  if (supergraphSdl === undefined) throw new Error(`The sample does not compose: ${errors?.join('\n')}`)
  return supergraphSdl
}

const FEDERATION = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: [
  "@authenticated" "@context" "@cost" "@fromContext" "@inaccessible" "@interfaceObject" "@key" "@listSize" "@policy" "@requiresScopes" "@shareable" "@tag"
])`
