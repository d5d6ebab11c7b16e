import type { CandidateSource } from './candidate-source.ts'
import { modelSource } from './model.ts'
import { popularSource } from './popular.ts'
import { staticSource } from './static.ts'

/** Every candidate source that serves. */
export const CANDIDATE_SOURCES: readonly CandidateSource[] = [modelSource, popularSource, staticSource]
