import { hash } from 'node:crypto'
import type { Recipe } from '@bulkhead/contracts'
import { DEFAULT_EASE } from '../../domain/ease/parameters.ts'
import type { ModelVersion } from '../../domain/model-version.ts'
import type { LoadedModel } from '../../domain/pipeline/query.ts'
import type { HistoryItem, ModelCandidate, RecommendationModel } from '../../domain/recommendation-model.ts'
import { recipeOf } from '../../domain/training/recipe.ts'
import { NOON } from './time.ts'

/** What tests store as an artefact that nobody reads, and its true hash. */
export const SAMPLE_ARTEFACT = new Uint8Array([1])
export const SAMPLE_ARTEFACT_HASH = hash('sha256', SAMPLE_ARTEFACT, 'hex')

export const SAMPLE_RECIPE: Recipe = recipeOf('ease', DEFAULT_EASE)

export function sampleModelVersion(id: string, overrides: Partial<ModelVersion> = {}): ModelVersion {
  return {
    id,
    model: 'item-to-item',
    version: 1,
    algorithm: 'bm25-cosine',
    stage: 'REGISTERED',
    owner: 'ada',
    createdAt: NOON,
    artefactHash: 'hash',
    trainingData: { fingerprint: 'print', users: 3, items: 4, interactions: 12, cutoff: NOON - 1 },
    stageHistory: [{ from: null, to: 'REGISTERED', at: NOON, by: 'ada', reason: 'trained' }],
    ...overrides,
  }
}

/** A version that was promoted as it was made: `saveServing` stores it. */
export function sampleProductionVersion(id: string, overrides: Partial<ModelVersion> = {}): ModelVersion {
  const at = overrides.createdAt ?? NOON
  const by = { at, by: 'ada', reason: 'demo' }
  const stageHistory = [
    { from: null, to: 'REGISTERED', ...by },
    { from: 'REGISTERED', to: 'PRODUCTION', ...by },
  ] as const
  return sampleModelVersion(id, { stage: 'PRODUCTION', stageHistory, ...overrides })
}

export function sampleLoadedModel(model: RecommendationModel, id = 'item-to-item-v1'): LoadedModel {
  return { version: sampleProductionVersion(id), model }
}

/** A model that ranks the given ids, best first, whatever the history. */
export function sampleRankingModel(ids: readonly string[]): RecommendationModel {
  return {
    algorithm: 'ranking',
    itemCount: ids.length,
    itemIds: ids,
    recommend(history, limit, isEligible = () => true): readonly ModelCandidate[] {
      const known = new Set(history.map(({ itemId }: HistoryItem) => itemId))
      return ids
        .map((itemId, place) => ({ itemId, place }))
        .filter(({ itemId, place }) => !known.has(itemId) && isEligible(itemId, place))
        .slice(0, limit)
        .map((one, rank) => ({ ...one, score: 100 - rank, becauseOf: () => history[0]?.itemId ?? null }))
    },
  }
}

export function sampleFailingModel(): RecommendationModel {
  return {
    algorithm: 'failing',
    itemCount: 0,
    recommend() {
      throw new Error('the model is broken')
    },
  }
}
