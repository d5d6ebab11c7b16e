import { AsyncLocalStorage } from 'node:async_hooks'
import { randomUUID } from 'node:crypto'
import { GraphQLError, type GraphQLFormattedError } from 'graphql'
import {
  COMMON_ERRORS,
  type ErrorDefinition,
  type ErrorRegistry,
  maskedError,
  toServiceError,
} from '../errors.ts'
import type { Logger } from '../logging.ts'

/** The request that an error belongs to. Apollo does not pass it to `formatError`, so it is kept in async context. */
export type RequestScope = { requestId: string; log: Logger }

export const requestScope = new AsyncLocalStorage<RequestScope>()

/** The scope of the current request. Outside of a request it is a new id, so that the log can still be searched. */
export function currentScope(log: Logger): RequestScope {
  return requestScope.getStore() ?? { requestId: randomUUID(), log }
}

/** Codes of Apollo and graphql-js for a client's mistakes. Their messages are written for clients. */
const CLIENT_CODES: ReadonlySet<string> = new Set([
  COMMON_ERRORS.BAD_REQUEST.code,
  COMMON_ERRORS.BAD_USER_INPUT.code,
  COMMON_ERRORS.GRAPHQL_PARSE_FAILED.code,
  COMMON_ERRORS.GRAPHQL_VALIDATION_FAILED.code,
  COMMON_ERRORS.OPERATION_RESOLUTION_FAILURE.code,
  COMMON_ERRORS.PERSISTED_QUERY_NOT_FOUND.code,
  COMMON_ERRORS.PERSISTED_QUERY_NOT_SUPPORTED.code,
])

/**
 * Gives every GraphQL error its public form:
 * - a ServiceError keeps its code, message, details and whether it is retryable;
 * - a mistake in the document or its variables keeps the message of graphql-js;
 * - a GraphQLError with a code in `errors` keeps its message;
 * - anything else is masked as INTERNAL, and logged once with the request id.
 *
 * The extensions are built here, so that nothing a library has put there, such as a stack or a URL, reaches the client.
 */
export function formatGraphqlError(
  formatted: GraphQLFormattedError,
  error: unknown,
  scope: RequestScope,
  errors: ErrorRegistry = {},
): GraphQLFormattedError {
  const cause = thrown(error)
  const place = {
    ...(formatted.locations === undefined ? {} : { locations: formatted.locations }),
    ...(formatted.path === undefined ? {} : { path: formatted.path }),
  }
  const { requestId } = scope

  const service = toServiceError(cause)
  if (service !== undefined) {
    if (service.httpStatus >= 500)
      scope.log.warn({ requestId, err: cause, path: formatted.path }, 'field failed')
    const { code, retryable, message, details } = service
    return {
      message,
      ...place,
      extensions: { code, retryable, requestId, ...(details === undefined ? {} : { details }) },
    }
  }

  // graphql-js copies the extensions of any thrown error, but only the code of a GraphQLError is meant for clients.
  const definition =
    cause instanceof GraphQLError ? (clientMistake(error, formatted) ?? registered(error, errors)) : undefined
  if (definition !== undefined) {
    const { code, retryable } = definition
    return { message: formatted.message, ...place, extensions: { code, retryable, requestId } }
  }

  scope.log.error({ requestId, err: cause, path: formatted.path }, 'field failed')
  const { code, retryable, message } = maskedError(requestId)
  return { message, ...place, extensions: { code, retryable, requestId } }
}

/** The error as it was thrown, without the GraphQLErrors around it. */
function thrown(error: unknown): unknown {
  let inner = error
  while (inner instanceof GraphQLError && inner.originalError !== undefined) inner = inner.originalError
  return inner
}

function clientMistake(error: unknown, formatted: GraphQLFormattedError): ErrorDefinition | undefined {
  const code = formatted.extensions?.code
  if (typeof code === 'string' && CLIENT_CODES.has(code)) {
    return COMMON_ERRORS[code as keyof typeof COMMON_ERRORS]
  }
  return isArgumentCoercionError(error) ? COMMON_ERRORS.BAD_USER_INPUT : undefined
}

/**
 * A variable may be null for an argument that must not be null: validation allows it if the argument has a default, and
 * the error that follows has no code. It points at the value, while errors of resolvers and of serialisation point at
 * the field.
 */
function isArgumentCoercionError(error: unknown): boolean {
  if (!(error instanceof GraphQLError) || !(error.originalError instanceof GraphQLError)) return false
  const kind = error.nodes?.[0]?.kind
  return kind !== undefined && kind !== 'Field'
}

function registered(error: unknown, errors: ErrorRegistry): ErrorDefinition | undefined {
  const code = error instanceof GraphQLError ? error.extensions.code : undefined
  return typeof code === 'string' && Object.hasOwn(errors, code) ? errors[code] : undefined
}
