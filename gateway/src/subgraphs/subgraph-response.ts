import { isRecord, parseJson } from '@bulkhead/service/json'

/** A GraphQL response whose errors have not been checked yet. */
export type SubgraphResponse = {
  readonly data?: Record<string, unknown> | null
  readonly errors?: readonly unknown[]
}

/** Null where the text is not a GraphQL response. */
export function parseResponse(text: string): SubgraphResponse | null {
  const value = parseJson(text)
  if (!isRecord(value)) return null
  const { data, errors } = value
  if (data !== undefined && data !== null && !isRecord(data)) return null
  if (errors !== undefined && !Array.isArray(errors)) return null
  if (data === undefined && errors === undefined) return null
  return { ...(data === undefined ? {} : { data }), ...(errors === undefined ? {} : { errors }) }
}
