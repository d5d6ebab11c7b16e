import type { GraphQLDataSource, GraphQLDataSourceProcessOptions } from '@apollo/gateway'
import type { Logger } from '@bulkhead/service/logging'
import type { Counter } from '@bulkhead/service/metrics'
import { type DocumentNode, parse } from 'graphql'
import { GATEWAY_ERRORS } from './errors.ts'
import { type FetchFailure, failedFetch } from './failed-fetch.ts'
import type { SubgraphClient, SubgraphOutcome } from './subgraph-client.ts'
import { readSubgraphErrors } from './subgraph-errors.ts'

/** What a resolver context carries through the gateway. */
export type GatewayContext = { readonly requestId: string }

export type Deadlines = {
  /** For `_entities`: what another subgraph's answer is decorated with. */
  readonly entityMs: number
  /** For root fields: the answer itself. */
  readonly rootMs: number
}

type GatewayResponse = Awaited<ReturnType<GraphQLDataSource['process']>>

const failureOf = (
  outcome: Exclude<SubgraphOutcome, { type: 'answered' }>,
  subgraph: string,
  deadlineMs: number,
): FetchFailure => {
  const { SUBGRAPH_DEADLINE, SUBGRAPH_UNAVAILABLE, SUBGRAPH_INVALID_RESPONSE } = GATEWAY_ERRORS
  switch (outcome.type) {
    case 'deadline':
      return { ...SUBGRAPH_DEADLINE, message: `${subgraph} did not answer within ${deadlineMs} ms` }
    case 'unavailable':
      return { ...SUBGRAPH_UNAVAILABLE, message: `${subgraph} is not available` }
    case 'invalid':
      return { ...SUBGRAPH_INVALID_RESPONSE, message: `${subgraph} gave an answer that cannot be read` }
  }
}

const representationsOf = (
  variables: Readonly<Record<string, unknown>> | undefined,
): readonly unknown[] | undefined =>
  Array.isArray(variables?.representations) ? variables.representations : undefined

/**
 * Brings one subgraph's answers to ApolloGateway. A fetch that fails is answered with nulls and an error on each
 * field, never thrown: the other subgraph's part of the answer stands, and the client learns what is missing where.
 */
export const createSubgraphDataSource = (options: {
  readonly subgraph: string
  readonly client: SubgraphClient
  readonly deadlines: Deadlines
  readonly log: Logger
  /** Labelled by subgraph and outcome. */
  readonly fetches: Counter<'subgraph' | 'outcome'>
}): GraphQLDataSource<GatewayContext> => {
  const { subgraph, client, deadlines, log, fetches } = options

  const fetch = async (
    request: GraphQLDataSourceProcessOptions['request'],
    document: DocumentNode | undefined,
    requestId: string,
  ): Promise<GatewayResponse> => {
    const query = request.query ?? ''
    const representations = representationsOf(request.variables)
    const deadlineMs = representations ? deadlines.entityMs : deadlines.rootMs
    const outcome = await client.fetch({
      query,
      variables: request.variables,
      operationName: request.operationName,
      requestId,
      deadlineMs,
    })
    fetches.inc({ subgraph, outcome: outcome.type })
    const nothing = (failure: FetchFailure) => failedFetch(document ?? parse(query), representations, failure)
    if (outcome.type !== 'answered') {
      const detail = 'detail' in outcome ? outcome.detail : `no answer within ${deadlineMs} ms`
      log.warn({ subgraph, requestId, outcome: outcome.type, detail }, 'subgraph fetch failed')
      return nothing(failureOf(outcome, subgraph, deadlineMs)) as GatewayResponse
    }
    const { data, errors } = outcome.response
    const read = readSubgraphErrors(errors)
    // Without data the whole operation was refused: say so at each field, as an error without a path says nothing.
    if (data === undefined || data === null) {
      return nothing(read.failure(subgraph)) as GatewayResponse
    }
    return { data, ...(read.errors.length === 0 ? {} : { errors: read.errors }) } as GatewayResponse
  }

  return {
    process: (options) =>
      'incomingRequestContext' in options
        ? fetch(options.request, options.document, options.context.requestId)
        : fetch(options.request, undefined, 'gateway'),
  }
}
