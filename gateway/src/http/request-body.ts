import { COMMON_ERRORS, type ServiceError, serviceError } from '@bulkhead/service/errors'
import { refuseDeepVariables } from '@bulkhead/service/graphql/document-limits'
import { isRecord } from '@bulkhead/service/json'
import { GATEWAY_ERRORS } from '../errors.ts'

export type GraphqlRequest = {
  readonly query: string
  readonly operationName: string | undefined
  readonly variables: Readonly<Record<string, unknown>>
}

/** Reads the body of `POST /graphql`, as "GraphQL over HTTP" says; the error says what is wrong with it. */
export function readGraphqlRequest(body: unknown): GraphqlRequest | ServiceError {
  if (Array.isArray(body)) return serviceError(GATEWAY_ERRORS.BATCHING_NOT_SUPPORTED)
  if (!isRecord(body)) return refuse('The body must be a JSON object with the key "query".')
  const { query, operationName, variables, extensions } = body
  if (query === undefined && isRecord(extensions) && extensions.persistedQuery !== undefined) {
    return serviceError(COMMON_ERRORS.PERSISTED_QUERY_NOT_SUPPORTED)
  }
  if (typeof query !== 'string' || query === '') return refuse('"query" must be a GraphQL document, as text.')
  if (typeof operationName !== 'string' && !isAbsent(operationName)) {
    return refuse('"operationName" must be text, if it is there.')
  }
  if (!isRecord(variables) && !isAbsent(variables))
    return refuse('"variables" must be an object, if it is there.')
  if (!isRecord(extensions) && !isAbsent(extensions)) {
    return refuse('"extensions" must be an object, if it is there.')
  }
  const tooDeep = refuseDeepVariables(variables)
  if (tooDeep) return tooDeep
  return {
    query,
    operationName: typeof operationName === 'string' && operationName !== '' ? operationName : undefined,
    variables: isRecord(variables) ? variables : {},
  }
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null
}

function refuse(message: string): ServiceError {
  return serviceError(COMMON_ERRORS.BAD_REQUEST, message)
}
