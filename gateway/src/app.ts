import { ApolloGateway } from '@apollo/gateway'
import type { Clock } from '@bulkhead/service/clock'
import { mountGraphql } from '@bulkhead/service/graphql/server'
import { createHttpServer } from '@bulkhead/service/http-server'
import type { Logger } from '@bulkhead/service/logging'
import type { Metrics } from '@bulkhead/service/metrics'
import { systemRandom } from '@bulkhead/service/random'
import type { Config } from './config.ts'
import { createContext, type GraphqlContext } from './context.ts'
import { maskSubgraphError } from './mask-error.ts'
import { createSubgraphFetch } from './subgraphs/fetch-subgraph.ts'
import { createSubgraphClient, type SubgraphClient } from './subgraphs/subgraph-client.ts'
import { createSubgraphDataSource } from './subgraphs/subgraph-data-source.ts'
import { createSubgraphMetrics } from './subgraphs/subgraph-metrics.ts'
import { createSupergraphFile } from './supergraph-file.ts'

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
  const subgraphMetrics = createSubgraphMetrics(metrics)
  const clients = new Map<string, SubgraphClient>()
  function clientOf(subgraph: string, fallbackUrl: string): SubgraphClient {
    let client = clients.get(subgraph)
    if (!client) {
      client = createSubgraphClient({
        subgraph,
        url: config.subgraphUrls[subgraph] ?? fallbackUrl,
        secret: config.gatewaySecret,
        maxInFlight: config.maxFetchesInFlight,
        maxQueued: config.maxQueuedFetches,
        clock,
        random: systemRandom,
        log,
        metrics: subgraphMetrics,
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
    buildService: ({ name, url }) => {
      const client = clientOf(name, url ?? '')
      return createSubgraphDataSource({
        subgraph: name,
        fetch: createSubgraphFetch({ clientOf: () => client, clock, log, metrics: subgraphMetrics }),
        deadlines: config.deadlines,
      })
    },
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
