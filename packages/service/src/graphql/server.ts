import { ApolloServer, type ApolloServerPlugin, type BaseContext } from '@apollo/server'
import {
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled'
import { fastifyApolloHandler } from '@as-integrations/fastify'
import type { FastifyInstance, FastifyRequest, onRequestHookHandler } from 'fastify'
import { GraphQLError, type GraphQLFormattedError, type GraphQLSchema } from 'graphql'
import { type ErrorRegistry, type ServiceError, toServiceError } from '../errors.ts'
import type { Logger } from '../logging.ts'
import type { Metrics } from '../metrics.ts'
import { DOCUMENT_RULES, PARSE_OPTIONS, refuseTooDeep } from './document-limits.ts'
import { currentScope, formatGraphqlError, requestScope } from './errors.ts'

type ApolloServerSettings = {
  schema: GraphQLSchema
  log: Logger
  metrics: Metrics
  introspection: boolean
  /** The service's own registry. GraphQLErrors with one of its codes are not masked. */
  errors?: ErrorRegistry
}

/**
 * An Apollo Server with this project's error formatting, metrics and defaults: no reports to the vendor, no inline
 * traces, no landing page, no batching, CSRF prevention, bounded documents.
 */
function createApolloServer<Context extends BaseContext>(
  options: ApolloServerSettings,
): ApolloServer<Context> {
  const { log } = options
  const plugins: ApolloServerPlugin<Context>[] = [
    ApolloServerPluginInlineTraceDisabled(),
    ApolloServerPluginUsageReportingDisabled(),
    ApolloServerPluginLandingPageDisabled(),
    countOperations(options.metrics),
  ]
  return new ApolloServer<Context>({
    schema: options.schema,
    parseOptions: PARSE_OPTIONS,
    validationRules: [...DOCUMENT_RULES],
    introspection: options.introspection,
    includeStacktraceInErrorResponses: false,
    allowBatchedHttpRequests: false,
    csrfPrevention: true,
    persistedQueries: false,
    stopOnTerminationSignals: false,
    logger: log.child({ component: 'apollo' }),
    plugins,
    formatError: (formatted: GraphQLFormattedError, error: unknown) =>
      formatGraphqlError(formatted, error, currentScope(log), options.errors),
  })
}

export type MountGraphqlOptions<Context extends BaseContext> = ApolloServerSettings & {
  /** Called per request; makes its loaders. An error that it throws becomes the only error of the answer. */
  createContext(request: FastifyRequest): Context | Promise<Context>
  /** Runs before the body is read, for `requireGatewaySecret`. */
  onRequest?: onRequestHookHandler | onRequestHookHandler[]
}

/**
 * Mounts GraphQL at `POST /graphql`. The server starts here, and stops after the last request when the app closes.
 * Fastify's body limit, media types and error handler apply first.
 */
export async function mountGraphql<Context extends BaseContext>(
  app: FastifyInstance,
  options: MountGraphqlOptions<Context>,
): Promise<ApolloServer<Context>> {
  const server = createApolloServer<Context>(options)
  await server.start()
  app.addHook('onClose', () => server.stop())
  const handle = fastifyApolloHandler(server, {
    async context(request) {
      try {
        return await options.createContext(request)
      } catch (error) {
        throw contextError(error)
      }
    },
  })
  app.route({
    method: 'POST',
    url: '/graphql',
    ...(options.onRequest === undefined ? {} : { onRequest: options.onRequest }),
    handler(request, reply) {
      // The validation rules would come too late: Apollo's parser recurses into the document before they run.
      const refusal = refuseTooDeep(request.body)
      if (refusal) return reply.code(refusal.httpStatus).send(refusedAnswer(refusal, request.id))
      return requestScope.run({ requestId: request.id, log: options.log }, () =>
        handle.call(app, request, reply),
      )
    },
  })
  return server
}

function refusedAnswer({ code, retryable, message }: ServiceError, requestId: string) {
  return {
    errors: [{ message, extensions: { code, retryable, requestId } }],
  }
}

/** An error of the context with its HTTP status. Without one, Apollo answers 500. */
function contextError(error: unknown): unknown {
  const known = toServiceError(error)
  if (known === undefined) return error
  return new GraphQLError(known.message, {
    originalError: known,
    extensions: { code: known.code, http: { status: known.httpStatus } },
  })
}

/** Counts by kind, not by operation name: clients choose the names, so there is no limit to them. */
function countOperations<Context extends BaseContext>(metrics: Metrics): ApolloServerPlugin<Context> {
  const operations = metrics.counter({
    name: 'bulkhead_graphql_operations_total',
    help: 'GraphQL operations that passed validation, by kind: query, mutation, subscription or entities',
    labelNames: ['kind'],
  })
  return {
    async requestDidStart() {
      return {
        async didResolveOperation({ operation }) {
          if (operation === undefined) return
          const entities = operation.selectionSet.selections.some(
            (field) => field.kind === 'Field' && field.name.value === '_entities',
          )
          operations.inc({ kind: entities ? 'entities' : operation.operation })
        },
      }
    },
  }
}
