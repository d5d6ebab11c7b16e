import type { GraphQLDataSource, GraphQLDataSourceProcessOptions } from '@apollo/gateway'
import type { Clock } from '@bulkhead/service/clock'
import { createFailureLog } from '@bulkhead/service/failure-log'
import type { Logger } from '@bulkhead/service/logging'
import type { Counter } from '@bulkhead/service/metrics'
import { type DocumentNode, parse } from 'graphql'
import { GATEWAY_ERRORS } from './errors.ts'
import { type FetchFailure, failedFetch } from './failed-fetch.ts'
import type { SubgraphClient, SubgraphOutcome } from './subgraph-client.ts'
import { readSubgraphErrors, summarize } from './subgraph-errors.ts'

/** What a resolver context carries through the gateway. */
export type GatewayContext = { readonly requestId: string }

export type Deadlines = {
  /** For `_entities`: what another subgraph's answer is decorated with. */
  readonly entityMs: number
  /** For root fields: the answer itself. */
  readonly rootMs: number
}

/** A subgraph that now fails and now succeeds must not write a line a request: its outage lasts until it is quiet. */
const QUIET_MS = 5_000

type GatewayResponse = Awaited<ReturnType<GraphQLDataSource['process']>>
type GatewayRequest = GraphQLDataSourceProcessOptions['request']

function failureOf(
  outcome: Exclude<SubgraphOutcome, { type: 'answered' }>,
  subgraph: string,
  deadlineMs: number,
): FetchFailure {
  const { SUBGRAPH_DEADLINE, SUBGRAPH_UNAVAILABLE, SUBGRAPH_INVALID_RESPONSE } = GATEWAY_ERRORS
  const failure = ({ code, retryable }: { code: string; retryable: boolean }, message: string) => ({
    ...{ code, retryable, message },
  })
  switch (outcome.type) {
    case 'deadline':
      return failure(SUBGRAPH_DEADLINE, `${subgraph} did not answer within ${deadlineMs} ms`)
    case 'unavailable':
      return failure(SUBGRAPH_UNAVAILABLE, `${subgraph} is not available`)
    case 'invalid':
      return failure(SUBGRAPH_INVALID_RESPONSE, `${subgraph} gave an answer that cannot be read`)
  }
}

/** A client's own variable may have the planner's name: what makes a fetch one of entities is the field. */
function representationsOf({ query, variables }: GatewayRequest): readonly unknown[] | undefined {
  return Array.isArray(variables?.representations) && query?.includes('_entities(')
    ? variables.representations
    : undefined
}

/**
 * Brings one subgraph's answers to ApolloGateway. A fetch that fails is answered with nulls and an error on each
 * field, never thrown: the other subgraph's part of the answer stands, and the client learns what is missing where.
 */
export function createSubgraphDataSource(options: {
  readonly subgraph: string
  readonly client: SubgraphClient
  readonly deadlines: Deadlines
  readonly clock: Clock
  readonly log: Logger
  /** Labelled by subgraph and outcome. */
  readonly fetches: Counter<'subgraph' | 'outcome'>
}): GraphQLDataSource<GatewayContext> {
  const { subgraph, client, deadlines, fetches } = options
  const failures = createFailureLog({
    log: options.log.child({ subgraph }),
    clock: options.clock,
    what: 'subgraph fetches',
    meanwhile: 'further failures are logged at debug until one succeeds',
    quietMs: QUIET_MS,
  })

  async function fetch(
    request: GatewayRequest,
    document: DocumentNode | undefined,
    requestId: string,
  ): Promise<GatewayResponse> {
    const { query = '', variables, operationName } = request
    const representations = representationsOf(request)
    const deadlineMs = representations ? deadlines.entityMs : deadlines.rootMs
    const outcome = await client.fetch({ query, variables, operationName, requestId, deadlineMs })
    fetches.inc({ subgraph, outcome: outcome.type })
    const asked = () => ({ document: document ?? parse(query), variables, representations })

    if (outcome.type !== 'answered') {
      const failure = failureOf(outcome, subgraph, deadlineMs)
      const detail = 'detail' in outcome ? outcome.detail : failure.message
      failures.failed(failure.code, { requestId, detail })
      return failedFetch(asked(), failure) as GatewayResponse
    }
    failures.succeeded()
    const { data } = outcome.response
    const errors = readSubgraphErrors(outcome.response.errors, {
      subgraph,
      ofEntities: representations !== undefined,
    })
    // Without data nothing says which field failed but the errors' own paths: every field gets one that does.
    if (data === undefined || data === null) {
      return failedFetch({ ...asked(), errors }, summarize(errors, subgraph)) as GatewayResponse
    }
    return { data, ...(errors.length === 0 ? {} : { errors }) } as GatewayResponse
  }

  return {
    process: (options) =>
      'incomingRequestContext' in options
        ? fetch(options.request, options.document, options.context.requestId)
        : fetch(options.request, undefined, 'gateway'),
  }
}
