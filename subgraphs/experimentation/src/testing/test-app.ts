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
import type { ExperimentDraft } from '../domain/validate-experiment.ts'
import { createExperimentService, type ExperimentService } from '../services/experiment-service.ts'
import { createSnapshotService, type SnapshotService } from '../services/snapshot-service.ts'
import { createSnapshotSigner } from '../services/snapshot-signer.ts'
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
  positionIntervalMs: 10,
  countDelayMs: 0,
  snapshotRefreshMs: 10,
  eventMaxAgeMs: 30 * DAY,
  eventMaxFutureMs: 300_000,
  eventRetentionMs: 0,
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
  readonly experiments: ExperimentService
  readonly snapshots: SnapshotService
}

/** The services of one replica on a store, without HTTP and workers. */
export async function startTestReplica(store: ExperimentationStore, now = NOON): Promise<Replica> {
  const clock = fixedClock(now)
  const sign = createSnapshotSigner(signing)
  const metrics = createMetrics({ service: 'experimentation' })
  const snapshots = createSnapshotService({ store, sign, clock, log: silentLog, metrics })
  await snapshots.start()
  const experiments = createExperimentService({
    store,
    snapshots,
    sign,
    clock,
    random: { next: () => 0.5 },
    log: silentLog,
  })
  return { store, experiments, snapshots }
}

export function openTestStore(): Promise<ExperimentationStore> {
  return openExperimentationStore('sqlite::memory:')
}

/** Creates and starts an experiment. */
export async function startExperiment(
  { experiments }: Pick<Replica, 'experiments'>,
  overrides: Partial<ExperimentDraft> = {},
): Promise<void> {
  const input = sampleDraft(overrides)
  const created = await experiments.create(input, 'ana')
  if (created.type === 'refused') throw new Error(JSON.stringify(created.refusal))
  const started = await experiments.step({
    key: input.key,
    action: 'start',
    revision: 1,
    reason: 'test',
    by: 'ana',
  })
  if (started.type === 'refused') throw new Error(JSON.stringify(started.refusal))
}

export type TestApp = App & Replica & { readonly metrics: AppOptions['metrics'] }

/** The whole service on a store of its own, with one running experiment `mix`; injected requests need no port. */
export async function startTestApp(
  options: {
    readonly store?: ExperimentationStore
    readonly config?: Partial<AppOptions['config']>
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
