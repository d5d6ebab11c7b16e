import { COMMON_ERRORS, ServiceError, serviceError } from '@bulkhead/service/errors'
import { isRecord } from '@bulkhead/service/json'
import { GATEWAY_ERRORS } from '../errors.ts'

export type GraphqlRequest = {
  /** Undefined where there is a hash instead. */
  readonly query: string | undefined
  /** Of a persisted operation: the SHA-256 of its document, or its id in a manifest. */
  readonly hash: string | undefined
  readonly operationName: string | undefined
  readonly variables: Readonly<Record<string, unknown>>
}

/** A SHA-256 has 64; ids in a manifest are chosen by their owners. */
const MAX_HASH_LENGTH = 256

/** Reads the body of `POST /graphql`, as "GraphQL over HTTP" says; the error says what is wrong with it. */
export function readGraphqlRequest(body: unknown): GraphqlRequest | ServiceError {
  if (Array.isArray(body)) return serviceError(GATEWAY_ERRORS.BATCHING_NOT_SUPPORTED)
  if (!isRecord(body)) return refuse('The body must be a JSON object with the key "query".')
  const { query, operationName, variables, extensions } = body
  if (typeof operationName !== 'string' && !isAbsent(operationName)) {
    return refuse('"operationName" must be text, if it is there.')
  }
  if (!isRecord(variables) && !isAbsent(variables))
    return refuse('"variables" must be an object, if it is there.')
  if (!isRecord(extensions) && !isAbsent(extensions)) {
    return refuse('"extensions" must be an object, if it is there.')
  }
  const hash = persistedQueryHash(isRecord(extensions) ? extensions.persistedQuery : undefined)
  if (hash instanceof ServiceError) return hash
  const hasDocument = typeof query === 'string' && query !== ''
  if (!hasDocument && (hash === undefined || !isAbsent(query))) {
    return refuse('"query" must be a GraphQL document, as text.')
  }
  return {
    query: hasDocument ? query : undefined,
    hash,
    operationName: typeof operationName === 'string' && operationName !== '' ? operationName : undefined,
    variables: isRecord(variables) ? variables : {},
  }
}

/** What `extensions.persistedQuery` of Apollo's clients says; undefined where it is absent. */
function persistedQueryHash(value: unknown): string | undefined | ServiceError {
  if (isAbsent(value)) return undefined
  const { version, sha256Hash: hash } = isRecord(value) ? value : {}
  if (version !== 1) return refuse('"extensions.persistedQuery" must have the version 1.')
  if (typeof hash !== 'string' || hash === '' || hash.length > MAX_HASH_LENGTH) {
    return refuse(
      `"extensions.persistedQuery.sha256Hash" must be text of at most ${MAX_HASH_LENGTH} characters.`,
    )
  }
  return hash
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null
}

function refuse(message: string): ServiceError {
  return serviceError(COMMON_ERRORS.BAD_REQUEST, message)
}
