import { GATEWAY_ERRORS } from '../errors.ts'
import { isPrefixOf, MAX_ERRORS, type ResponseError } from '../subgraphs/failed-fetch.ts'
import type { CompiledPlan } from './plan/compile-plan.ts'
import { type ClientKeys, clientPath } from './response/client-keys.ts'
import type { ProjectionError } from './response/complete-value.ts'
import type { Path } from './response/response-path.ts'

/** An error as clients see it. */
export type ClientError = {
  readonly message: string
  readonly path?: Path
  readonly extensions: {
    readonly code: string
    readonly subgraph?: string
    readonly retryable: boolean
    readonly requestId: string
    readonly details?: Readonly<Record<string, unknown>>
  }
}

/** Message, path, code and details of an error from a subgraph, and nothing else of it. */
export function clientError(
  error: ResponseError,
  place: { readonly path: Path | undefined; readonly subgraph: string; readonly requestId: string },
): ClientError {
  const { code, retryable, details } = error.extensions ?? {}
  return {
    message: error.message,
    ...(place.path === undefined ? {} : { path: place.path }),
    extensions: {
      code: String(code),
      subgraph: place.subgraph,
      retryable: retryable === true,
      requestId: place.requestId,
      ...(typeof details === 'object' && details !== null ? { details: { ...details } } : {}),
    },
  }
}

/** The error with the path that the client knows. */
export function atClientPath(error: ClientError, keys: ClientKeys): ClientError {
  return error.path === undefined ? error : { ...error, path: clientPath(error.path, keys) }
}

/**
 * The errors of an answer: those that came from subgraphs, and one for each null that none of them explains. At most 200.
 */
export function withProjectionErrors(
  errors: readonly ClientError[],
  projection: readonly ProjectionError[],
  plan: CompiledPlan,
  requestId: string,
): readonly ClientError[] {
  const all = errors.slice(0, MAX_ERRORS)
  for (const problem of projection) {
    if (all.length >= MAX_ERRORS) break
    const { reason, field, path } = problem
    if (problem.reason === 'denied') {
      const { code, retryable } = GATEWAY_ERRORS.UNAUTHORIZED_FIELD_OR_TYPE
      const message = `${field} needs ${problem.lacking}`
      all.push({ message, path, extensions: { code, retryable, requestId } })
      continue
    }
    if (errors.some((error) => error.path !== undefined && isPrefixOf(error.path, path))) continue
    const { code, retryable } = GATEWAY_ERRORS.SUBGRAPH_INVALID_RESPONSE
    const subgraph = subgraphOf(path, plan)
    all.push({
      message:
        reason === 'null'
          ? `${field} must not be null, but its subgraph gave no value`
          : `${field} has a value that its type does not allow`,
      path,
      extensions: { code, ...(subgraph === undefined ? {} : { subgraph }), retryable, requestId },
    })
  }
  return all
}

/** The subgraph that the value at a path comes from. */
function subgraphOf(path: Path, plan: CompiledPlan): string | undefined {
  const keys = path.filter((key) => typeof key === 'string')
  for (let length = keys.length; length > 0; length -= 1) {
    const field = keys.slice(0, length).join('.')
    const fetch = plan.fetches.find(({ written }) => written.has(field))
    if (fetch) return fetch.subgraph
  }
  return undefined
}
