import { readFileSync } from 'node:fs'
import type { Clock } from '@bulkhead/service/clock'
import { createHttpServer } from '@bulkhead/service/http-server'
import type { Logger } from '@bulkhead/service/logging'
import type { Metrics } from '@bulkhead/service/metrics'
import type { Config } from './config.ts'
import { mountGraphqlRoute } from './http/graphql-route.ts'
import { createOperationCache } from './operations/operation-cache.ts'
import { createSubgraphFetch } from './subgraphs/fetch-subgraph.ts'
import { createSubgraphClient, type SubgraphClient } from './subgraphs/subgraph-client.ts'
import { buildSupergraph } from './supergraph/supergraph.ts'

type App = {
  /** Every route, not listening yet. */
  readonly http: ReturnType<typeof createHttpServer>
  /** Answers the requests under way, then closes the connections to the subgraphs. */
  stop(): Promise<void>
}

/** The gateway with its supergraph loaded. */
export async function startApp(options: {
  readonly config: Omit<Config, 'host' | 'port' | 'logLevel' | 'drainTimeoutMs'>
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
}): Promise<App> {
  const { config, log, metrics } = options
  const inFlight = metrics.gauge({
    name: 'bulkhead_subgraph_fetches_in_flight',
    help: 'Fetches to subgraphs that are under way, by subgraph; at most MAX_FETCHES_IN_FLIGHT',
    labelNames: ['subgraph'],
  })
  const supergraph = buildSupergraph(readFileSync(config.supergraphPath, 'utf8'))
  const operations = createOperationCache(supergraph)
  const clients = new Map<string, SubgraphClient>(
    supergraph.subgraphs.map(({ name, url }) => [
      name,
      createSubgraphClient({
        subgraph: name,
        url: config.subgraphUrls[name] ?? url,
        secret: config.gatewaySecret,
        maxInFlight: config.maxFetchesInFlight,
        inFlight,
      }),
    ]),
  )
  const http = createHttpServer({
    log,
    metrics,
    readiness: () => ({ ready: true, checks: {} }),
  })
  mountGraphqlRoute(http, {
    operations: () => operations,
    fetch: createSubgraphFetch({ clientOf: (name) => clients.get(name) as SubgraphClient }),
    deadlines: { ...config.deadlines, deferredMs: 10_000 },
    log,
    executed: metrics.counter({
      name: 'bulkhead_graphql_operations_total',
      help: 'GraphQL operations that passed validation, by kind: query or mutation',
      labelNames: ['kind'],
    }),
  })
  return {
    http,
    async stop() {
      await http.close()
      await Promise.all([...clients.values()].map((client) => client.close()))
    },
  }
}
