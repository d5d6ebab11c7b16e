import type { FetchFailure, ResponseError } from './failed-fetch.ts'
import type { SubgraphRequest } from './subgraph-client.ts'

/** What one fetch brought. */
export type FetchAnswer = {
  readonly data: Record<string, unknown> | null
  /** Sanitized; paths as the subgraph gave them. */
  readonly errors: readonly ResponseError[]
  /** Set where no usable data came: why, for every field that was asked for. */
  readonly failure: FetchFailure | null
}

/** Fetches from a subgraph by name. Never rejects. */
export type SubgraphFetch = (
  request: SubgraphRequest & { readonly subgraph: string; readonly ofEntities: boolean },
) => Promise<FetchAnswer>
