import { readFile } from 'node:fs/promises'
import { composeServices } from '@apollo/composition'
import { parse } from 'graphql'

const SUBGRAPHS = ['experimentation', 'personalization'] as const
type SubgraphName = (typeof SUBGRAPHS)[number]

/** Path of the committed supergraph, which the gateway loads. */
export const SUPERGRAPH_PATH = new URL('../supergraph.graphql', import.meta.url)

const SUBGRAPH_FOLDERS = new URL('../../subgraphs/', import.meta.url)

class CompositionError extends Error {
  override name = 'CompositionError'
}

/** Reads the SDL that a subgraph owns. */
function readSubgraphSdl(name: SubgraphName): Promise<string> {
  return readFile(new URL(`${name}/src/schema.graphql`, SUBGRAPH_FOLDERS), 'utf8')
}

/**
 * Composes the subgraphs into the supergraph's SDL.
 *
 * The routing URLs are names only: the gateway gets the real ones from its configuration, so that one committed file
 * serves every environment.
 * @throws {CompositionError} listing everything that does not compose, hints included: a hint is a contract that the
 * two sides describe differently.
 */
export async function composeSupergraph(): Promise<string> {
  const services = await Promise.all(
    SUBGRAPHS.map(async (name) => ({
      name,
      url: `http://${name}.invalid/graphql`,
      typeDefs: parse(await readSubgraphSdl(name)),
    })),
  )
  const result = composeServices(services)
  const problems = [...(result.errors ?? []), ...(result.hints ?? [])].map((problem) => problem.toString())
  if (!result.supergraphSdl || problems.length > 0) {
    throw new CompositionError(`The subgraphs do not compose:\n${problems.join('\n')}`)
  }
  return `${result.supergraphSdl.trimEnd()}\n`
}
