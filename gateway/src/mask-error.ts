import type { RequestScope } from '@bulkhead/service/graphql/errors'
import { GraphQLError, type GraphQLFormattedError } from 'graphql'

/**
 * The public form of an error that a subgraph caused: message, path, code, details and the subgraph's name. Whatever
 * else Apollo's gateway adds, such as the original error, is left out. Undefined for errors that no subgraph caused.
 */
export function maskSubgraphError(
  formatted: GraphQLFormattedError,
  error: unknown,
  scope: RequestScope,
): GraphQLFormattedError | undefined {
  if (!(error instanceof GraphQLError)) return undefined
  const { serviceName, code, retryable, details } = error.extensions
  if (typeof serviceName !== 'string' || typeof code !== 'string') return undefined
  return {
    message: formatted.message,
    ...(formatted.path === undefined ? {} : { path: formatted.path }),
    extensions: {
      code,
      subgraph: serviceName,
      retryable: retryable === true,
      requestId: scope.requestId,
      ...(details === undefined ? {} : { details }),
    },
  }
}
