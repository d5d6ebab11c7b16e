import type { GraphQLDataSource, GraphQLDataSourceProcessOptions } from '@apollo/gateway'
import type { Clock } from '@bulkhead/service/clock'
import type { ErrorDefinition } from '@bulkhead/service/errors'
import { createFailureLog } from '@bulkhead/service/failure-log'
import type { Logger } from '@bulkhead/service/logging'
import type { Counter } from '@bulkhead/service/metrics'
import { type DocumentNode, parse } from 'graphql'
import type { GraphqlContext } from '../context.ts'
import { GATEWAY_ERRORS } from '../errors.ts'
import { type FetchFailure, failedFetch } from './failed-fetch.ts'
import type { SubgraphClient, SubgraphOutcome } from './subgraph-client.ts'
import { readSubgraphErrors, summarize } from './subgraph-errors.ts'

type Deadlines = {
  /** For `_entities`: fields that are added to another subgraph's answer. */
  readonly entityMs: number
  /** For root fields. */
  readonly rootMs: number
}

/** A subgraph that fails every other time would otherwise end its outage, and begin a new one, with each request. */
const QUIET_MS = 5_000

type GatewayResponse = Awaited<ReturnType<GraphQLDataSource['process']>>
type GatewayRequest = GraphQLDataSourceProcessOptions['request']

function failureOf(
  outcome: Exclude<SubgraphOutcome, { type: 'answered' }>,
  subgraph: string,
  deadlineMs: number,
): FetchFailure {
  switch (outcome.type) {
    case 'deadline':
      return failure(GATEWAY_ERRORS.SUBGRAPH_DEADLINE, `${subgraph} did not answer within ${deadlineMs} ms`)
    case 'unavailable':
      return failure(GATEWAY_ERRORS.SUBGRAPH_UNAVAILABLE, `${subgraph} is not available`)
    case 'invalid':
      return failure(
        GATEWAY_ERRORS.SUBGRAPH_INVALID_RESPONSE,
        `${subgraph} gave an answer that cannot be read`,
      )
  }
}

function failure({ code, retryable }: ErrorDefinition, message: string): FetchFailure {
  return { code, retryable, message }
}

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
  readonly client: SubgraphClient
  readonly deadlines: Deadlines
  readonly clock: Clock
  readonly log: Logger
  /** Labelled by subgraph and outcome. */
  readonly fetches: Counter<'subgraph' | 'outcome'>
}): GraphQLDataSource<GraphqlContext> {
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
    const fetched = () => ({ document: document ?? parse(query), variables, representations })

    if (outcome.type !== 'answered') {
      const failed = failureOf(outcome, subgraph, deadlineMs)
      const detail = 'detail' in outcome ? outcome.detail : failed.message
      failures.failed(failed.code, { requestId, detail })
      return failedFetch(fetched(), failed) as GatewayResponse
    }
    failures.succeeded()
    const { data } = outcome.response
    const errors = readSubgraphErrors(outcome.response.errors, {
      subgraph,
      ofEntities: representations !== undefined,
    })
    // Errors without a path would not say which fields are missing, so every field gets an error of its own.
    if (data === undefined || data === null) {
      return failedFetch({ ...fetched(), errors }, summarize(errors, subgraph)) as GatewayResponse
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
