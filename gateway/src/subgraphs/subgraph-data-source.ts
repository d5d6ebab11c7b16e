import type { GraphQLDataSource, GraphQLDataSourceProcessOptions } from '@apollo/gateway'
import { type DocumentNode, parse } from 'graphql'
import type { GraphqlContext } from '../context.ts'
import { failedFetch } from './failed-fetch.ts'
import type { SubgraphFetch } from './fetch-subgraph.ts'

type Deadlines = {
  /** For `_entities`: fields that are added to another subgraph's answer. */
  readonly entityMs: number
  /** For root fields. */
  readonly rootMs: number
}

type GatewayResponse = Awaited<ReturnType<GraphQLDataSource['process']>>
type GatewayRequest = GraphQLDataSourceProcessOptions['request']

/** Undefined for a fetch of root fields, which may have a variable named `representations` too: the client's own. */
function representationsOf({ query, variables }: GatewayRequest): readonly unknown[] | undefined {
  return Array.isArray(variables?.representations) && query?.includes('_entities(')
    ? variables.representations
    : undefined
}

/**
 * Fetches from one subgraph for ApolloGateway. A failed fetch does not throw: its answer has null and an error for each
 * field, so that the rest of the client's answer is kept and the client sees what is missing.
 */
export function createSubgraphDataSource(options: {
  readonly subgraph: string
  readonly fetch: SubgraphFetch
  readonly deadlines: Deadlines
}): GraphQLDataSource<GraphqlContext> {
  const { subgraph, deadlines } = options

  async function fetch(
    request: GatewayRequest,
    document: DocumentNode | undefined,
    requestId: string,
  ): Promise<GatewayResponse> {
    const { query = '', variables, operationName } = request
    const representations = representationsOf(request)
    const answer = await options.fetch({
      subgraph,
      body: JSON.stringify({ query, variables, operationName }),
      requestId,
      deadlineMs: representations ? deadlines.entityMs : deadlines.rootMs,
      effectFree: false,
      ofEntities: representations !== undefined,
      authorization: undefined,
      signal: undefined,
    })
    const { data, errors, failure } = answer
    if (failure) {
      const fetched = { document: document ?? parse(query), variables, representations, errors }
      return failedFetch(fetched, failure) as GatewayResponse
    }
    return { data, ...(errors.length === 0 ? {} : { errors }) } as GatewayResponse
  }

  return {
    process: (incoming) =>
      'incomingRequestContext' in incoming
        ? fetch(incoming.request, incoming.document, incoming.context.requestId)
        : fetch(incoming.request, undefined, 'gateway'),
  }
}
