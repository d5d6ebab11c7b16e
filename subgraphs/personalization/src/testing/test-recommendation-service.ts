import {
  EMPTY_EXPOSURE_CONTEXT,
  encodeExposureContext,
  type IngestEvent,
  type SnapshotExperiment,
} from '@bulkhead/contracts'
import { systemRandom } from '@bulkhead/service/random'
import { captureLog } from '@bulkhead/service/testing/captured-log'
import { expect } from 'vitest'
import { openPersonalizationStore } from '../datastore/open.ts'
import type { PersonalizationStore } from '../datastore/port.ts'
import type { Catalogue, LoadedModel, RecommendationRequest } from '../domain/pipeline/query.ts'
import type { CandidateSource } from '../domain/pipeline/sources/candidate-source.ts'
import type { Slate } from '../domain/slate.ts'
import {
  createRecommendationService,
  type RecommendationServiceOptions,
} from '../services/recommendation-service.ts'
import { createLoadedModels } from '../state/loaded-models.ts'
import { createOutboxGate } from '../state/outbox-gate.ts'
import { createRememberedOpinions } from '../state/remembered-opinions.ts'
import { createServedLedger } from '../state/served-ledger.ts'
import { createSnapshotHolder } from '../state/snapshot-holder.ts'
import { sampleCatalogue, sampleItemIds, sampleItems } from './samples/catalogue.ts'
import { sampleSnapshot } from './samples/experiments.ts'
import { sampleInteraction } from './samples/interactions.ts'
import { sampleLoadedModel, sampleRankingModel } from './samples/models.ts'
import { sampleRequest } from './samples/serving.ts'
import { createTestMetrics } from './test-metrics.ts'

export const HYDRATION_DEADLINE_MS = 30
const COMMIT_DEADLINE_MS = 60
export const PRODUCER = 'personalization-1'
export const ITEM_IDS = sampleItemIds(60)

export function createTestRecommendationService(options: {
  readonly store: RecommendationServiceOptions['store']
  readonly experiments?: readonly SnapshotExperiment[]
  readonly model?: LoadedModel | null
  readonly previous?: LoadedModel
  readonly pinned?: readonly LoadedModel[]
  readonly unloadable?: readonly string[]
  readonly outboxLimit?: number
  readonly catalogue?: Catalogue
  readonly sources?: readonly CandidateSource[]
  readonly slateTargetMs?: number
  readonly candidateLogRate?: number
}) {
  const remembered = createRememberedOpinions()
  const { store, model = sampleLoadedModel(sampleRankingModel(ITEM_IDS)) } = options
  const { catalogue = sampleCatalogue(sampleItems(60), ITEM_IDS.toReversed()) } = options
  const models = createLoadedModels()
  models.replace({
    production: model,
    previous: options.previous ?? null,
    pinned: options.pinned ?? [],
    unloadable: new Set(options.unloadable),
  })
  const snapshots = createSnapshotHolder()
  if (options.experiments !== undefined) snapshots.replace(sampleSnapshot(...options.experiments))
  const outboxGate = createOutboxGate({ limit: options.outboxLimit ?? 1000 })
  const ledger = createServedLedger()
  const metrics = createTestMetrics()
  const captured = captureLog()
  const service = createRecommendationService({
    store,
    index: { ...catalogue, ready: () => true },
    models,
    snapshots,
    outboxGate,
    ledger,
    remembered,
    clock: { now: () => Date.now() },
    random: systemRandom,
    log: captured.log,
    metrics,
    producer: PRODUCER,
    candidateLogRate: options.candidateLogRate ?? 0,
    ...(options.sources === undefined ? {} : { sources: options.sources }),
    limits: {
      hydrationDeadlineMs: HYDRATION_DEADLINE_MS,
      commitDeadlineMs: COMMIT_DEADLINE_MS,
      slateTargetMs: options.slateTargetMs ?? 60_000,
    },
  })
  return {
    recommend: (overrides: Partial<RecommendationRequest> = {}) =>
      service.recommend(sampleRequest({ size: 5, attributes: { device: 'tv' }, ...overrides })),
    similarItems: service.similarItems,
    models,
    snapshots,
    outboxGate,
    ledger,
    remembered,
    lines: captured.lines,
    metric: async (name: string) => (await metrics.registry.getSingleMetric(name)?.get())?.values ?? [],
  }
}

export function expectUnassigned(slate: Slate): void {
  expect(slate.assignments).toEqual([])
  expect(slate.snapshotVersion).toBeNull()
  expect(slate.exposureContext).toBe(encodeExposureContext(EMPTY_EXPOSURE_CONTEXT))
  expect(slate.items).toHaveLength(5)
}

/** A real store, the part of it that the service is given, and the slates that were saved through that part. */
export type WatchedStore = {
  readonly store: PersonalizationStore
  readonly watched: RecommendationServiceOptions['store']
  readonly saved: readonly { readonly slate: Slate; readonly events: readonly IngestEvent[] }[]
}

/** An embedded datastore in memory, in which `u1` has consumed `i7`. */
export async function openWatchedStore(): Promise<WatchedStore> {
  const store = await openPersonalizationStore('sqlite::memory:')
  await store.importInteractions([sampleInteraction('event-1', { itemId: 'i7' })])
  const saved: { slate: Slate; events: readonly IngestEvent[] }[] = []
  return {
    store,
    saved,
    watched: {
      servingHistory: store.servingHistory,
      async saveSlate(slate, events, candidates) {
        await store.saveSlate(slate, events, candidates)
        saved.push({ slate, events })
      },
    },
  }
}
