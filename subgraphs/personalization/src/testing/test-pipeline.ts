import { NO_ASSIGNMENTS } from '../domain/pipeline/assignment/assignment-plan.ts'
import { type Pipeline, runPipeline, type Serving } from '../domain/pipeline/pipeline.ts'
import type { Query } from '../domain/pipeline/query.ts'
import { CANDIDATE_SOURCES } from '../domain/pipeline/sources/candidate-sources.ts'
import { sampleQuery, sampleRequest } from './samples/serving.ts'
import { createTestObserver } from './test-observer.ts'

/** A pipeline that hydrates each request with the query's history, and assigns everyone its parameters. */
export function createTestPipeline(query: Query, overrides: Partial<Pipeline> = {}): Pipeline {
  return {
    hydration: {
      name: 'hydration',
      enabled: () => true,
      run: () => query.history,
      without: () => query.history,
    },
    assignment: {
      name: 'assignment',
      enabled: () => true,
      run: () => ({ ...NO_ASSIGNMENTS, parameters: query.parameters }),
      without: () => NO_ASSIGNMENTS,
    },
    whyUnrecordable: () => null,
    sources: CANDIDATE_SOURCES,
    models: {
      production: () => query.model,
      previous: () => query.standInModel,
      byVersionId: () => query.model,
      isAwaited: () => false,
    },
    canary: { modelFor: () => null },
    catalogue: query.catalogue,
    now: () => query.now,
    createSeed: () => query.seed,
    candidateLogRate: 0,
    observer: createTestObserver(),
    qualityFactor: () => 1,
    ...overrides,
  }
}

/** What the pipeline makes of a query, all else being as in `sampleQuery`. */
export function serveQuery(overrides: Partial<Query>, pipeline: Partial<Pipeline> = {}): Promise<Serving> {
  const query = sampleQuery(overrides)
  const { userId, surface, size, exclude, market } = query
  const request = sampleRequest({
    userId,
    surface,
    size,
    exclude: [...exclude],
    attributes: market === null ? null : { market },
  })
  return runPipeline(request, createTestPipeline(query, pipeline))
}
