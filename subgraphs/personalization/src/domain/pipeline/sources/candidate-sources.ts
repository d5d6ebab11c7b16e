import type { CandidateSource } from './candidate-source.ts'
import { modelSource, previousModelSource } from './model.ts'
import { newSource } from './new.ts'
import { popularSource } from './popular.ts'
import { popularInCategoriesSource } from './popular-in-categories.ts'
import { staticSource } from './static.ts'
import { trendingSource } from './trending.ts'

/** Every candidate source that serves. */
export const CANDIDATE_SOURCES: readonly CandidateSource[] = [
  modelSource,
  previousModelSource,
  popularSource,
  popularInCategoriesSource,
  trendingSource,
  newSource,
  staticSource,
]
