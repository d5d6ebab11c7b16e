import type { Supergraph } from './supergraph.ts'

/** Where a subgraph is, and the secret that it gets. */
export type SubgraphEndpoint = {
  readonly name: string
  readonly url: string
  /** Null where it is not one of ours. */
  readonly secret: string | null
}

/** Where one of our own subgraphs is, by the settings. */
export type OwnSubgraph = {
  readonly url: string
  /** `placeholder`: the URL of the supergraph stands unless its host ends in `.invalid`. */
  readonly replaces: 'always' | 'placeholder'
}

/**
 * The endpoint of each subgraph of a supergraph. The URL is the supergraph's, but the settings' for our own subgraphs,
 * whose URLs in our own supergraph are placeholders. The secret goes to URLs from the settings only.
 *
 * @param options.own our own subgraphs by name
 * @throws {Error} where a subgraph has no http(s) URL, since no request could ever reach it
 */
export function subgraphEndpoints(
  { subgraphs }: Pick<Supergraph, 'subgraphs'>,
  options: {
    readonly own: ReadonlyMap<string, OwnSubgraph>
    readonly secret: string | null
  },
): readonly SubgraphEndpoint[] {
  return subgraphs.map(({ name, url }) => {
    const parsed = URL.parse(url)
    const own = options.own.get(name)
    if (own !== undefined && (own.replaces === 'always' || parsed?.hostname.endsWith('.invalid'))) {
      return { name, url: own.url, secret: options.secret }
    }
    if (parsed?.protocol !== 'http:' && parsed?.protocol !== 'https:') {
      throw new Error(`subgraph "${name}" has no http(s) URL in the supergraph`)
    }
    return { name, url, secret: null }
  })
}
