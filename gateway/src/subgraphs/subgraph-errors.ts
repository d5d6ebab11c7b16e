import { COMMON_ERRORS } from '@bulkhead/service/errors'
import { isRecord } from '@bulkhead/service/json'
import { type FetchFailure, MAX_ERRORS, type ResponseError } from './failed-fetch.ts'

/** Characters. */
const MAX_MESSAGE_LENGTH = 1_000
/** Characters of JSON. */
const MAX_DETAILS_LENGTH = 2_000

/**
 * Our subgraphs give a code to every error that is meant for clients. GraphQL servers give this one to what nobody
 * expected, often with the message of a driver, which may name hosts and files.
 */
const UNEXPECTED = 'INTERNAL_SERVER_ERROR'

/**
 * The gateway translates paths that begin with `_entities` to the client's operation by the index of the entity. A path
 * without an index would reach the client as it is, so it is dropped.
 */
function readPath(path: unknown, ofEntities: boolean): readonly (string | number)[] | undefined {
  if (!Array.isArray(path) || path.length === 0) return undefined
  if (!path.every((part) => typeof part === 'string' || typeof part === 'number')) return undefined
  return ofEntities && typeof path[1] !== 'number' ? undefined : path
}

function readDetails(details: unknown): Record<string, unknown> | undefined {
  return isRecord(details) && JSON.stringify(details).length <= MAX_DETAILS_LENGTH ? details : undefined
}

function internal(subgraph: string): ResponseError {
  return {
    message: `${subgraph} failed at this field`,
    extensions: { code: COMMON_ERRORS.INTERNAL.code, retryable: COMMON_ERRORS.INTERNAL.retryable },
  }
}

/** Passes on message, path, code, retryable and details, and nothing else of an error. */
function readError(error: unknown, subgraph: string, ofEntities: boolean): ResponseError {
  const record = isRecord(error) ? error : {}
  const extensions = isRecord(record.extensions) ? record.extensions : {}
  const path = readPath(record.path, ofEntities)
  const place = path === undefined ? {} : { path }
  const { code } = extensions
  if (typeof code !== 'string' || code === UNEXPECTED || typeof record.message !== 'string') {
    return { ...internal(subgraph), ...place }
  }
  const details = readDetails(extensions.details)
  return {
    message: record.message.slice(0, MAX_MESSAGE_LENGTH),
    ...place,
    extensions: {
      code,
      retryable: extensions.retryable === true,
      ...(details === undefined ? {} : { details }),
    },
  }
}

/** A subgraph's errors in the form in which clients see them, at most 200. */
export function readSubgraphErrors(
  errors: readonly unknown[] | undefined,
  fetch: { readonly subgraph: string; readonly ofEntities: boolean },
): readonly ResponseError[] {
  return (errors ?? [])
    .slice(0, MAX_ERRORS)
    .map((error) => readError(error, fetch.subgraph, fetch.ofEntities))
}

/** The one error for fields without an error of their own: the first without a path, else the first. */
export function summarize(errors: readonly ResponseError[], subgraph: string): FetchFailure {
  const error = errors.find(({ path }) => path === undefined) ?? errors[0] ?? internal(subgraph)
  const { code, retryable, details } = error.extensions ?? {}
  return {
    message: error.message,
    code: String(code),
    retryable: retryable === true,
    ...(isRecord(details) ? { details } : {}),
  }
}
