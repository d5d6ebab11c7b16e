import { ApolloGateway } from '@apollo/gateway'
import { mountGraphql } from '@bulkhead/service/graphql-server'
import { createHttpServer, listen } from '@bulkhead/service/http-server'
import { runService } from '@bulkhead/service/lifecycle'
import { createLogger } from '@bulkhead/service/logging'
import { createMetrics } from '@bulkhead/service/metrics'
import { disableVendorTelemetry, loadConfig } from './config.ts'
import { maskSubgraphError } from './mask-error.ts'
import { createSubgraphClient, type SubgraphClient } from './subgraph-client.ts'
import { createSubgraphDataSource, type GatewayContext } from './subgraph-data-source.ts'
import { createSupergraphFile } from './supergraph-file.ts'

const SERVICE = 'gateway'

const start = async () => {
  disableVendorTelemetry()
  const config = loadConfig()
  const log = createLogger({ service: SERVICE, level: config.logLevel })
  const metrics = createMetrics({ service: SERVICE })
  const fetches = metrics.counter({
    name: 'bulkhead_subgraph_fetches_total',
    help: 'Fetches to subgraphs, by subgraph and outcome',
    labelNames: ['subgraph', 'outcome'],
  })

  const clients = new Map<string, SubgraphClient>()
  const clientOf = (name: string, fallbackUrl: string): SubgraphClient => {
    let client = clients.get(name)
    if (!client) {
      client = createSubgraphClient({
        url: config.subgraphUrls[name] ?? fallbackUrl,
        secret: config.gatewaySecret,
      })
      clients.set(name, client)
    }
    return client
  }

  let supergraphLoaded = false
  const gateway = new ApolloGateway({
    supergraphSdl: createSupergraphFile({
      path: config.supergraphPath,
      pollMs: config.supergraphPollMs,
      log,
      onLoaded: () => {
        supergraphLoaded = true
      },
    }),
    buildService: ({ name, url }) =>
      createSubgraphDataSource({
        subgraph: name,
        client: clientOf(name, url ?? ''),
        deadlines: config.deadlines,
        log,
        fetches,
      }),
    logger: log.child({ component: 'apollo' }),
  })

  const app = createHttpServer({
    log,
    metrics,
    // Subgraphs are no part of it: a gateway that one subgraph could take out of rotation would be no bulkhead.
    readiness: () => ({ ready: supergraphLoaded, checks: { supergraph: { ok: supergraphLoaded } } }),
  })
  await mountGraphql<GatewayContext>(app, {
    gateway,
    createContext: (request) => ({ requestId: request.id }),
    formatError: maskSubgraphError,
    introspection: true,
    log,
    metrics,
  })
  const port = await listen(app, { host: config.host, port: config.port })
  log.info({ port }, 'gateway is up')

  return {
    log,
    drainTimeoutMs: config.drainTimeoutMs,
    stop: async () => {
      await app.close()
      await Promise.all([...clients.values()].map((client) => client.close()))
    },
  }
}

runService({ name: SERVICE, start })
