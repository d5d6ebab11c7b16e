import type { Clock } from '@bulkhead/service/clock'
import { createHttpServer } from '@bulkhead/service/http-server'
import type { Logger } from '@bulkhead/service/logging'
import type { Metrics } from '@bulkhead/service/metrics'
import { systemRandom } from '@bulkhead/service/random'
import type { Config } from './config.ts'
import { mountGraphqlRoute } from './http/graphql-route.ts'
import { createIdentity } from './identity/create-identity.ts'
import { createAccessLog } from './observability/access-log.ts'
import { createPlanningMetrics } from './observability/planning-metrics.ts'
import { createRequestMetrics } from './observability/request-metrics.ts'
import { createRequestObserver } from './observability/request-observer.ts'
import { createOperationCache } from './operations/operation-cache.ts'
import { mountPage } from './page/mount-page.ts'
import { readManifest } from './persisted-operations/manifest.ts'
import { createPersistedOperations } from './persisted-operations/persisted-operations.ts'
import { allowOrigins } from './protection/cors.ts'
import { createRateLimit } from './protection/rate-limit.ts'
import { SECURITY_HEADERS } from './protection/security-headers.ts'
import { createSubgraphFetch } from './subgraphs/fetch-subgraph.ts'
import { createSubgraphClient } from './subgraphs/subgraph-client.ts'
import { createSubgraphMetrics } from './subgraphs/subgraph-metrics.ts'
import { createSupergraphSource } from './supergraph/create-supergraph-source.ts'
import { createEndpointClients } from './supergraph/endpoint-clients.ts'
import { loadSupergraph } from './supergraph/load-supergraph.ts'
import { subgraphEndpoints } from './supergraph/subgraph-endpoints.ts'
import type { Supergraph } from './supergraph/supergraph.ts'
import { startUsage } from './usage/start-usage.ts'

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
  const { config, clock, log, metrics } = options
  const { protection } = config
  const rules = { limits: config.operationLimits, introspection: protection.introspection }
  const { mode, manifestPath } = config.persistedOperations
  const manifest = manifestPath === null ? new Map<string, string>() : readManifest(manifestPath)
  const subgraphMetrics = createSubgraphMetrics(metrics)
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
      createSubgraphClient({
        subgraph: name,
        url,
        secret,
        maxInFlight: config.maxFetchesInFlight,
        maxQueued: config.maxQueuedFetches,
        clock,
        random: systemRandom,
        log,
        metrics: subgraphMetrics,
      }),
    drainMs: Math.max(config.deadlines.rootMs + config.deadlines.entityMs, config.deadlines.deferredMs),
  })
  endpointClients.use(endpointsOf(supergraph.current()))
  const planning = createPlanningMetrics(metrics)
  let operations = createOperationCache(supergraph.current(), { rules, observer: planning })
  let warmed = operations
  supergraph.watch({
    async warm(next, signal) {
      warmed = createOperationCache(next, { rules, observer: planning })
      await warmed.warmFrom(operations, signal)
    },
    onSwitch(_before, now) {
      endpointClients.use(endpointsOf(now))
      operations = warmed
    },
  })

  const usage = await startUsage({ ...config.usage, clock, random: systemRandom, log, metrics })

  const http = createHttpServer({
    log,
    metrics,
    bodyLimit: config.maxBodyBytes,
    trustedProxies: protection.trustedProxies,
    headers: SECURITY_HEADERS,
    // Always ready: the gateway listens only once a supergraph is loaded, and keeps it when a newer file is refused.
    // Subgraphs are left out on purpose, since one of them must not be able to take the gateway out of rotation.
    readiness: () => ({ ready: true, checks: { supergraph: supergraph.check() } }),
  })
  allowOrigins(http, protection.cors)
  const { authenticate, keyRefresher } = createIdentity({
    config: config.identity,
    audiences: [...config.ownSubgraphs.keys()],
    clock,
    log,
  })
  keyRefresher?.start()
  mountGraphqlRoute(http, {
    authenticate,
    operations: () => operations,
    persistedOperations: createPersistedOperations(mode, manifest),
    admit: createRateLimit({
      ...protection.rateLimit,
      subjectOf: ({ caller }) => caller?.identity.subject ?? null,
      clock,
      metrics,
    }),
    fetch: createSubgraphFetch({
      clientOf: endpointClients.clientOf,
      clock,
      log,
      metrics: subgraphMetrics,
    }),
    deadlines: config.deadlines,
    observer: createRequestObserver({
      metrics: createRequestMetrics(metrics),
      accessLog: createAccessLog(log, config.accessLog),
      recordUsage: usage?.recorder.record ?? null,
    }),
    log,
    metrics,
  })
  if (protection.graphiql) mountPage(http, { examples: config.servesOwnGraph })
  return {
    http,
    async stop() {
      await supergraph.stop()
      await http.close()
      await keyRefresher?.stop()
      await usage?.stop()
      await endpointClients.close()
    },
  }
}
