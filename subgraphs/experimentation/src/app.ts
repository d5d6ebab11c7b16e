import { randomUUID } from 'node:crypto'
import type { Clock } from '@bulkhead/service/clock'
import { mountGraphql } from '@bulkhead/service/graphql/server'
import { createHttpServer } from '@bulkhead/service/http-server'
import { createIdentityVerifier, IDENTITY_HEADER } from '@bulkhead/service/identity/identity-token'
import type { Logger } from '@bulkhead/service/logging'
import type { Metrics } from '@bulkhead/service/metrics'
import type { Random } from '@bulkhead/service/random'
import { createSecretCheck, requireGatewaySecret } from '@bulkhead/service/secrets'
import { traceRequests } from '@bulkhead/service/tracing/request-spans'
import type { Worker } from '@bulkhead/service/worker'
import type { FastifyInstance } from 'fastify'
import type { Config } from './config.ts'
import type { ExperimentationStore } from './datastore/port.ts'
import { EXPERIMENTATION_ERRORS } from './errors.ts'
import { createContext, type GraphqlContext } from './graphql/context.ts'
import { loadSchema } from './graphql/schema.ts'
import { addEventsRoute } from './http/events-route.ts'
import { addSnapshotRoute } from './http/snapshot-route.ts'
import { createAnalysisRunner } from './services/analyses/analysis-runner.ts'
import { createStoredRun } from './services/analyses/stored-run.ts'
import type { SumsEngine } from './services/analyses/sums-engine.ts'
import { createForwardedRun } from './services/analyst/analysis-requests.ts'
import { createAssignmentService } from './services/assignment-service.ts'
import { createChangeQueue } from './services/changes/change-queue.ts'
import { createBootstrapService } from './services/decisions/bootstrap-service.ts'
import { createDecisionPublishing } from './services/decisions/decision-publishing.ts'
import { createSourceCheck } from './services/event-sources.ts'
import { createExperimentService } from './services/experiment-service.ts'
import { createExposureCounting } from './services/exposure-counting.ts'
import { createExposureService } from './services/exposure-service.ts'
import { createForcedUnitErasure } from './services/forced-unit-erasure.ts'
import { createIngestService } from './services/ingest-service.ts'
import { createLearningService } from './services/learning-service.ts'
import { createMetricService } from './services/metric-service.ts'
import { createPlanningService } from './services/planning/planning-service.ts'
import { createPowerThread } from './services/planning/power-thread.ts'
import { createReader } from './services/reader.ts'
import { createReadiness } from './services/readiness.ts'
import { createSigner } from './services/signer.ts'
import { createSnapshotService } from './services/snapshot-service.ts'
import { createTargetingService } from './services/targeting-service.ts'
import { createUnitErasing } from './services/unit-erasure.ts'
import { SUBGRAPH } from './settings.ts'
import { createAnalystWatch } from './workers/analyst-watch.ts'
import { createDecisionPublisher } from './workers/decision-publisher.ts'
import { createDeliveryWatch } from './workers/delivery-watch.ts'
import { createEventRetention } from './workers/event-retention.ts'
import { createExposureCounter } from './workers/exposure-counter.ts'
import { createPositionAssigner } from './workers/position-assigner.ts'
import { createSnapshotRefresher } from './workers/snapshot-refresher.ts'
import { createUnitEraser } from './workers/unit-eraser.ts'

export type AppOptions = {
  readonly config: Omit<
    Config,
    'host' | 'port' | 'logLevel' | 'datastoreUrl' | 'developmentClockFile' | 'drainTimeoutMs'
  >
  readonly store: ExperimentationStore
  /**
   * Computes the sums of analyses in this process, which then counts exposures as well; `apart` where another process does
   * all of that (`analyst/`).
   */
  readonly engine: SumsEngine | 'apart'
  readonly clock: Clock
  /** Tells whether identities that the gateway has signed are still valid; `clock` unless said otherwise. */
  readonly identityClock?: Clock
  readonly random: Pick<Random, 'next'>
  readonly log: Logger
  readonly metrics: Metrics
}

export type App = {
  /** Every route, not listening yet. */
  readonly http: FastifyInstance
  /** Answers the requests under way, then stops the workers. The caller closes the store. */
  stop(): Promise<void>
}

/** The service on a datastore: a snapshot loaded or published, workers running, routes ready to listen. */
export async function startApp(options: AppOptions): Promise<App> {
  const { config, store, engine, clock, random, log, metrics } = options
  const shared = { store, clock, random, log, metrics }

  const { sign, signBootstrap, signDecision, signQaOverride, publicKeys } = createSigner(config.signing)
  const snapshots = createSnapshotService({ ...shared, sign, publicKeys })
  const reader = createReader({ store, snapshots })
  const assignments = createAssignmentService({ snapshots })
  const changes = createChangeQueue({ ...shared, snapshots, sign })
  const experiments = createExperimentService({ store, changes, quorum: config.reviewQuorum, signDecision })
  const bootstraps = createBootstrapService({ changes, quorum: config.reviewQuorum, signBootstrap })
  const definitions = createMetricService({ changes })
  const targeting = createTargetingService({ changes, signQaOverride })
  const analyses = createAnalysisRunner({
    ...shared,
    compute:
      engine === 'apart'
        ? createForwardedRun({ store, newId: randomUUID, clock })
        : createStoredRun({ store, engine, clock }),
    waitMs: config.analysisWaitMs,
    queueLimit: config.analysisQueueLimit,
  })
  const learning = createLearningService({ store })
  const planning = createPlanningService({ store, clock, thread: createPowerThread() })
  const exposures = createExposureService({ clock, eventMaxAgeMs: config.eventMaxAgeMs })
  const ingest = createIngestService({
    ...shared,
    window: { maxAgeMs: config.eventMaxAgeMs, maxFutureMs: config.eventMaxFutureMs },
    services: new Set(config.eventSources.map(({ name }) => name)),
  })
  await snapshots.start()
  const positions = createPositionAssigner({ ...shared, intervalMs: config.positionIntervalMs })
  await changes.prepare()

  const http = createHttpServer({
    log,
    metrics,
    readiness: createReadiness({ store, log }),
  })
  traceRequests(http, SUBGRAPH)
  addEventsRoute(http, {
    ingest,
    identify: createSourceCheck({
      platformTokens: config.eventsWriteTokens,
      services: config.eventSources,
    }),
    limits: {
      requests: config.ingestConcurrency,
      events: config.ingestQueueLimit,
      isBehind: () => positions.unpositioned() > config.ingestUnpositionedLimit,
    },
    metrics,
  })
  addSnapshotRoute(http, { snapshots, check: createSecretCheck(config.snapshotReadTokens) })
  const verifyIdentity = createIdentityVerifier({
    publicKeys: config.identityPublicKeys,
    audience: SUBGRAPH,
    clock: options.identityClock ?? clock,
  })
  await mountGraphql<GraphqlContext>(http, {
    schema: await loadSchema(),
    createContext: async ({ headers }) =>
      createContext(
        {
          analyses,
          assignments,
          bootstraps,
          experiments,
          exposures,
          learning,
          metrics: definitions,
          planning,
          reader,
          targeting,
        },
        await verifyIdentity(headers[IDENTITY_HEADER]),
      ),
    onRequest: requireGatewaySecret(createSecretCheck(config.gatewaySecrets)),
    introspection: !config.production,
    errors: EXPERIMENTATION_ERRORS,
    log,
    metrics,
  })

  const workers: Worker[] = [
    positions,
    createDeliveryWatch(shared),
    createSnapshotRefresher({ ...shared, snapshots, intervalMs: config.snapshotRefreshMs }),
    createDecisionPublisher({
      ...shared,
      publish: createDecisionPublishing({ store, changes, snapshots }),
      intervalMs: config.snapshotRefreshMs,
    }),
    createUnitEraser({
      ...shared,
      erasing: createUnitErasing({ store, eraseForced: createForcedUnitErasure({ store, changes }) }),
      archive: config.eventArchive,
      eventMaxAgeMs: config.eventMaxAgeMs,
    }),
  ]
  workers.push(
    engine === 'apart'
      ? createAnalystWatch(shared)
      : createExposureCounter({
          ...shared,
          counting: createExposureCounting({ store, clock, delayMs: config.countDelayMs }),
          intervalMs: config.positionIntervalMs,
        }),
  )
  if (config.eventRetentionMs > 0) {
    log.warn(
      'events are erased for their age: where the read model is made anew, analyses that need them are refused',
    )
    const isFollowed = engine === 'apart'
    const { eventArchive: archive, eventRetentionMs: retentionMs } = config
    workers.push(createEventRetention({ ...shared, isFollowed, archive, retentionMs }))
  }
  for (const worker of workers) worker.start()
  return {
    http,
    async stop() {
      await http.close()
      await Promise.all([analyses.stop(), ...workers.map((worker) => worker.stop())])
    },
  }
}
