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
import { createSupergraphSource } from './supergraph/create-supergraph-source.ts'
import { createEndpointClients } from './supergraph/endpoint-clients.ts'
import { loadSupergraph } from './supergraph/load-supergraph.ts'
import { subgraphEndpoints } from './supergraph/subgraph-endpoints.ts'
import type { Supergraph } from './supergraph/supergraph.ts'

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

  const endpointsOf = (of: Supergraph) =>
    subgraphEndpoints(of, { own: config.ownSubgraphs, secret: config.gatewaySecret })
  const supergraph = await loadSupergraph({
    source: createSupergraphSource(config.supergraphPath),
    verify: (candidate) => void endpointsOf(candidate),
    pollMs: config.supergraphPollMs,
    log,
    metrics,
  })
  const endpointClients = createEndpointClients({
    open: ({ name, url, secret }) =>
      createSubgraphClient({ subgraph: name, url, secret, maxInFlight: config.maxFetchesInFlight, inFlight }),
    drainMs: config.deadlines.rootMs + config.deadlines.entityMs,
  })
  let clients = endpointClients.use(endpointsOf(supergraph.current()))
  function clientOf(name: string): SubgraphClient {
    const client = clients.get(name)
    if (client === undefined) throw new Error(`the supergraph has no subgraph ${name}`)
    return client
  }

  const gateway = new ApolloGateway({
    supergraphSdl: {
      async initialize({ update }) {
        supergraph.watch({
          warm: async ({ sdl }) => update(sdl),
          onSwitch(_before, now) {
            clients = endpointClients.use(endpointsOf(now))
          },
        })
        return { supergraphSdl: supergraph.current().sdl }
      },
    },
    buildService: ({ name }) =>
      createSubgraphDataSource({
        subgraph: name,
        client: { fetch: (request) => clientOf(name).fetch(request), close: async () => undefined },
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
      await supergraph.stop()
      await http.close()
      await endpointClients.close()
    },
  }
}
