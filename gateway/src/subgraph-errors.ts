import { COMMON_ERRORS } from '@bulkhead/service/errors'
import type { FetchFailure, ResponseError } from './failed-fetch.ts'

const isRecord = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === 'object' && !Array.isArray(value)

const readPath = (path: unknown): readonly (string | number)[] | undefined =>
  Array.isArray(path) && path.every((part) => typeof part === 'string' || typeof part === 'number')
    ? path
    : undefined

/** Subgraphs mask their own errors; here only what clients are promised passes: message, path, code, retryable. */
const readError = (error: unknown): ResponseError => {
  const record = isRecord(error) ? error : {}
  const extensions = isRecord(record.extensions) ? record.extensions : {}
  const path = readPath(record.path)
  return {
    message: typeof record.message === 'string' ? record.message : COMMON_ERRORS.INTERNAL.meaning,
    ...(path === undefined ? {} : { path }),
    extensions: {
      code: typeof extensions.code === 'string' ? extensions.code : COMMON_ERRORS.INTERNAL.code,
      retryable: extensions.retryable === true,
      ...(isRecord(extensions.details) ? { details: extensions.details } : {}),
    },
  }
}

/** Reads what a subgraph says went wrong; `failure` sums it up where there is no data to go with it. */
export const readSubgraphErrors = (
  errors: readonly unknown[] | undefined,
): { readonly errors: readonly ResponseError[]; failure(subgraph: string): FetchFailure } => {
  const read = (errors ?? []).map(readError)
  return {
    errors: read,
    failure: (subgraph) => {
      const first = read[0]
      return {
        code: String(first?.extensions?.code ?? COMMON_ERRORS.INTERNAL.code),
        message: first?.message ?? `${subgraph} gave no data`,
        retryable: first?.extensions?.retryable === true,
      }
    },
  }
}
