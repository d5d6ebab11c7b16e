import type { JsonObject } from '@bulkhead/contracts'
import type { Slate } from '../domain/slate.ts'
import type { InteractionService } from '../services/interaction-service.ts'
import type { Reader } from '../services/reader.ts'
import { createLoaders, type Loaders } from './loaders.ts'

/** What one recommendation is asked for, checked. */
export type RecommendationRequest = {
  readonly userId: string
  readonly surface: string
  readonly size: number
  readonly exclude: readonly string[]
  readonly attributes: JsonObject | null
}

/** What the resolvers call; one set per process. */
export type GraphqlServices = {
  readonly recommendations: { recommend(request: RecommendationRequest): Promise<Slate> }
  readonly interactions: InteractionService
  readonly reader: Reader
}

export type GraphqlContext = GraphqlServices & { readonly loaders: Loaders }

/** A request's context: the services, and loaders of its own. */
export function createContext(services: GraphqlServices): GraphqlContext {
  return { ...services, loaders: createLoaders(services.reader) }
}
