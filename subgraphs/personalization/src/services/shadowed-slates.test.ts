import { hash } from 'node:crypto'
import { type Random, systemRandom } from '@bulkhead/service/random'
import { captureLog } from '@bulkhead/service/testing/captured-log'
import { afterEach, expect, test, vi } from 'vitest'
import { openPersonalizationStore } from '../datastore/open.ts'
import { shadowReportOf } from '../domain/shadow/shadow-report.ts'
import { createLoadedModels } from '../state/loaded-models.ts'
import { createOutboxGate } from '../state/outbox-gate.ts'
import { createRememberedOpinions } from '../state/remembered-opinions.ts'
import { createServedLedger } from '../state/served-ledger.ts'
import { createShadowSamples } from '../state/shadow-samples.ts'
import { createSnapshotHolder } from '../state/snapshot-holder.ts'
import { sampleCatalogue, sampleItemIds, sampleItems } from '../testing/samples/catalogue.ts'
import { sampleInteraction } from '../testing/samples/interactions.ts'
import { sampleLoadedModel, sampleModelVersion, sampleRankingModel } from '../testing/samples/models.ts'
import { sampleRequest } from '../testing/samples/serving.ts'
import { NOON } from '../testing/samples/time.ts'
import { createTestMetrics } from '../testing/test-metrics.ts'
import { createShadowWorker } from '../workers/shadow/shadow-worker.ts'
import { createRecommendationService } from './recommendation-service.ts'

const NASTY = new URL('../testing/nasty-shadow-main.ts', import.meta.url)
const IDS = sampleItemIds(60)
const USERS = Array.from({ length: 12 }, (_, at) => `u${at}`)

let cleanUp: () => Promise<void> = () => Promise.resolve()
afterEach(() => cleanUp())

/** The same bytes and numbers, in the same order, each time. */
function repeatable(): Random {
  let calls = 0
  return {
    bytes: (n) => new Uint8Array(hash('sha512', `bytes ${calls++}`, 'buffer').subarray(0, n)),
    next: () => 0.001,
  }
}

/** Serves twice to each user beside a model in shadow, once it has been asked. @returns what was served, as JSON */
async function serveBeside(behaviour: string | null): Promise<readonly string[]> {
  const store = await openPersonalizationStore('sqlite::memory:')
  const plays = USERS.map((userId, at) => sampleInteraction(`e${at}`, { userId, itemId: IDS[at] ?? '' }))
  await store.importInteractions(plays)
  const shared = {
    store,
    clock: { now: () => NOON },
    log: captureLog().log,
    metrics: createTestMetrics(),
  }
  const models = createLoadedModels()
  models.replace({
    production: sampleLoadedModel(sampleRankingModel(IDS)),
    previous: null,
    pinned: [],
    unloadable: new Set(),
  })
  const shadow = createShadowSamples({ rate: 1, models })
  const worker = createShadowWorker({
    ...shared,
    samples: shadow,
    intervalMs: 10,
    random: systemRandom,
    runner: { main: NASTY, heapMb: 64, deadlineMs: 300 },
  })
  cleanUp = async () => {
    await worker.stop()
    await store.close()
  }
  const service = createRecommendationService({
    ...shared,
    index: { ...sampleCatalogue(sampleItems(60), IDS.toReversed()), ready: () => true },
    models,
    snapshots: createSnapshotHolder(),
    outboxGate: createOutboxGate({ limit: 1_000 }),
    ledger: createServedLedger(),
    remembered: createRememberedOpinions(),
    random: repeatable(),
    producer: 'personalization-1',
    shadow,
    candidateLogRate: 0,
    limits: { hydrationDeadlineMs: 60_000, commitDeadlineMs: 60_000, slateTargetMs: 60_000 },
  })
  async function serveAll(): Promise<string[]> {
    const served: string[] = []
    for (const userId of USERS)
      served.push(JSON.stringify(await service.recommend(sampleRequest({ userId }))))
    return served
  }

  if (behaviour !== null) {
    const artefact = Buffer.from(`${behaviour} ${IDS.toReversed().join(' ')}`)
    const version = { stage: 'SHADOW', artefactHash: hash('sha256', artefact, 'hex') } as const
    await store.saveModelVersion(sampleModelVersion('shadow-v1', version), artefact)
  }
  worker.start()
  await worker.wake()
  const first = await serveAll()
  if (behaviour !== null) {
    // It has been asked about the first ones, so the second ones are served beside a model at its worst.
    await vi.waitFor(
      async () => {
        const report = shadowReportOf((await store.shadowOf(['shadow-v1'])).map(({ counts }) => counts))
        expect(report?.requests).toBeGreaterThan(0)
        if (behaviour === 'ranks') expect(report?.overlapAt10).toBe(0)
      },
      { timeout: 25_000, interval: 50 },
    )
  }
  const second = await serveAll()
  await cleanUp()
  cleanUp = () => Promise.resolve()
  return [...first, ...second]
}

const alone = await serveBeside(null)

test.each(['ranks', 'throws', 'hangs', 'eats', 'hoards'])(
  'slates beside a model in shadow that %s are the same, byte for byte',
  async (behaviour) => {
    expect(alone).toHaveLength(2 * USERS.length)
    expect(await serveBeside(behaviour)).toEqual(alone)
  },
)
