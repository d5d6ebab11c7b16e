import type { Clock } from '@bulkhead/service/clock'
import { mountGraphql } from '@bulkhead/service/graphql/server'
import { createHttpServer } from '@bulkhead/service/http-server'
import { createIdentityVerifier, IDENTITY_HEADER } from '@bulkhead/service/identity/identity-token'
import type { Logger } from '@bulkhead/service/logging'
import type { Metrics } from '@bulkhead/service/metrics'
import type { Random } from '@bulkhead/service/random'
import { createSecretCheck, requireGatewaySecret } from '@bulkhead/service/secrets'
import { traceRequests } from '@bulkhead/service/tracing/request-spans'
import type { FastifyInstance } from 'fastify'
import type { Config } from './config.ts'
import type { PersonalizationStore } from './datastore/port.ts'
import { createExperimentationClient } from './delivery/experimentation-client.ts'
import { traceDelivery } from './delivery/trace-delivery.ts'
import { PERSONALIZATION_ERRORS } from './errors.ts'
import { createContext, type GraphqlContext } from './graphql/context.ts'
import { loadSchema } from './graphql/schema.ts'
import { createCatalogueReader } from './services/catalogue-reader.ts'
import { createErasureService } from './services/erasure-service.ts'
import { createInteractionService } from './services/interaction-service.ts'
import { createModelPathService } from './services/model-path-service.ts'
import { createQaOverrideReader } from './services/qa-override-reader.ts'
import { createReader } from './services/reader.ts'
import { createReadiness } from './services/readiness.ts'
import { createRecommendationService } from './services/recommendation-service.ts'
import { SUBGRAPH } from './settings.ts'
import { createCanaryArms } from './state/canary-arms.ts'
import { createLoadedModels } from './state/loaded-models.ts'
import { createModelGuardrails } from './state/model-guardrails.ts'
import { createOutboxGate } from './state/outbox-gate.ts'
import { createRememberedOpinions } from './state/remembered-opinions.ts'
import { createServedLedger } from './state/served-ledger.ts'
import { createServingIndex } from './state/serving-index.ts'
import { createShadowSamples } from './state/shadow-samples.ts'
import { createSnapshotHolder } from './state/snapshot-holder.ts'
import { createCanaryWorker } from './workers/canary-worker.ts'
import { createErasureWorker } from './workers/erasure-worker.ts'
import { createGuardrailWorker } from './workers/guardrail-worker.ts'
import { createHeartbeatSender } from './workers/heartbeat-sender.ts'
import { createModelLoader } from './workers/model-loader.ts'
import { createModelReader } from './workers/model-reading/model-reader.ts'
import { createOutboxRelay } from './workers/outbox-relay.ts'
import { createProductionSwitch } from './workers/production-switch.ts'
import { createRetentionWorker } from './workers/retention-worker.ts'
import { createServingIndexRefresher } from './workers/serving-index-refresher.ts'
import { createShadowWorker } from './workers/shadow/shadow-worker.ts'
import { createSnapshotSubscriber } from './workers/snapshot-subscriber.ts'

const PRODUCER_ID_BYTES = 8
const ERASURE_ID_BYTES = 16
/** A call of `eraseUser` ends well before the gateway's deadline; a worker does the rest. */
const ERASURE_STEPS_PER_CALL = 20

export type AppOptions = {
  readonly config: Omit<
    Config,
    'host' | 'port' | 'logLevel' | 'datastoreUrl' | 'developmentClockFile' | 'drainTimeoutMs'
  >
  readonly store: PersonalizationStore
  readonly clock: Clock
  /** Tells whether identities that the gateway has signed are still valid; `clock` unless said otherwise. */
  readonly identityClock?: Clock
  readonly random: Random
  readonly log: Logger
  readonly metrics: Metrics
}

export type App = {
  /** Every route, not listening yet. */
  readonly http: FastifyInstance
  /** Answers the requests under way, then stops the workers. The caller closes the store. */
  stop(): Promise<void>
}

/** The service on a datastore: workers running, routes ready to listen. Waits for nothing from experimentation. */
export async function startApp(options: AppOptions): Promise<App> {
  const { config, store, clock, random, log, metrics } = options
  const shared = { store, clock, random, log, metrics }
  const producer = `personalization-${Buffer.from(random.bytes(PRODUCER_ID_BYTES)).toString('hex')}`

  const index = createServingIndex({ maxItems: config.indexMaxItems })
  const models = createLoadedModels()
  const snapshots = createSnapshotHolder()
  const outboxGate = createOutboxGate({ limit: config.outboxLimit })
  const ledger = createServedLedger()
  const remembered = createRememberedOpinions()
  const canary = createCanaryArms({ models, share: config.canaryShare, producer, now: () => clock.now() })
  const shadow = createShadowSamples({ rate: config.shadowSampleRate, models })
  const reader = createReader({
    store,
    catalogue: createCatalogueReader({ store, index }),
    index,
    models,
    deadlineMs: config.hydrationDeadlineMs,
  })
  const recommendations = createRecommendationService({
    ...shared,
    index,
    models,
    canary,
    snapshots,
    outboxGate,
    ledger,
    remembered,
    producer,
    shadow,
    candidateLogRate: config.candidateLogRate,
    limits: {
      hydrationDeadlineMs: config.hydrationDeadlineMs,
      commitDeadlineMs: config.commitDeadlineMs,
      slateTargetMs: config.slateTargetMs,
    },
  })
  const qaOverrides = createQaOverrideReader({ publicKeys: config.snapshotPublicKeys, clock })
  const interactions = createInteractionService({
    ...shared,
    index,
    outboxGate,
    ledger,
    remembered,
    maxAgeMs: config.interactionMaxAgeMs,
  })

  const modelPath = createModelPathService({
    store,
    snapshots,
    publicKeys: config.snapshotPublicKeys,
    clock,
  })

  const erasures = createErasureService({
    store,
    clock,
    newId: () => Buffer.from(random.bytes(ERASURE_ID_BYTES)).toString('hex'),
    maxSteps: ERASURE_STEPS_PER_CALL,
    forget: remembered.forget,
  })

  const http = createHttpServer({
    log,
    metrics,
    readiness: createReadiness({ store, index, snapshots, models }),
  })
  const verifyIdentity = createIdentityVerifier({
    publicKeys: config.identityPublicKeys,
    audience: SUBGRAPH,
    clock: options.identityClock ?? clock,
  })
  traceRequests(http, SUBGRAPH)
  await mountGraphql<GraphqlContext>(http, {
    schema: await loadSchema(),
    createContext: async ({ headers }) =>
      createContext(
        { recommendations, interactions, erasures, reader, qaOverrides, modelPath },
        await verifyIdentity(headers[IDENTITY_HEADER]),
      ),
    onRequest: requireGatewaySecret(createSecretCheck(config.gatewaySecrets)),
    introspection: !config.production,
    errors: PERSONALIZATION_ERRORS,
    log,
    metrics,
  })

  const client = createExperimentationClient({
    url: config.experimentationUrl,
    eventsToken: config.eventsWriteToken,
    snapshotToken: config.snapshotReadToken,
    timeoutMs: config.relay.requestTimeoutMs,
  })
  const heartbeats = createHeartbeatSender({
    ...shared,
    client,
    ledger,
    producer,
    outbox: config.outboxName,
    intervalMs: config.heartbeatIntervalMs,
  })
  const modelReader = createModelReader()
  const guardrails = createModelGuardrails()
  const workers = [
    createServingIndexRefresher({
      ...shared,
      index,
      intervalMs: config.indexRefreshMs,
    }),
    createModelLoader({
      ...shared,
      models,
      snapshots,
      reader: modelReader,
      guardrails,
      intervalMs: config.modelRefreshMs,
    }),
    createProductionSwitch({ ...shared, models, intervalMs: config.modelRefreshMs }),
    createSnapshotSubscriber({
      ...shared,
      client,
      holder: snapshots,
      publicKeys: config.snapshotPublicKeys,
      intervalMs: config.snapshotIntervalMs,
    }),
    createGuardrailWorker({ ...shared, guardrails, modelPath, producer }),
    createCanaryWorker({ ...shared, canary, guardrails }),
    createErasureWorker({ ...shared, erasures }),
    createShadowWorker({ ...shared, samples: shadow, intervalMs: config.modelRefreshMs }),
    createRetentionWorker({ ...shared, snapshots, retention: config.retention }),
    createOutboxRelay({
      ...shared,
      ...config.relay,
      client: traceDelivery(client),
      gate: outboxGate,
      ledger,
      producer,
    }),
  ]
  for (const worker of [...workers, heartbeats]) worker.start()
  return {
    http,
    async stop() {
      await http.close()
      await Promise.all(workers.map((worker) => worker.stop()))
      // Its goodbye says what was delivered, so it is the last.
      await heartbeats.stop()
      await modelReader.close()
      await client.close()
    },
  }
}
