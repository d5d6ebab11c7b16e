import { Readable } from 'node:stream'
import { COMMON_ERRORS, ServiceError, serviceError } from '@bulkhead/service/errors'
import { formatGraphqlError } from '@bulkhead/service/graphql/errors'
import type { Logger } from '@bulkhead/service/logging'
import type { Metrics } from '@bulkhead/service/metrics'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { GraphQLError } from 'graphql'
import type { Chunk } from '../execution/deferred-parts.ts'
import { type Answer, type Deadlines, executeOperation } from '../execution/execute-operation.ts'
import type { Authenticate } from '../identity/authenticate.ts'
import type { RequestObserver } from '../observability/request-observer.ts'
import { accessOf } from '../operations/authorize-operation.ts'
import type { OperationCache } from '../operations/operation-cache.ts'
import type { PersistedOperations } from '../persisted-operations/persisted-operations.ts'
import type { Admit } from '../protection/rate-limit.ts'
import { Cancellation } from '../subgraphs/cancellation.ts'
import type { SubgraphFetch } from '../subgraphs/fetch-subgraph.ts'
import { answerBody } from './answer-body.ts'
import { authenticationHook } from './authentication.ts'
import { MULTIPART_TYPE, multipartBody } from './multipart.ts'
import { acceptedAnswer, JSON_TYPE } from './negotiation.ts'
import { readGraphqlRequest } from './request-body.ts'
import { type RequestTrace, traceRequest } from './tracing.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Cancelled when the connection is closed before the answer is complete. Null until the request is observed. */
    cancellation: Cancellation | null
  }
}

export type GraphqlRouteOptions = {
  readonly authenticate: Authenticate
  /** The operations of the supergraph in use. */
  operations(): OperationCache
  readonly persistedOperations: PersistedOperations
  /** Runs before the body is read. */
  readonly admit: Admit
  readonly fetch: SubgraphFetch
  readonly deadlines: Deadlines
  readonly observer: RequestObserver
  readonly log: Logger
  readonly metrics: Metrics
}

const INTERNAL_STATUS = COMMON_ERRORS.INTERNAL.httpStatus

const NOT_ACCEPTABLE = serviceError(
  COMMON_ERRORS.BAD_REQUEST,
  'Accept application/json, application/graphql-response+json or multipart/mixed;deferSpec=20220824.',
)

/** Mounts `POST /graphql`. */
export function mountGraphqlRoute(app: FastifyInstance, options: GraphqlRouteOptions): void {
  const { observer } = options
  const executed = options.metrics.counter({
    name: 'bulkhead_graphql_operations_total',
    help: 'GraphQL operations that passed validation, by kind: query or mutation',
    labelNames: ['kind'],
  })
  const deferredParts = options.metrics.counter({
    name: 'bulkhead_deferred_parts_total',
    help: 'Deferred parts sent, by outcome: complete or with errors',
    labelNames: ['outcome'],
  })
  app.decorateRequest('caller', null)
  app.decorateRequest('cancellation', null)
  app.decorateRequest('observed', null)
  app.route({
    method: 'POST',
    url: '/graphql',
    // All before the body is read, so that what is refused cannot make the gateway parse anything.
    onRequest: [
      function observe(request, reply, done) {
        observer.begin(request)
        const cancellation = new Cancellation()
        request.cancellation = cancellation
        // Fastify tells nobody of a client that left before the end.
        reply.raw.once('close', () => {
          observer.end(request, reply)
          if (!reply.raw.writableFinished) cancellation.cancel()
        })
        done()
      },
      authenticationHook(options.authenticate, (error, request, reply) => {
        // Refused tokens count for the address that sends them.
        refuseEarly(reply, options.admit(request, reply) ?? error)
      }),
      function admit(request, reply, done) {
        const refusal = options.admit(request, reply)
        if (refusal) refuseEarly(reply, refusal)
        else done()
      },
    ],
    async handler(request, reply) {
      try {
        return await answer(request, reply)
      } catch (error) {
        return refuse(reply, INTERNAL_STATUS, [error])
      }
    },
    onResponse(request, reply, done) {
      observer.end(request, reply)
      done()
    },
  })

  function refuseEarly(reply: FastifyReply, error: unknown): void {
    const status = error instanceof ServiceError ? error.httpStatus : INTERNAL_STATUS
    if (status === COMMON_ERRORS.UNAUTHENTICATED.httpStatus) reply.header('www-authenticate', 'Bearer')
    void refuse(reply.type(JSON_TYPE), status, [error])
  }

  async function answer(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const accepted = acceptedAnswer(request.headers.accept)
    if (accepted.contentType === null) return refuse(reply, 406, [NOT_ACCEPTABLE])
    reply.type(accepted.contentType)
    const read = readGraphqlRequest(request.body)
    if (read instanceof ServiceError) return refuse(reply, read.httpStatus, [read])
    const { hash, operationName, variables } = read
    const query = options.persistedOperations.documentOf(read)
    if (query instanceof ServiceError) return refuse(reply, query.httpStatus, [query])
    const operation = options.operations().prepare({ query, operationName, acceptsParts: accepted.parts })
    if (!('compiledFor' in operation)) return refuse(reply, 400, operation)
    if (hash !== undefined) options.persistedOperations.register(hash, query)
    const refused = operation.refuseVariables(variables)
    if (refused) return refuse(reply, refused.httpStatus, [refused])
    const checked = operation.coerceVariables(variables)
    if ('errors' in checked) return refuse(reply, 400, checked.errors)
    const tooCostly = operation.refuseCost(checked.coerced)
    if (tooCostly) return refuse(reply, tooCostly.httpStatus, [tooCostly])
    const { operation: kind, name } = operation.operation
    executed.inc({ kind })
    const { id: requestId, headers } = request
    const traced = traceRequest(options.fetch, { requestId, kind, name: name?.value, headers })
    try {
      observer.executing(request, operation, variables)
      const allows = accessOf(request.caller?.identity ?? null)
      const form = operation.compiledFor(checked.coerced, allows)
      if (form.deferIgnored !== null) observer.deferIgnored(form.deferIgnored)
      const { initial, verbatim, later } = await executeOperation(form, {
        variables,
        coercedVariables: checked.coerced,
        fetch: traced.fetch,
        deadlines: options.deadlines,
        requestId,
        caller: request.caller,
        cancellation: request.cancellation,
      })
      observer.answered(request, initial.errors)
      traced.sent({ parts: 1, errors: initial.errors.length })
      if (later) return sendParts(reply, initial, later, traced)
      traced.end()
      return verbatim ? reply.code(200).send(verbatim) : send(reply, 200, answerBody(initial))
    } catch (error) {
      traced.end()
      throw error
    }
  }

  function sendParts(
    reply: FastifyReply,
    initial: Answer,
    later: AsyncIterable<Chunk>,
    traced: RequestTrace,
  ): FastifyReply {
    const body = multipartBody(initial, later, {
      onChunk({ incremental = [] }) {
        const failed = incremental.filter(({ errors = [] }) => errors.length > 0).length
        deferredParts.inc({ outcome: 'complete' }, incremental.length - failed)
        deferredParts.inc({ outcome: 'with errors' }, failed)
        traced.sent({ parts: incremental.length, errors: failed })
        observer.answeredLater(reply.request, incremental)
      },
      onEnd: traced.end,
      publicError: (error) => publicError(error, reply.request.id, options),
    })
    return reply.type(MULTIPART_TYPE).send(Readable.from(body))
  }

  function refuse(reply: FastifyReply, status: number, mistakes: readonly unknown[]): FastifyReply {
    const errors = mistakes.map((mistake) => publicError(mistake, reply.request.id, options))
    observer.answered(reply.request, errors)
    return send(reply, status, { errors })
  }
}

function send(reply: FastifyReply, status: number, body: object): FastifyReply {
  return reply.code(status).send(JSON.stringify(body))
}

/** The client's own mistakes as they are; anything else masked, and logged once. */
function publicError(error: unknown, requestId: string, { log }: GraphqlRouteOptions) {
  const graphqlError =
    error instanceof GraphQLError
      ? error
      : new GraphQLError('', { originalError: error instanceof Error ? error : new Error(String(error)) })
  return formatGraphqlError(graphqlError.toJSON(), graphqlError, { requestId, log })
}
