import { ApolloGateway } from '@apollo/gateway'
import type { Clock } from '@bulkhead/service/clock'
import { mountGraphql } from '@bulkhead/service/graphql-server'
import { createHttpServer } from '@bulkhead/service/http-server'
import type { Logger } from '@bulkhead/service/logging'
import type { Metrics } from '@bulkhead/service/metrics'
import type { Config } from './config.ts'
import { maskSubgraphError } from './mask-error.ts'
import { createSubgraphClient, type SubgraphClient } from './subgraph-client.ts'
import { createSubgraphDataSource, type GatewayContext } from './subgraph-data-source.ts'
import { createSupergraphFile } from './supergraph-file.ts'

export type App = {
  /** Every route, not listening yet. */
  readonly http: ReturnType<typeof createHttpServer>
  /** Answers what is under way, then lets go of the subgraphs. */
  stop(): Promise<void>
}

/** The gateway with its supergraph loaded; `disableVendorTelemetry` must have been called. */
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
    help: 'Fetches to subgraphs that are under way, by subgraph; bounded by MAX_FETCHES_IN_FLIGHT',
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
    // Subgraphs are no part of it: a gateway that one subgraph could take out of rotation would be no bulkhead.
    // It listens once a supergraph is loaded, and a refused file leaves that one in use: ready all the same.
    readiness: () => ({ ready: true, checks: { supergraph: supergraph.check() } }),
  })
  await mountGraphql<GatewayContext>(http, {
    gateway,
    createContext: (request) => ({ requestId: request.id }),
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
