import { AsyncLocalStorage } from 'node:async_hooks'
import { randomUUID } from 'node:crypto'
import { GraphQLError, type GraphQLFormattedError } from 'graphql'
import {
  COMMON_ERRORS,
  type ErrorDefinition,
  type ErrorRegistry,
  maskedError,
  toServiceError,
} from './errors.ts'
import type { Logger } from './logging.ts'

/** The request that an error belongs to; Apollo's `formatError` is not told, so it travels by async context. */
export type RequestScope = { requestId: string; log: Logger }

export const requestScope = new AsyncLocalStorage<RequestScope>()

/** The scope of the request at hand; outside of one, an id of its own, so that the log can still be searched. */
export function currentScope(log: Logger): RequestScope {
  return requestScope.getStore() ?? { requestId: randomUUID(), log }
}

/** What Apollo and graphql-js say of a client's mistakes; their messages are written for clients. */
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
 * The one place where a GraphQL error gets its public form: a ServiceError keeps its code, message, details and
 * whether a retry can help; mistakes in the document or its variables keep graphql-js's words; a GraphQLError
 * whose code is in `errors` passes as it is; all else is masked as INTERNAL and logged once with the request id.
 * Extensions are built anew: nothing that a library put there (stack, URL) can slip through.
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

  // graphql-js copies the extensions of whatever was thrown: only a GraphQLError means its code to be public.
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

/** What code threw, without the GraphQLErrors around it. */
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
 * graphql-js gives no code where a variable turns out null for an argument that must not be null, which
 * validation allows if the argument has a default. Such an error points at the value; those of resolvers and
 * of serialisation point at the field.
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
