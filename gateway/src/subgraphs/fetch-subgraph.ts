import { GATEWAY_ERRORS } from '../errors.ts'
import type { FetchFailure, ResponseError } from './failed-fetch.ts'
import type { SubgraphClient, SubgraphRequest } from './subgraph-client.ts'
import { readSubgraphErrors, summarize } from './subgraph-errors.ts'

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

/** INTERIM, replaced by the helper's. */
export function createSubgraphFetch(options: { clientOf(subgraph: string): SubgraphClient }): SubgraphFetch {
  return async (request) => {
    const outcome = await options.clientOf(request.subgraph).fetch(request)
    if (outcome.type !== 'answered') {
      const { code, retryable } = GATEWAY_ERRORS.SUBGRAPH_UNAVAILABLE
      return { data: null, errors: [], failure: { code, retryable, message: 'x' } }
    }
    const { data } = outcome.response
    const errors = readSubgraphErrors(outcome.response.errors, request)
    if (!data) return { data: null, errors, failure: summarize(errors, request.subgraph) }
    return { data, errors, failure: null }
  }
}
