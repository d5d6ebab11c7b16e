import {
  DEFAULT_PARAMETERS,
  type ServingParameters,
} from '../../domain/pipeline/assignment/serving-parameters.ts'
import type { Query, RecommendationRequest } from '../../domain/pipeline/query.ts'
import type { CandidateSource } from '../../domain/pipeline/sources/candidate-source.ts'
import { sampleCatalogue } from './catalogue.ts'
import { samplePlays } from './interactions.ts'
import { NOON } from './time.ts'

export const SAMPLE_SEED = '0123456789abcdef0123456789abcdef'

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
    standsInFor: null,
    failureCause: 'NO_CANDIDATES',
    modelOf: () => null,
    whyUnavailable: () => null,
    candidates: (_, { limit, isEligible }) =>
      itemIds
        .filter((itemId) => isEligible(itemId))
        .slice(0, limit)
        .map((itemId, rank) => ({ itemId, score: 1 / (rank + 1), creator: null, becauseOf: null })),
    reason: () => null,
    ...overrides,
  }
}

export function sampleRequest(overrides: Partial<RecommendationRequest> = {}): RecommendationRequest {
  return {
    userId: 'u1',
    surface: 'home',
    size: 20,
    exclude: [],
    attributes: null,
    overrides: [],
    ...overrides,
  }
}

export function sampleQuery(overrides: Partial<Query> = {}): Query {
  return {
    userId: 'u1',
    surface: 'home',
    size: 20,
    exclude: new Set(),
    now: NOON,
    market: null,
    history: samplePlays('known'),
    parameters: DEFAULT_PARAMETERS,
    model: null,
    standInModel: null,
    catalogue: sampleCatalogue([]),
    seed: SAMPLE_SEED,
    ...overrides,
  }
}
