import { Readable } from 'node:stream'
import {
  COMMON_ERRORS,
  ServiceError as KnownError,
  type ServiceError,
  serviceError,
} from '@bulkhead/service/errors'
import { refuseTooDeep } from '@bulkhead/service/graphql/document-limits'
import { formatGraphqlError } from '@bulkhead/service/graphql/errors'
import type { Logger } from '@bulkhead/service/logging'
import type { Metrics } from '@bulkhead/service/metrics'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { GraphQLError } from 'graphql'
import { getVariableValues } from 'graphql/execution/values.js'
import { type Deadlines, type Execution, executeOperation } from '../execution/execute-operation.ts'
import type { OperationCache } from '../operations/operation-cache.ts'
import type { PreparedOperation } from '../operations/prepare-operation.ts'
import type { SubgraphFetch } from '../subgraphs/fetch-subgraph.ts'
import { answerBody } from './answer-body.ts'
import { MULTIPART_TYPE, multipartBody } from './multipart.ts'
import { acceptedAnswer } from './negotiation.ts'
import { type GraphqlRequest, readGraphqlRequest } from './request-body.ts'

export type GraphqlRouteOptions = {
  /** The operations of the supergraph in use. */
  operations(): OperationCache
  readonly fetch: SubgraphFetch
  readonly deadlines: Deadlines
  readonly log: Logger
  readonly metrics: Metrics
}

/** Mounts `POST /graphql`. */
export function mountGraphqlRoute(app: FastifyInstance, options: GraphqlRouteOptions): void {
  const executed = options.metrics.counter({
    name: 'bulkhead_graphql_operations_total',
    help: 'GraphQL operations that passed validation, by kind: query or mutation',
    labelNames: ['kind'],
  })
  app.post('/graphql', async (request, reply) => {
    const accepted = acceptedAnswer(request.headers.accept)
    if (accepted.contentType === null) {
      const message =
        'Accept application/json, application/graphql-response+json or multipart/mixed;deferSpec=20220824.'
      return refuse(reply, 406, [serviceError(COMMON_ERRORS.BAD_REQUEST, message)], options)
    }
    reply.type(accepted.contentType)
    const read = refuseTooDeep(request.body) ?? readGraphqlRequest(request.body)
    if (read instanceof KnownError) return refuse(reply, read.httpStatus, [read], options)
    const operation = options.operations().prepare({
      query: read.query,
      operationName: read.operationName,
      acceptsParts: accepted.parts,
    })
    if (!('compiledFor' in operation)) return refuse(reply, 400, operation, options)
    const checked = coerceVariables(operation, read.variables)
    if ('errors' in checked) return refuse(reply, 400, checked.errors, options)
    executed.inc({ kind: operation.operation.operation })

    const execution = await executeOperation(operation.compiledFor(checked.coerced), {
      variables: read.variables,
      coercedVariables: checked.coerced,
      fetch: options.fetch,
      deadlines: options.deadlines,
      requestId: request.id,
      authorization: undefined,
      signal: signalOf(request, reply),
    })
    return answer(reply, execution)
  })
}

function answer(reply: FastifyReply, { initial, later }: Execution): FastifyReply {
  if (!later) return reply.send(JSON.stringify(answerBody(initial)))
  return reply.type(MULTIPART_TYPE).send(Readable.from(multipartBody(initial, later)))
}

/** The variables with defaults, or the client's mistakes. */
function coerceVariables(
  { operation, supergraph }: PreparedOperation,
  variables: GraphqlRequest['variables'],
): { coerced: Readonly<Record<string, unknown>> } | { errors: readonly GraphQLError[] } {
  const definitions = operation.variableDefinitions ?? []
  if (definitions.length === 0) return { coerced: {} }
  const { coerced, errors } = getVariableValues(supergraph.schema, definitions, variables)
  return errors ? { errors: errors.map(userInputError) } : { coerced }
}

function userInputError({ message, nodes }: GraphQLError): GraphQLError {
  return new GraphQLError(message, {
    nodes: nodes ?? null,
    extensions: { code: COMMON_ERRORS.BAD_USER_INPUT.code },
  })
}

/** Aborts when the connection is closed before the answer is complete. */
function signalOf(_request: FastifyRequest, reply: FastifyReply): AbortSignal {
  const controller = new AbortController()
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) controller.abort()
  })
  return controller.signal
}

function refuse(
  reply: FastifyReply,
  status: number,
  errors: readonly (ServiceError | GraphQLError)[],
  { log }: GraphqlRouteOptions,
): FastifyReply {
  const scope = { requestId: reply.request.id, log }
  const formatted = errors.map((error) => {
    const graphqlError =
      error instanceof GraphQLError ? error : new GraphQLError(error.message, { originalError: error })
    return formatGraphqlError(graphqlError.toJSON(), graphqlError, scope)
  })
  return reply.code(status).send(JSON.stringify({ errors: formatted }))
}
