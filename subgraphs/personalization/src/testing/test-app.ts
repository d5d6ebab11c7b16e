import type { Clock } from '@bulkhead/service/clock'
import type { Identity } from '@bulkhead/service/identity/identity'
import { createLogger } from '@bulkhead/service/logging'
import { systemRandom } from '@bulkhead/service/random'
import { GATEWAY_SECRET_HEADER } from '@bulkhead/service/secrets'
import { identityHeader, testIdentity, testIdentityKeys } from '@bulkhead/service/testing/test-identity'
import { expect, vi } from 'vitest'
import { type App, startApp } from '../app.ts'
import type { PersonalizationStore } from '../datastore/port.ts'
import { EVENTS_TOKEN, type FakeExperimentation, SNAPSHOT_TOKEN } from './fake-experimentation.ts'
import { createTestMetrics } from './test-metrics.ts'
import type { createTestPublisher } from './test-publisher.ts'

const GATEWAY_SECRET = 'a-gateway-secret-of-tests'

type Publisher = ReturnType<typeof createTestPublisher>

/** The whole service on a datastore, ready, with background work at a pace that suits tests. */
export async function startTestApp(options: {
  readonly store: PersonalizationStore
  readonly experimentation: Pick<FakeExperimentation, 'url'>
  readonly publisher: Pick<Publisher, 'publicKeys'>
  readonly clock?: Clock
  readonly outboxLimit?: number
}): Promise<App> {
  const { store, experimentation, publisher, outboxLimit = 1_000 } = options
  const started = await startApp({
    config: {
      production: false,
      gatewaySecrets: [GATEWAY_SECRET],
      identityPublicKeys: testIdentityKeys,
      experimentationUrl: experimentation.url,
      eventsWriteToken: EVENTS_TOKEN,
      snapshotReadToken: SNAPSHOT_TOKEN,
      snapshotPublicKeys: publisher.publicKeys,
      snapshotIntervalMs: 20,
      outboxLimit,
      relay: { intervalMs: 20, batchSize: 200, leaseMs: 5_000, requestTimeoutMs: 1_000, maxBackoffMs: 100 },
      outboxName: 'test',
      heartbeatIntervalMs: 50,
      indexRefreshMs: 50,
      indexMaxItems: 1_000,
      retention: { slatesMs: 0, deadLettersMs: 0, artefactsMs: 0, maxDeadLetters: 1_000 },
      interactionMaxAgeMs: 7 * 86_400_000,
      modelRefreshMs: 50,
      hydrationDeadlineMs: 100,
      commitDeadlineMs: 500,
      slateTargetMs: 100,
      candidateLogRate: 0.01,
      shadowSampleRate: 1,
      canaryShare: 0.5,
    },
    store,
    clock: options.clock ?? { now: () => Date.now() },
    random: systemRandom,
    log: createLogger({ service: 'test', level: 'silent' }),
    metrics: createTestMetrics(),
  })
  await vi.waitFor(async () => expect((await started.http.inject('/readyz')).statusCode).toBe(200))
  return started
}

/** Asks it as the gateway would. @param as.clock the gateway's, which says when the identity was signed */
export async function queryApp(
  app: App,
  source: string,
  variables: object = {},
  as: { readonly secret?: string | null; readonly identity?: Identity | null; readonly clock?: Clock } = {},
) {
  const { secret = GATEWAY_SECRET, identity = testIdentity(), clock } = as
  const response = await app.http.inject({
    method: 'POST',
    url: '/graphql',
    headers: {
      ...(secret === null ? {} : { [GATEWAY_SECRET_HEADER]: secret }),
      ...(await identityHeader(identity, 'personalization', clock)),
    },
    payload: { query: source, variables },
  })
  return { status: response.statusCode, body: response.json() }
}

/** An experiment that gives everybody what is popular, and waits until the app has it. */
export async function publishPopular(
  app: App,
  experimentation: FakeExperimentation,
  publisher: Publisher,
  version: number,
): Promise<void> {
  const snapshot = publisher.publish(version, { experiments: [POPULAR_FOR_ALL] })
  experimentation.publish({ body: JSON.stringify(snapshot), etag: `"${version}"` })
  await vi.waitFor(async () =>
    expect((await app.http.inject('/readyz')).json().checks.snapshot.detail).toBe(
      `snapshotVersion ${version}`,
    ),
  )
}

const POPULAR_FOR_ALL = {
  key: 'home-mix',
  version: 1,
  status: 'RUNNING',
  unitType: 'userId',
  seed: 'home-mix:v1',
  hashVersion: 2,
  surfaces: [],
  layer: null,
  coverage: 1,
  condition: null,
  forced: {},
  trigger: 'SERVE',
  variants: [{ key: 'popular', weight: 1, payload: { sources: [{ name: 'popular' as const, weight: 1 }] } }],
}
