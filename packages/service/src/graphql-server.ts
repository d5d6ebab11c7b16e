import {
  ApolloServer,
  type ApolloServerOptions,
  type ApolloServerPlugin,
  type BaseContext,
} from '@apollo/server'
import {
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled'
import { fastifyApolloHandler } from '@as-integrations/fastify'
import type { FastifyInstance, FastifyRequest, onRequestHookHandler } from 'fastify'
import { GraphQLError, type GraphQLFormattedError, type GraphQLSchema } from 'graphql'
import { depthRule, finiteNumberRule, MAX_SELECTIONS, MAX_TOKENS, refuseTooDeep } from './document-limits.ts'
import { type ErrorRegistry, type ServiceError, toServiceError } from './errors.ts'
import { currentScope, formatGraphqlError, type RequestScope, requestScope } from './graphql-errors.ts'
import type { Logger } from './logging.ts'
import type { Metrics } from './metrics.ts'

/** A subgraph passes its schema; the gateway passes Apollo's gateway interface. */
type SchemaSource =
  | { schema: GraphQLSchema; gateway?: never }
  | { schema?: never; gateway: NonNullable<ApolloServerOptions<BaseContext>['gateway']> }

type ApolloServerSettings = SchemaSource & {
  log: Logger
  metrics: Metrics
  introspection: boolean
  /** The service's registry: GraphQLErrors with one of these codes pass unmasked. */
  errors?: ErrorRegistry
  /** Asked first; what it leaves undefined goes to `formatGraphqlError`. */
  formatError?(
    formatted: GraphQLFormattedError,
    error: unknown,
    scope: RequestScope,
  ): GraphQLFormattedError | undefined
}

/**
 * An Apollo Server with this project's error formatting, metrics and defaults: nothing is reported to anyone,
 * no inline traces, no landing page, no batching, CSRF prevention on, documents bounded.
 */
function createApolloServer<Context extends BaseContext>(
  settings: ApolloServerSettings,
): ApolloServer<Context> {
  const { log } = settings
  const plugins: ApolloServerPlugin<Context>[] = [
    ApolloServerPluginInlineTraceDisabled(),
    ApolloServerPluginUsageReportingDisabled(),
    ApolloServerPluginLandingPageDisabled(),
    countOperations(settings.metrics),
  ]
  const shared = {
    parseOptions: { maxLexicalTokens: MAX_TOKENS, maxComments: MAX_TOKENS },
    maxRecursiveSelections: MAX_SELECTIONS,
    validationRules: [depthRule, finiteNumberRule],
    introspection: settings.introspection,
    includeStacktraceInErrorResponses: false,
    allowBatchedHttpRequests: false,
    csrfPrevention: true,
    persistedQueries: false as const,
    stopOnTerminationSignals: false,
    // Apollo says `error` of what our formatter has logged already.
    logger: log.child({ component: 'apollo' }),
    plugins,
    formatError(formatted: GraphQLFormattedError, error: unknown) {
      const scope = currentScope(log)
      return (
        settings.formatError?.(formatted, error, scope) ??
        formatGraphqlError(formatted, error, scope, settings.errors)
      )
    },
  }
  return settings.gateway === undefined
    ? new ApolloServer<Context>({ ...shared, schema: settings.schema })
    : new ApolloServer<Context>({ ...shared, gateway: settings.gateway })
}

export type MountGraphqlOptions<Context extends BaseContext> = ApolloServerSettings & {
  /** Per request: loaders live here. What it throws becomes the answer's only error. */
  createContext(request: FastifyRequest): Context | Promise<Context>
  /** Runs before the body is read, for `requireGatewaySecret`. */
  onRequest?: onRequestHookHandler | onRequestHookHandler[]
}

/**
 * Mounts GraphQL at `POST /graphql`. The server starts here and stops after the last request when the app closes.
 * Fastify's body limit, media types and errors apply before GraphQL sees anything.
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
      // Apollo's parser and validation would recurse into it, out of reach of the rules: refused before they begin.
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

/** Apollo answers 500 to a failed context unless the error says otherwise. */
function contextError(error: unknown): unknown {
  const known = toServiceError(error)
  if (known === undefined) return error
  return new GraphQLError(known.message, {
    originalError: known,
    extensions: { code: known.code, http: { status: known.httpStatus } },
  })
}

/** Labels have four values at most: operation names are the clients' and would be unbounded. */
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
