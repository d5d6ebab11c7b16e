import { ApolloGateway } from '@apollo/gateway'
import type { Clock } from '@bulkhead/service/clock'
import { mountGraphql } from '@bulkhead/service/graphql/server'
import { createHttpServer } from '@bulkhead/service/http-server'
import type { Logger } from '@bulkhead/service/logging'
import type { Metrics } from '@bulkhead/service/metrics'
import type { Config } from './config.ts'
import { createContext, type GraphqlContext } from './context.ts'
import { maskSubgraphError } from './mask-error.ts'
import { createSubgraphClient, type SubgraphClient } from './subgraphs/subgraph-client.ts'
import { createSubgraphDataSource } from './subgraphs/subgraph-data-source.ts'
import { createSupergraphFile } from './supergraph/supergraph-file.ts'

type App = {
  /** Every route, not listening yet. */
  readonly http: ReturnType<typeof createHttpServer>
  /** Answers the requests under way, then closes the connections to the subgraphs. */
  stop(): Promise<void>
}

/** The gateway with its supergraph loaded. Call `disableVendorTelemetry` first. */
export async function startApp(options: {
  readonly config: Omit<Config, 'host' | 'port' | 'logLevel' | 'drainTimeoutMs'>
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
}): Promise<App> {
  const { config, clock, log, metrics } = options
  const fetches = metrics.counter({
    name: 'bulkhead_subgraph_fetches_total',
    help: 'Fetches to subgraphs, by subgraph and outcome',
    labelNames: ['subgraph', 'outcome'],
  })
  const inFlight = metrics.gauge({
    name: 'bulkhead_subgraph_fetches_in_flight',
    help: 'Fetches to subgraphs that are under way, by subgraph; at most MAX_FETCHES_IN_FLIGHT',
    labelNames: ['subgraph'],
  })

  const clients = new Map<string, SubgraphClient>()
  function clientOf(subgraph: string, fallbackUrl: string): SubgraphClient {
    let client = clients.get(subgraph)
    if (!client) {
      client = createSubgraphClient({
        subgraph,
        url: config.subgraphUrls[subgraph] ?? fallbackUrl,
        secret: config.gatewaySecret,
        maxInFlight: config.maxFetchesInFlight,
        inFlight,
      })
      clients.set(subgraph, client)
    }
    return client
  }

  const supergraph = createSupergraphFile({
    path: config.supergraphPath,
    pollMs: config.supergraphPollMs,
    log,
    metrics,
  })
  const gateway = new ApolloGateway({
    supergraphSdl: supergraph,
    buildService: ({ name, url }) =>
      createSubgraphDataSource({
        subgraph: name,
        client: clientOf(name, url ?? ''),
        deadlines: config.deadlines,
        clock,
        log,
        fetches,
      }),
    logger: log.child({ component: 'apollo' }),
  })

  const http = createHttpServer({
    log,
    metrics,
    // Always ready: the gateway listens only once a supergraph is loaded, and keeps it when a newer file is refused.
    // Subgraphs are left out on purpose, since one of them must not be able to take the gateway out of rotation.
    readiness: () => ({ ready: true, checks: { supergraph: supergraph.check() } }),
  })
  await mountGraphql<GraphqlContext>(http, {
    gateway,
    createContext,
    formatError: maskSubgraphError,
    introspection: true,
    log,
    metrics,
  })
  return {
    http,
    async stop() {
      await http.close()
      await Promise.all([...clients.values()].map((client) => client.close()))
    },
  }
}
