import { isUtf8 } from 'node:buffer'
import { isRecord, parseJson } from '@bulkhead/service/json'
import type { HttpResult } from './http1/http-result.ts'
import { type SubgraphOutcome, type SubgraphResponse, TAKEN } from './subgraph-outcome.ts'
import type { TakeAnswer } from './subgraph-request.ts'

/** Null where the text is not a GraphQL response. */
function parseResponse(text: string): SubgraphResponse | null {
  const value = parseJson(text)
  if (!isRecord(value)) return null
  const { data, errors } = value
  if (data !== undefined && data !== null && !isRecord(data)) return null
  if (errors === undefined) return data === undefined ? null : { data }
  if (!Array.isArray(errors)) return null
  return data === undefined ? { errors } : { data, errors }
}

/**
 * What the end of an HTTP exchange means. Each call parses anew, so that each caller has objects of its own.
 * @param take null for a caller who needs them
 */
export function readOutcome(result: HttpResult, take: TakeAnswer | null): SubgraphOutcome {
  if (result.type === 'broken') return { type: 'unavailable', detail: result.detail }
  if (result.type === 'unreadable') return { type: 'invalid', detail: result.detail }
  const { status, mediaType, body } = result
  if (status >= 500 || status === 401) return { type: 'unavailable', detail: `HTTP ${status}` }
  if (mediaType !== '' && !mediaType.includes('json')) {
    return { type: 'invalid', detail: `HTTP ${status} with the content type ${mediaType.slice(0, 100)}` }
  }
  if (take !== null && status === 200 && isUtf8(body) && take(body)) return TAKEN
  const response = parseResponse(body.toString('utf8'))
  if (response) return { type: 'answered', response }
  return { type: 'invalid', detail: `HTTP ${status} without a GraphQL answer` }
}
