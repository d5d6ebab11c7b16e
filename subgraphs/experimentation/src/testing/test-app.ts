import { generateKeyPairSync } from 'node:crypto'
import { encodePrivateKey } from '@bulkhead/contracts'
import type { Identity } from '@bulkhead/service/identity/identity'
import { createLogger } from '@bulkhead/service/logging'
import { createMetrics } from '@bulkhead/service/metrics'
import { systemRandom } from '@bulkhead/service/random'
import { identityHeader, testIdentity, testIdentityKeys } from '@bulkhead/service/testing/test-identity'
import { type App, type AppOptions, startApp } from '../app.ts'
import { openExperimentationStore } from '../datastore/open.ts'
import type { ExperimentationStore } from '../datastore/port.ts'
import type { Experiment } from '../domain/experiment.ts'
import type { ExperimentDraft } from '../domain/validate-experiment.ts'
import { openReadModel } from '../read-model/duckdb-read-model.ts'
import { createLogSums } from '../read-model/log-sums.ts'
import type { SumsEngine } from '../services/analyses/sums-engine.ts'
import { createChangeQueue } from '../services/changes/change-queue.ts'
import { type BootstrapService, createBootstrapService } from '../services/decisions/bootstrap-service.ts'
import { createDecisionPublishing, type PublishDecisions } from '../services/decisions/decision-publishing.ts'
import {
  createExperimentService,
  type ExperimentResult,
  type ExperimentService,
} from '../services/experiment-service.ts'
import { createMetricService, type MetricService } from '../services/metric-service.ts'
import { createSigner } from '../services/signer.ts'
import { createSnapshotService, type SnapshotService } from '../services/snapshot-service.ts'
import { createTargetingService, type TargetingService } from '../services/targeting-service.ts'
import { sampleMetric } from './sample-metrics.ts'
import { DAY, NOON, sampleDraft } from './samples.ts'

const { privateKey, publicKey } = generateKeyPairSync('ed25519')
export const signing = { keyId: 'test-key', privateKey: encodePrivateKey(privateKey) }
export const keyring = new Map([[signing.keyId, publicKey]])

export const config: AppOptions['config'] = {
  production: false,
  gatewaySecrets: ['test-gateway-secret-1'],
  identityPublicKeys: testIdentityKeys,
  eventsWriteTokens: ['test-events-token-1', 'test-events-token-2'],
  eventSources: [{ name: 'shop', tokens: ['test-shop-token-1', 'test-shop-token-2'] }],
  snapshotReadTokens: ['test-snapshot-token-1'],
  signing,
  reviewQuorum: 1,
  analysisWaitMs: 30_000,
  analysisQueueLimit: 2,
  analysis: 'off',
  positionIntervalMs: 10,
  countDelayMs: 0,
  snapshotRefreshMs: 10,
  eventMaxAgeMs: 30 * DAY,
  eventMaxFutureMs: 300_000,
  eventRetentionMs: 0,
  eventArchive: null,
  ingestConcurrency: 4,
  ingestQueueLimit: 2_000,
  ingestUnpositionedLimit: 2_000,
}

export const silentLog = createLogger({ service: 'experimentation', level: 'silent' })

export function fixedClock(now = NOON) {
  return { now: () => now }
}

export type Replica = {
  readonly store: ExperimentationStore
  readonly bootstraps: BootstrapService
  readonly publishDecisions: PublishDecisions
  readonly experiments: ExperimentService
  readonly definitions: MetricService
  readonly targeting: TargetingService
  readonly snapshots: SnapshotService
}

/** The services of one replica on a store, without HTTP and workers. */
export async function startTestReplica(
  store: ExperimentationStore,
  now = NOON,
  options: { readonly quorum?: number } = {},
): Promise<Replica> {
  const clock = fixedClock(now)
  const { sign, signBootstrap, signDecision, signQaOverride, publicKeys } = createSigner(signing)
  const metrics = createMetrics({ service: 'experimentation' })
  const snapshots = createSnapshotService({ store, sign, publicKeys, clock, log: silentLog, metrics })
  await snapshots.start()
  const random = { next: () => 0.5 }
  const changes = createChangeQueue({ store, snapshots, sign, clock, random, log: silentLog, metrics })
  const { quorum = 1 } = options
  const experiments = createExperimentService({ store, changes, quorum, signDecision })
  const targeting = createTargetingService({ changes, signQaOverride })
  const bootstraps = createBootstrapService({ changes, quorum, signBootstrap })
  const publishDecisions = createDecisionPublishing({ store, changes, snapshots })
  return {
    store,
    bootstraps,
    publishDecisions,
    experiments,
    definitions: createMetricService({ changes }),
    targeting,
    snapshots,
  }
}

export function openTestStore(): Promise<ExperimentationStore> {
  return openExperimentationStore('sqlite::memory:')
}

/** Creates an experiment and has it approved by somebody else: it can be started at revision 3. */
export async function approveExperiment(
  { experiments }: Pick<Replica, 'experiments'>,
  overrides: Partial<ExperimentDraft> = {},
): Promise<void> {
  const { key } = expectAccepted(await experiments.create(sampleDraft(overrides), 'ana'))
  expectAccepted(await experiments.step({ key, action: 'submit', revision: 1, reason: 'test', by: 'ana' }))
  expectAccepted(
    await experiments.review({ key, revision: 2, approved: true, comment: 'test', by: 'reviewer' }),
  )
}

/** Creates and starts an experiment: it runs at revision 4. */
export async function startExperiment(
  replica: Pick<Replica, 'experiments'>,
  overrides: Partial<ExperimentDraft> = {},
): Promise<void> {
  const { key } = sampleDraft(overrides)
  await approveExperiment(replica, overrides)
  expectAccepted(
    await replica.experiments.step({ key, action: 'start', revision: 3, reason: 'test', by: 'ana' }),
  )
}

/** Metrics for an experiment whose decision may be SHIP. */
export async function defineSampleMetrics({
  definitions,
}: Pick<Replica, 'definitions'>): Promise<ExperimentDraft['metrics']> {
  const { key: metricKey, ...rest } = sampleMetric()
  const defined = await definitions.define({ key: metricKey, ...rest }, 'ana')
  if (defined.type === 'refused') throw new Error(JSON.stringify(defined.refusal))
  return [{ metricKey, role: 'SUCCESS' }]
}

function expectAccepted(result: ExperimentResult): Experiment {
  if (result.type === 'refused') throw new Error(JSON.stringify(result.refusal))
  return result.experiment
}

/** Reads the log into memory for each analysis. */
export function testEngine(store: ExperimentationStore): SumsEngine {
  const openModel = () => openReadModel(':memory:')
  return { name: 'DUCKDB', sums: createLogSums({ store, openModel, limit: 100 }) }
}

export type TestApp = App & Replica & { readonly metrics: AppOptions['metrics'] }

/** The whole service on a store of its own, with one running experiment `mix`; injected requests need no port. */
export async function startTestApp(
  options: {
    readonly store?: ExperimentationStore
    readonly config?: Partial<AppOptions['config']>
    readonly engine?: SumsEngine
    readonly now?: number
  } = {},
): Promise<TestApp> {
  const { now = NOON } = options
  const store = options.store ?? (await openTestStore())
  const replica = await startTestReplica(store, now)
  await startExperiment(replica)
  const metrics = createMetrics({ service: 'experimentation' })
  const app = await startApp({
    config: { ...config, ...options.config },
    store,
    engine: options.engine ?? testEngine(store),
    clock: fixedClock(now),
    random: systemRandom,
    log: silentLog,
    metrics,
  })
  return {
    ...replica,
    ...app,
    metrics,
    async stop() {
      await app.stop()
      await store.close()
    },
  }
}

/** Asks the subgraph as the gateway does, for somebody with every scope unless told otherwise. */
export async function query(
  app: TestApp,
  document: string,
  variables: Record<string, unknown> = {},
  identity: Identity | null = testIdentity(),
) {
  const response = await app.http.inject({
    method: 'POST',
    url: '/graphql',
    headers: {
      'x-bulkhead-gateway-secret': config.gatewaySecrets[0] ?? '',
      ...(await identityHeader(identity, 'experimentation')),
    },
    payload: { query: document, variables },
  })
  return response.json()
}

/** The codes of an answer's top-level errors, in their order. */
export function errorCodes(answer: { errors?: { extensions: { code: string } }[] }) {
  return answer.errors?.map(({ extensions }) => extensions.code)
}
