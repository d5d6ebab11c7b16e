import type { InteractionType } from '@bulkhead/contracts'
import { BLOCKING_TYPES, TASTE_TYPES } from '../../domain/interaction.ts'
import type { Item } from '../../domain/item.ts'
import type { ModelVersion } from '../../domain/model-version.ts'
import {
  DEFAULT_PARAMETERS,
  type ServingParameters,
} from '../../domain/pipeline/assignment/serving-parameters.ts'
import { readHistory, type UserHistory } from '../../domain/pipeline/hydration/user-history.ts'
import type { Catalogue, LoadedModel, Query, RecommendationRequest } from '../../domain/pipeline/query.ts'
import type { CandidateSource } from '../../domain/pipeline/sources/candidate-source.ts'
import type { StageObserver } from '../../domain/pipeline/stage.ts'
import type { HistoryItem, ModelCandidate, RecommendationModel } from '../../domain/recommendation-model.ts'

export const SAMPLE_SEED = '0123456789abcdef0123456789abcdef'

export function sampleItem(id: string, overrides: Partial<Item> = {}): Item {
  return {
    id,
    title: `Title of ${id}`,
    creator: null,
    categories: [],
    available: true,
    createdAt: 0,
    attributes: null,
    ...overrides,
  }
}

/** `count` items `i0`, `i1`, ..., newest last. */
export function sampleItems(count: number, overrides: (index: number) => Partial<Item> = () => ({})): Item[] {
  return Array.from({ length: count }, (_, index) =>
    sampleItem(`i${index}`, { createdAt: index, ...overrides(index) }),
  )
}

/** The ids of `sampleItems(count)`. */
export function sampleItemIds(count: number): string[] {
  return sampleItems(count).map(({ id }) => id)
}

/** @param popular ids, most popular first */
export function sampleCatalogue(all: readonly Item[], popular: readonly string[] = []): Catalogue {
  const byId = new Map(all.map((one) => [one.id, one]))
  const newest = all
    .filter(({ available }) => available)
    .sort((a, b) => b.createdAt - a.createdAt)
    .map(({ id }) => id)
  return {
    itemById: (id) => byId.get(id),
    isAvailable: (id) => byId.get(id)?.available === true,
    popular: () => popular.map((itemId, rank) => ({ itemId, score: 1 / (rank + 1) })),
    staticItems: () => newest,
    size: () => all.length,
  }
}

/** A model that ranks the given ids, best first, whatever the history. */
export function rankingModel(ids: readonly string[]): RecommendationModel {
  return {
    algorithm: 'ranking',
    itemCount: ids.length,
    recommend(history, limit, isEligible = () => true): readonly ModelCandidate[] {
      const known = new Set(history.map(({ itemId }: HistoryItem) => itemId))
      return ids
        .filter((id) => !known.has(id) && isEligible(id))
        .slice(0, limit)
        .map((itemId, rank) => ({ itemId, score: 100 - rank, becauseOf: history[0]?.itemId ?? null }))
    },
  }
}

export function sampleModelVersion(id: string, overrides: Partial<ModelVersion> = {}): ModelVersion {
  return {
    id,
    model: 'item-to-item',
    version: 1,
    algorithm: 'item-to-item',
    stage: 'PRODUCTION',
    owner: 'tests',
    createdAt: 0,
    artefactHash: '',
    trainingData: { fingerprint: '', users: 0, items: 0, interactions: 0, cutoff: 0 },
    stageHistory: [],
    ...overrides,
  }
}

export function sampleLoadedModel(model: RecommendationModel, id = 'item-to-item-v1'): LoadedModel {
  return { version: sampleModelVersion(id), model }
}

export function failingModel(): RecommendationModel {
  return {
    algorithm: 'failing',
    itemCount: 0,
    recommend() {
      throw new Error('the model is broken')
    },
  }
}

/** A history of plays, newest first. */
export function samplePlays(...itemIds: string[]): UserHistory {
  return sampleHistory(itemIds.map((itemId) => [itemId, 'PLAY'] as const))
}

/** A history, newest first. */
export function sampleHistory(
  interactions: readonly (readonly [string, Exclude<InteractionType, 'IMPRESSION'>])[],
): UserHistory {
  const all = interactions.map(([itemId, type]) => ({ itemId, type }))
  return readHistory({
    recent: all.filter(({ type }) => TASTE_TYPES.includes(type)),
    blockedItemIds: all.filter(({ type }) => BLOCKING_TYPES.includes(type)).map(({ itemId }) => itemId),
  })
}

/** The default parameters with a mix of these sources, in equal shares. */
export function sampleMix(...names: string[]): ServingParameters {
  return { ...DEFAULT_PARAMETERS, mix: names.map((name) => ({ name, weight: 1 })) }
}

/** A candidate source of the given items, best first, that any query may ask. */
export function sampleSource(
  name: string,
  itemIds: readonly string[] = [],
  overrides: Partial<CandidateSource> = {},
): CandidateSource {
  return {
    name,
    rung: 'POPULAR',
    fillOrder: null,
    usesModel: false,
    failureCause: 'NO_CANDIDATES',
    whyUnavailable: () => null,
    candidates: (_, { limit, isEligible }) =>
      itemIds
        .filter(isEligible)
        .slice(0, limit)
        .map((itemId, rank) => ({ itemId, score: 1 / (rank + 1), creator: null, becauseOf: null })),
    reason: () => null,
    ...overrides,
  }
}

export function sampleRequest(overrides: Partial<RecommendationRequest> = {}): RecommendationRequest {
  return { userId: 'u1', surface: 'home', size: 20, exclude: [], attributes: null, ...overrides }
}

export function sampleQuery(overrides: Partial<Query> = {}): Query {
  return {
    userId: 'u1',
    surface: 'home',
    size: 20,
    exclude: new Set(),
    history: samplePlays('known'),
    parameters: DEFAULT_PARAMETERS,
    model: null,
    catalogue: sampleCatalogue([]),
    seed: SAMPLE_SEED,
    ...overrides,
  }
}

/** Remembers what failed; its clock stands still. */
export function createRecordingObserver(): StageObserver & {
  readonly failures: string[]
  readonly stages: string[]
} {
  const failures: string[] = []
  const stages: string[] = []
  return {
    failures,
    stages,
    now: () => 0,
    ended: (stage) => stages.push(stage),
    failed: (stage) => failures.push(stage),
  }
}
