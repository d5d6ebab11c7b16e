import { isRecord, parseJson } from '@bulkhead/service/json'

/** A GraphQL response, as far as its shape can be known before its errors are read. */
export type SubgraphResponse = {
  readonly data?: Record<string, unknown> | null
  readonly errors?: readonly unknown[]
}

/** Null where the text is no GraphQL response. */
export function parseResponse(text: string): SubgraphResponse | null {
  const value = parseJson(text)
  if (!isRecord(value)) return null
  const { data, errors } = value
  if (data !== undefined && data !== null && !isRecord(data)) return null
  if (errors !== undefined && !Array.isArray(errors)) return null
  if (data === undefined && errors === undefined) return null
  return { ...(data === undefined ? {} : { data }), ...(errors === undefined ? {} : { errors }) }
}
