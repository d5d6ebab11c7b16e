import { loadConfig } from '@bulkhead/personalization/config'
import { openPersonalizationStore } from '@bulkhead/personalization/datastore/open'
import { PERSONALIZATION_ERRORS } from '@bulkhead/personalization/errors'
import { createContext, type GraphqlContext } from '@bulkhead/personalization/graphql/context'
import { loadSchema } from '@bulkhead/personalization/graphql/schema'
import { SUBGRAPH } from '@bulkhead/personalization/settings'
import { systemClock } from '@bulkhead/service/clock'
import { mountGraphql } from '@bulkhead/service/graphql/server'
import { createHttpServer, listen } from '@bulkhead/service/http-server'
import { createIdentityVerifier, IDENTITY_HEADER } from '@bulkhead/service/identity/identity-token'
import { createLogger } from '@bulkhead/service/logging'
import { createMetrics } from '@bulkhead/service/metrics'
import { runService } from '@bulkhead/service/process/lifecycle'
import { createSecretCheck, requireGatewaySecret } from '@bulkhead/service/secrets'
import { traceRequests } from '@bulkhead/service/tracing/request-spans'
import { constantServices } from './constant-services.ts'

/**
 * Personalization's server as `app.ts` there builds it, with the same schema, identity and authorization, whose every slate
 * is the same one in memory: what a slate costs beyond this is what the pipeline and the datastore cost. With the argument
 * `written` each is made durable before it is answered: the difference is what this costs alone.
 */
const SERVICE = 'constant'
const isWritten = process.argv.includes('written')

runService({
  name: SERVICE,
  async start() {
    const config = loadConfig()
    const log = createLogger({ service: SERVICE, level: config.logLevel })
    const metrics = createMetrics({ service: SERVICE })
    const http = createHttpServer({ log, metrics, readiness: () => ({ ready: true, checks: {} }) })
    const verifyIdentity = createIdentityVerifier({
      publicKeys: config.identityPublicKeys,
      audience: SUBGRAPH,
      clock: systemClock,
    })
    const store = isWritten ? await openPersonalizationStore(config.datastoreUrl) : null
    const services = constantServices(store)
    traceRequests(http, SUBGRAPH)
    await mountGraphql<GraphqlContext>(http, {
      schema: await loadSchema(),
      createContext: async ({ headers }) =>
        createContext(services, await verifyIdentity(headers[IDENTITY_HEADER])),
      onRequest: requireGatewaySecret(createSecretCheck(config.gatewaySecrets)),
      introspection: false,
      errors: PERSONALIZATION_ERRORS,
      log,
      metrics,
    })
    async function stop(): Promise<void> {
      await http.close()
      await store?.close()
    }
    await listen(http, { host: config.host, port: config.port })
    return { log, drainTimeoutMs: config.drainTimeoutMs, stop }
  },
})
