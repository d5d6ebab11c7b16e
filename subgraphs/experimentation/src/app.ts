import type { Clock } from '@bulkhead/service/clock'
import { mountGraphql } from '@bulkhead/service/graphql/server'
import { createHttpServer, type ReadinessReport } from '@bulkhead/service/http-server'
import type { Logger } from '@bulkhead/service/logging'
import type { Metrics } from '@bulkhead/service/metrics'
import type { Random } from '@bulkhead/service/random'
import { createSecretCheck, requireGatewaySecret } from '@bulkhead/service/secrets'
import type { FastifyInstance } from 'fastify'
import type { Config } from './config.ts'
import type { ExperimentationStore } from './datastore/port.ts'
import { EXPERIMENTATION_ERRORS } from './errors.ts'
import { createContext, type GraphqlContext } from './graphql/context.ts'
import { loadSchema } from './graphql/schema.ts'
import { addEventsRoute } from './http/events-route.ts'
import { addSnapshotRoute } from './http/snapshot-route.ts'
import { createAssignmentService } from './services/assignment-service.ts'
import { createExperimentService } from './services/experiment-service.ts'
import { createExposureService } from './services/exposure-service.ts'
import { createIngestService } from './services/ingest-service.ts'
import { createReader } from './services/reader.ts'
import { createSnapshotService } from './services/snapshot-service.ts'
import { createSnapshotSigner } from './services/snapshot-signer.ts'
import { createPositionAssigner } from './workers/position-assigner.ts'
import { createSnapshotRefresher } from './workers/snapshot-refresher.ts'

export type AppOptions = {
  config: Omit<Config, 'host' | 'port' | 'logLevel' | 'datastoreUrl' | 'drainTimeoutMs'>
  store: ExperimentationStore
  clock: Clock
  log: Logger
  metrics: Metrics
  random: Pick<Random, 'next'>
}

export type App = {
  /** Every route, not listening yet. */
  readonly http: FastifyInstance
  /** Answers what is under way, then stops the workers; the store is the caller's to close. */
  stop(): Promise<void>
}

/** The service on a datastore: snapshot loaded or first published, workers running, routes ready to listen. */
export async function startApp(options: AppOptions): Promise<App> {
  const { config, store, clock, log, metrics, random } = options
  const sign = createSnapshotSigner(config.signing)
  const snapshots = createSnapshotService({ store, sign, clock, log, metrics })
  const window = { maxAgeMs: config.eventMaxAgeMs, maxFutureMs: config.eventMaxFutureMs }
  const ingest = createIngestService({ store, clock, metrics, window })
  const services = {
    assignments: createAssignmentService({ snapshots }),
    experiments: createExperimentService({ store, snapshots, sign, clock, log, random }),
    exposures: createExposureService({ clock, eventMaxAgeMs: config.eventMaxAgeMs }),
    reader: createReader({ store, snapshots }),
  }
  await snapshots.start()

  const http = createHttpServer({ log, metrics, readiness: () => readiness(store, log) })
  addEventsRoute(http, {
    ingest,
    check: createSecretCheck(config.eventsWriteTokens),
    concurrency: config.ingestConcurrency,
  })
  addSnapshotRoute(http, { snapshots, check: createSecretCheck(config.snapshotReadTokens) })
  await mountGraphql<GraphqlContext>(http, {
    schema: await loadSchema(),
    createContext: () => createContext(services),
    onRequest: requireGatewaySecret(createSecretCheck(config.gatewaySecrets)),
    introspection: !config.production,
    errors: EXPERIMENTATION_ERRORS,
    log,
    metrics,
  })

  const workers = [
    createPositionAssigner({ store, intervalMs: config.positionIntervalMs, log, metrics, random }),
    createSnapshotRefresher({ snapshots, intervalMs: config.snapshotRefreshMs, log, random }),
  ]
  for (const worker of workers) worker.start()
  return {
    http,
    async stop() {
      await http.close()
      await Promise.all(workers.map((worker) => worker.stop()))
    },
  }
}

/** The datastore alone: experimentation depends on nothing else, and on no other service. */
async function readiness(store: Pick<ExperimentationStore, 'ping'>, log: Logger): Promise<ReadinessReport> {
  try {
    await store.ping()
    return { ready: true, checks: { datastore: { ok: true } } }
  } catch (error) {
    log.warn({ err: error }, 'the datastore does not answer')
    return { ready: false, checks: { datastore: { ok: false, detail: 'does not answer; see the log' } } }
  }
}
