import type { SubgraphEndpoint } from './subgraph-endpoints.ts'

type Closable = { close(): Promise<void> }

export type EndpointClients<Client extends Closable> = {
  /**
   * The clients of these endpoints by subgraph. A client that is open for the same endpoint is used again; one that no
   * endpoint needs any more is closed after the drain time. Requests that hold an older map go on with it until then.
   */
  use(endpoints: readonly SubgraphEndpoint[]): ReadonlyMap<string, Client>
  /** Closes all. */
  close(): Promise<void>
}

/**
 * Keeps the clients of the subgraphs across reloads of the supergraph.
 * @param options.open makes a client; it must not connect before the first request
 * @param options.drainMs as long as a request can take
 */
export function createEndpointClients<Client extends Closable>(options: {
  readonly open: (endpoint: SubgraphEndpoint) => Client
  readonly drainMs: number
}): EndpointClients<Client> {
  const { open, drainMs } = options
  /** By endpoint. */
  const clients = new Map<string, { readonly client: Client; closing: NodeJS.Timeout | undefined }>()
  const keyOf = ({ name, url, secret }: SubgraphEndpoint) => JSON.stringify([name, url, secret])

  function clientOf(endpoint: SubgraphEndpoint): Client {
    const key = keyOf(endpoint)
    const known = clients.get(key)
    if (known !== undefined) {
      clearTimeout(known.closing)
      known.closing = undefined
      return known.client
    }
    const client = open(endpoint)
    clients.set(key, { client, closing: undefined })
    return client
  }

  function closeLater(key: string): void {
    const entry = clients.get(key)
    if (entry === undefined || entry.closing !== undefined) return
    entry.closing = setTimeout(() => {
      clients.delete(key)
      void entry.client.close()
    }, drainMs)
    entry.closing.unref()
  }

  return {
    use(endpoints) {
      const needed = new Set(endpoints.map(keyOf))
      for (const key of clients.keys()) if (!needed.has(key)) closeLater(key)
      return new Map(endpoints.map((endpoint) => [endpoint.name, clientOf(endpoint)]))
    },
    async close() {
      const open = [...clients.values()]
      clients.clear()
      for (const { closing } of open) clearTimeout(closing)
      await Promise.all(open.map(({ client }) => client.close()))
    },
  }
}
