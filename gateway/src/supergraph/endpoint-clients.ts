import type { SubgraphEndpoint } from './subgraph-endpoints.ts'

type Closable = { close(): Promise<void> }

export type EndpointClients<Client extends Closable> = {
  /**
   * From now on these endpoints are used. A client that is open for the same endpoint stays; one that no endpoint needs
   * any more is closed after the drain time, because requests that began before may still need it.
   */
  use(endpoints: readonly SubgraphEndpoint[]): void
  /** The client of a subgraph that is used, or that is being drained. */
  clientOf(subgraph: string): Client | undefined
  /** Closes all. */
  close(): Promise<void>
}

type Entry<Client> = {
  readonly endpoint: SubgraphEndpoint
  readonly client: Client
  /** Set while it is being drained. */
  closing: NodeJS.Timeout | undefined
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
  const entries = new Map<string, Entry<Client>>()
  /** By subgraph; it may be one that is being drained. */
  const newest = new Map<string, Entry<Client>>()
  const keyOf = ({ name, url, secret }: SubgraphEndpoint) => JSON.stringify([name, url, secret])

  function openOrKeep(endpoint: SubgraphEndpoint): Entry<Client> {
    const known = entries.get(keyOf(endpoint))
    if (known !== undefined) {
      clearTimeout(known.closing)
      known.closing = undefined
      return known
    }
    const entry = { endpoint, client: open(endpoint), closing: undefined }
    entries.set(keyOf(endpoint), entry)
    return entry
  }

  function closeLater(key: string, entry: Entry<Client>): void {
    if (entry.closing !== undefined) return
    entry.closing = setTimeout(() => {
      entries.delete(key)
      if (newest.get(entry.endpoint.name) === entry) newest.delete(entry.endpoint.name)
      void entry.client.close()
    }, drainMs)
    entry.closing.unref()
  }

  return {
    use(endpoints) {
      const needed = new Set(endpoints.map(keyOf))
      for (const [key, entry] of entries) if (!needed.has(key)) closeLater(key, entry)
      for (const endpoint of endpoints) newest.set(endpoint.name, openOrKeep(endpoint))
    },
    clientOf: (subgraph) => newest.get(subgraph)?.client,
    async close() {
      const open = [...entries.values()]
      entries.clear()
      for (const { closing } of open) clearTimeout(closing)
      await Promise.all(open.map(({ client }) => client.close()))
    },
  }
}
