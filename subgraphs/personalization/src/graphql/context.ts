import type { Identity } from '@bulkhead/service/identity/identity'
import type { ErasureService } from '../services/erasure-service.ts'
import type { InteractionService } from '../services/interaction-service.ts'
import type { ModelPathService } from '../services/model-path-service.ts'
import type { QaOverrideReader } from '../services/qa-override-reader.ts'
import type { Reader } from '../services/reader.ts'
import type { RecommendationService } from '../services/recommendation-service.ts'
import { createLoaders, type Loaders } from './loaders.ts'

/** What the resolvers call; one set per process. */
export type GraphqlServices = {
  readonly recommendations: RecommendationService
  readonly interactions: InteractionService
  readonly erasures: Pick<ErasureService, 'erase'>
  readonly reader: Reader
  readonly qaOverrides: QaOverrideReader
  readonly modelPath: ModelPathService
}

export type GraphqlContext = GraphqlServices & {
  readonly loaders: Loaders
  /** Who asks; null for anonymous. */
  readonly identity: Identity | null
}

/** A request's context: the services, and loaders of its own. */
export function createContext(services: GraphqlServices, identity: Identity | null): GraphqlContext {
  return { ...services, loaders: createLoaders(services.reader), identity }
}
