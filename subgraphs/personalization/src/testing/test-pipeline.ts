import { runPipeline, type Serving } from '../domain/pipeline/pipeline.ts'
import type { Query } from '../domain/pipeline/query.ts'
import type { CandidateSource } from '../domain/pipeline/sources/candidate-source.ts'
import type { StageObserver } from '../domain/pipeline/stage.ts'
import { createRecordingObserver, sampleQuery } from './samples/serving.ts'

/** What the pipeline makes of a query, all else being as in `sampleQuery`. */
export function serveQuery(
  overrides: Partial<Query>,
  options: { readonly observer?: StageObserver; readonly sources?: readonly CandidateSource[] } = {},
): Promise<Serving> {
  const { observer = createRecordingObserver(), sources } = options
  return runPipeline(sampleQuery(overrides), observer, sources)
}
